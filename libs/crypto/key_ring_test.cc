#include "libs/crypto/key_ring.h"

#include <catch2/catch.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "libs/models/error.h"

namespace diego::crypto {
namespace {

NonceSource FixedNonce() {
  return [] { return Nonce{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}; };
}

KeyRing Ring(absl::string_view active, const std::map<std::string, std::string>& keys) {
  auto ring = KeyRing::Make(active, keys, FixedNonce());
  REQUIRE(ring.ok());
  return *std::move(ring);
}

TEST_CASE("seal: the envelope is label, nonce, ciphertext and tag, as computed elsewhere",
          "[crypto]") {
  const KeyRing ring = Ring("label", {{"label", "some passphrase"}});
  // Computed with Python's cryptography package:
  // AESGCM(sha256(b"some passphrase").digest()).encrypt(bytes(range(12)), b"hello, diego", None)
  CHECK(absl::BytesToHexString(ring.Seal("hello, diego")) ==
        "056c6162656c000102030405060708090a0b2fef34c8621dcaf76c5eafcb4b7ed2124e2814e6319420a1afdf50"
        "4f");
  CHECK(ring.Encode("hello, diego") ==
        "02BWxhYmVsAAECAwQFBgcICQoLL+80yGIdyvdsXq/LS37SEk4oFOYxlCChr99QTw==");
  CHECK(ring.Decode("02BWxhYmVsAAECAwQFBgcICQoLL+80yGIdyvdsXq/LS37SEk4oFOYxlCChr99QTw==").value() ==
        "hello, diego");
}

TEST_CASE("decode: the key is picked by label, whichever is active", "[crypto]") {
  const KeyRing old_ring = Ring("old", {{"old", "a"}});
  const KeyRing new_ring = Ring("new", {{"old", "a"}, {"new", "b"}});
  CHECK(new_ring.Decode(old_ring.Encode("text")).value() == "text");
  CHECK(new_ring.Decode(new_ring.Encode("text")).value() == "text");
  const auto unknown = old_ring.Decode(new_ring.Encode("text"));
  CHECK(IsDiegoError(unknown.status(), ErrorType::kFailedToOpenEnvelope));
  CHECK(absl::StrContains(unknown.status().message(), "\"new\""));
}

TEST_CASE("seal: empty and large plaintexts come back", "[crypto]") {
  const KeyRing ring = Ring("k", {{"k", "p"}});
  CHECK(ring.Open(ring.Seal("")).value().empty());
  const std::string large(3'000'000, '\x7f');
  CHECK(ring.Decode(ring.Encode(large)).value() == large);
}

TEST_CASE("open: any altered or missing byte is refused and the label named", "[crypto]") {
  const KeyRing ring = Ring("key-1", {{"key-1", "p"}});
  const std::string envelope = ring.Seal("payload");
  for (size_t i = 0; i < envelope.size(); ++i) {
    std::string altered = envelope;
    altered[i] = static_cast<char>(altered[i] ^ 0x01);
    const auto opened = ring.Open(altered);
    REQUIRE(IsDiegoError(opened.status(), ErrorType::kFailedToOpenEnvelope));
    if (i >= 6) CHECK(absl::StrContains(opened.status().message(), "\"key-1\""));
    REQUIRE_FALSE(ring.Open(envelope.substr(0, i)).ok());
  }
}

TEST_CASE("open: the same label with another passphrase is refused", "[crypto]") {
  const KeyRing one = Ring("k", {{"k", "p"}});
  const KeyRing two = Ring("k", {{"k", "q"}});
  CHECK_FALSE(two.Open(one.Seal("payload")).ok());
}

TEST_CASE("decode: encodings of old and garbage are refused by name", "[crypto]") {
  const KeyRing ring = Ring("k", {{"k", "p"}});
  CHECK(ring.Decode("00{}").status().message() == "Unknown encoding: 00");
  CHECK(ring.Decode("01e30=").status().message() == "Unknown encoding: 01");
  CHECK(ring.Decode("").status().message() == "Unknown encoding: ");
  CHECK_FALSE(ring.Decode("02not base64!").ok());
  CHECK_FALSE(ring.Decode("02").ok());
}

TEST_CASE("label: column text says which key it is under, without being opened", "[crypto]") {
  for (const char* label : {"k", "ke", "key", "key-1", "key-1-of-2026"}) {
    INFO(label);
    const KeyRing ring = Ring(label, {{label, "p"}, {"other", "q"}});
    const KeyRing other = Ring("other", {{label, "p"}, {"other", "q"}});
    const KeyRing longer = Ring(std::string(label) + "x", {{std::string(label) + "x", "p"}});
    const std::string text = ring.Encode("payload");
    CHECK(ring.IsUnderActiveKey(text));
    CHECK_FALSE(other.IsUnderActiveKey(text));
    CHECK_FALSE(longer.IsUnderActiveKey(text));
    for (const char* bad : {"", "0", "02", "02A", "02AAAA", "00{}", "02not base64!"}) {
      CHECK_FALSE(ring.IsUnderActiveKey(bad));
    }
  }
}

TEST_CASE("make: labels and the active key are checked, passphrases not shown", "[crypto]") {
  CHECK_FALSE(KeyRing::Make("a", {{"b", "secret"}}).ok());
  CHECK_FALSE(KeyRing::Make("a", {}).ok());
  CHECK_FALSE(KeyRing::Make("", {{"", "secret"}}).ok());
  const std::string long_label(128, 'x');
  const auto refused = KeyRing::Make(long_label, {{long_label, "secret"}});
  REQUIRE_FALSE(refused.ok());
  CHECK_FALSE(absl::StrContains(refused.status().message(), "secret"));
  CHECK(KeyRing::Make(std::string(127, 'x'), {{std::string(127, 'x'), "p"}}).ok());
}

TEST_CASE("random nonces: no two are the same", "[crypto]") {
  const NonceSource nonces = RandomNonces();
  CHECK(nonces() != nonces());
}

}  // namespace
}  // namespace diego::crypto
