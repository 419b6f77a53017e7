// KeyRing: named AES-256 keys and the envelope that stored payloads are sealed in.
// Source: reference/sql-schema.md "Data-at-rest encoding".
//
//   envelope = label length L (1 byte, 1..127) | L bytes label | 12 bytes nonce |
//              AES-256-GCM ciphertext and 16-byte tag; no additional data
//   column   = "02" | standard padded base64 of the envelope
//   key      = SHA-256 of the passphrase
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace diego::crypto {

using Nonce = std::array<uint8_t, 12>;
// Yields 12 bytes that were never yielded before. Called by whichever thread seals.
using NonceSource = std::function<Nonce()>;

// Nonces from the operating system's entropy. Thread-safe.
NonceSource RandomNonces();

// Immutable once made; Seal is as thread-safe as its nonce source, everything else is thread-safe.
class KeyRing {
 public:
  // `passphrases`: label -> passphrase; sealing uses the key labelled `active_label`, opening picks
  // by label. InvalidArgument names the label at fault, never a passphrase.
  static absl::StatusOr<KeyRing> Make(absl::string_view active_label,
                                      const std::map<std::string, std::string>& passphrases,
                                      NonceSource nonces = RandomNonces());

  const std::string& active_label() const { return active_label_; }
  bool Knows(absl::string_view label) const;

  // The envelope's bytes.
  std::string Seal(absl::string_view plaintext) const;
  // DiegoError FailedToOpenEnvelope, naming the key label: a label not known, a cut envelope, a
  // wrong key or altered bytes.
  absl::StatusOr<std::string> Open(absl::string_view envelope) const;

  // The same as column text. "Unknown encoding: …" for every prefix but "02".
  std::string Encode(absl::string_view plaintext) const;
  absl::StatusOr<std::string> Decode(absl::string_view column_text) const;
  // Whether column text says that it is sealed with the active key; looks at its label only.
  bool IsUnderActiveKey(absl::string_view column_text) const;

 private:
  using Key = std::array<uint8_t, 32>;
  KeyRing(std::string active_label, std::map<std::string, Key, std::less<>> keys,
          NonceSource nonces);

  std::string active_label_;
  std::map<std::string, Key, std::less<>> keys_;
  NonceSource nonces_;
};

}  // namespace diego::crypto
