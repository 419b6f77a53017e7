#include "services/bbs/api/caller.h"

#include "absl/strings/ascii.h"

namespace diego::bbs {

std::string TraceIdOf(absl::string_view header) {
  constexpr size_t kLongest = 64;
  std::string id;
  for (const char c : header) {
    if (c == '-') continue;
    if (!absl::ascii_isxdigit(c) || id.size() == kLongest) return "";
    id += absl::ascii_tolower(c);
  }
  return id;
}

}  // namespace diego::bbs
