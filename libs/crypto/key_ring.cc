#include "libs/crypto/key_ring.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <memory>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "libs/base/check.h"
#include "libs/base/status_util.h"
#include "libs/models/error.h"

namespace diego::crypto {
namespace {

constexpr size_t kTagSize = 16;
constexpr size_t kMostLabelBytes = 127;
constexpr absl::string_view kEncodingPrefix = "02";

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

// Looked up once: OpenSSL 3 searches its providers under a lock whenever an algorithm is named.
const EVP_CIPHER* Aes256Gcm() {
  static const EVP_CIPHER* const kCipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  DIEGO_CHECK(kCipher != nullptr) << "OpenSSL has no AES-256-GCM";
  return kCipher;
}

const uint8_t* BytesOf(absl::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}
uint8_t* BytesOf(std::string& text) { return reinterpret_cast<uint8_t*>(text.data()); }

absl::Status Unopened(absl::string_view why) {
  return DiegoError(ErrorType::kFailedToOpenEnvelope,
                    absl::StrCat("could not open envelope: ", why));
}

}  // namespace

NonceSource RandomNonces() {
  return [] {
    Nonce nonce;
    DIEGO_CHECK(RAND_bytes(nonce.data(), static_cast<int>(nonce.size())) == 1) << "no entropy";
    return nonce;
  };
}

KeyRing::KeyRing(std::string active_label, std::map<std::string, Key, std::less<>> keys,
                 NonceSource nonces)
    : active_label_(std::move(active_label)), keys_(std::move(keys)), nonces_(std::move(nonces)) {}

absl::StatusOr<KeyRing> KeyRing::Make(absl::string_view active_label,
                                      const std::map<std::string, std::string>& passphrases,
                                      NonceSource nonces) {
  std::map<std::string, Key, std::less<>> keys;
  for (const auto& [label, passphrase] : passphrases) {
    if (label.empty() || label.size() > kMostLabelBytes) {
      return absl::InvalidArgumentError(absl::StrCat("encryption_keys: label \"", label, "\" has ",
                                                     label.size(), " bytes; wanted 1 to 127"));
    }
    Key& key = keys[label];
    SHA256(BytesOf(passphrase), passphrase.size(), key.data());
  }
  if (!keys.contains(active_label)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "active_key_label: \"", active_label, "\" is not among the labels of encryption_keys"));
  }
  return KeyRing(std::string(active_label), std::move(keys), std::move(nonces));
}

bool KeyRing::Knows(absl::string_view label) const { return keys_.contains(label); }

std::string KeyRing::Seal(absl::string_view plaintext) const {
  const Key& key = keys_.find(active_label_)->second;
  const Nonce nonce = nonces_();
  std::string envelope(1, static_cast<char>(active_label_.size()));
  absl::StrAppend(&envelope, active_label_,
                  absl::string_view(reinterpret_cast<const char*>(nonce.data()), nonce.size()));
  const size_t head = envelope.size();
  envelope.resize(head + plaintext.size() + kTagSize);
  uint8_t* out = BytesOf(envelope) + head;

  const Cipher cipher(EVP_CIPHER_CTX_new());
  int written = 0;
  int rest = 0;
  const bool sealed =
      EVP_EncryptInit_ex(cipher.get(), Aes256Gcm(), nullptr, key.data(), nonce.data()) == 1 &&
      EVP_EncryptUpdate(cipher.get(), out, &written, BytesOf(plaintext),
                        static_cast<int>(plaintext.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), out + written, &rest) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagSize, out + plaintext.size()) ==
          1;
  DIEGO_CHECK(sealed) << "AES-256-GCM";
  return envelope;
}

absl::StatusOr<std::string> KeyRing::Open(absl::string_view envelope) const {
  if (envelope.empty()) return Unopened("it is empty");
  const size_t label_size = static_cast<uint8_t>(envelope[0]);
  if (label_size == 0 || label_size > kMostLabelBytes || envelope.size() < 1 + label_size) {
    return Unopened("its key label is cut off");
  }
  const absl::string_view label = envelope.substr(1, label_size);
  const auto found = keys_.find(label);
  if (found == keys_.end()) {
    return Unopened(absl::StrCat("key label \"", absl::CHexEscape(label), "\" is not known"));
  }
  envelope.remove_prefix(1 + label_size);
  if (envelope.size() < std::tuple_size_v<Nonce> + kTagSize) {
    return Unopened(absl::StrCat("key label \"", label, "\": it is cut off"));
  }
  const absl::string_view nonce = envelope.substr(0, std::tuple_size_v<Nonce>);
  const absl::string_view sealed =
      envelope.substr(nonce.size(), envelope.size() - nonce.size() - kTagSize);
  std::string tag(envelope.substr(envelope.size() - kTagSize));

  std::string plaintext(sealed.size(), '\0');
  const Cipher cipher(EVP_CIPHER_CTX_new());
  int written = 0;
  int rest = 0;
  const bool opened =
      EVP_DecryptInit_ex(cipher.get(), Aes256Gcm(), nullptr, found->second.data(),
                         BytesOf(nonce)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), BytesOf(plaintext), &written, BytesOf(sealed),
                        static_cast<int>(sealed.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagSize, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), BytesOf(plaintext) + written, &rest) == 1;
  if (!opened) {
    return Unopened(absl::StrCat("key label \"", label, "\": wrong key or altered bytes"));
  }
  return plaintext;
}

std::string KeyRing::Encode(absl::string_view plaintext) const {
  return absl::StrCat(kEncodingPrefix, absl::Base64Escape(Seal(plaintext)));
}

absl::StatusOr<std::string> KeyRing::Decode(absl::string_view column_text) const {
  const absl::string_view prefix = column_text.substr(0, kEncodingPrefix.size());
  if (prefix != kEncodingPrefix) {
    return DiegoError(ErrorType::kDeserialize,
                      absl::StrCat("Unknown encoding: ", absl::CHexEscape(prefix)));
  }
  std::string envelope;
  if (!absl::Base64Unescape(column_text.substr(kEncodingPrefix.size()), &envelope)) {
    return Unopened("it is not base64");
  }
  return Open(envelope);
}

bool KeyRing::IsUnderActiveKey(absl::string_view column_text) const {
  if (!absl::ConsumePrefix(&column_text, kEncodingPrefix)) return false;
  // Length byte and label, in whole groups of four characters for three bytes.
  const size_t groups = (1 + active_label_.size() + 2) / 3;
  std::string head;
  if (!absl::Base64Unescape(column_text.substr(0, 4 * groups), &head)) return false;
  return head.size() > active_label_.size() &&
         static_cast<uint8_t>(head[0]) == active_label_.size() &&
         absl::string_view(head).substr(1, active_label_.size()) == active_label_;
}

}  // namespace diego::crypto
