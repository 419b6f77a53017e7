#include "libs/wire/utf8.h"

#include <algorithm>
#include <cstdint>

namespace diego::wire {
namespace {

bool IsContinuation(char c) { return (static_cast<uint8_t>(c) & 0xc0) == 0x80; }

// The bytes of the character that `text` starts with; 0 when it starts with none.
size_t CharacterBytes(absl::string_view text) {
  const auto byte = [text](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(0);
  if (first < 0x80) return 1;
  const size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return 0;
  for (size_t i = 1; i < size; ++i) {
    if (!IsContinuation(text[i])) return 0;
  }
  // Neither overlong forms, nor surrogates, nor anything past U+10FFFF.
  const uint8_t second = byte(1);
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
      (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) {
    return 0;
  }
  return size;
}

}  // namespace

std::string ValidUtf8(absl::string_view text) {
  const bool ascii = std::none_of(text.begin(), text.end(),
                                  [](char c) { return static_cast<uint8_t>(c) >= 0x80; });
  if (ascii) return std::string(text);
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    const size_t size = CharacterBytes(text);
    if (size == 0) {
      valid.append("\xef\xbf\xbd");
      text.remove_prefix(1);
    } else {
      valid.append(text.data(), size);
      text.remove_prefix(size);
    }
  }
  return valid;
}

}  // namespace diego::wire
