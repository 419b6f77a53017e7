#include "libs/http_client/server_sent_events.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace diego::http_client {
namespace {
constexpr size_t kLongestLine = 256 << 20;
}

bool ServerSentEvents::Feed(absl::string_view bytes, const Take& take) {
  for (size_t at = 0; at < bytes.size();) {
    const size_t end = bytes.find('\n', at);
    absl::StrAppend(&line_, bytes.substr(at, end == absl::string_view::npos ? end : end - at));
    if (line_.size() > kLongestLine) return false;
    if (end == absl::string_view::npos) return true;
    if (!EndLine(take)) return false;
    line_.clear();
    at = end + 1;
  }
  return true;
}

bool ServerSentEvents::EndLine(const Take& take) {
  absl::string_view line = absl::StripSuffix(line_, "\r");
  if (absl::ConsumePrefix(&line, "event:")) {
    name_ = std::string(absl::StripLeadingAsciiWhitespace(line));
  } else if (absl::ConsumePrefix(&line, "data:")) {
    absl::StrAppend(&data_, absl::StripLeadingAsciiWhitespace(line));
  } else if (line.empty()) {
    if (name_.empty() && data_.empty()) return true;
    std::string bytes;
    if (!absl::Base64Unescape(data_, &bytes)) return false;
    take(name_, bytes);
    name_.clear();
    data_.clear();
  }
  return true;  // ids and comments say nothing to us
}

}  // namespace diego::http_client
