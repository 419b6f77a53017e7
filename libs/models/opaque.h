// Opaque: bytes that are kept and handed on whole, never looked into by a rule. Immutable and
// shared: copying a record does not copy them. Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <utility>

namespace diego {

class Opaque {
 public:
  Opaque() = default;
  explicit Opaque(std::string bytes)
      : bytes_(bytes.empty() ? nullptr : std::make_shared<const std::string>(std::move(bytes))) {}

  const std::string& bytes() const {
    static const std::string kEmpty;
    return bytes_ ? *bytes_ : kEmpty;
  }
  bool empty() const { return bytes_ == nullptr; }

  friend bool operator==(const Opaque& a, const Opaque& b) {
    return a.bytes_ == b.bytes_ || a.bytes() == b.bytes();
  }

 private:
  std::shared_ptr<const std::string> bytes_;
};

}  // namespace diego
