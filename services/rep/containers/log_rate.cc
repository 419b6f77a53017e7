#include "services/rep/containers/log_rate.h"

#include "absl/strings/str_cat.h"

namespace diego::rep {

LogRate::Answer LogRate::OnLine(size_t bytes, absl::Duration now) {
  if (limits_.bytes_per_second == 0) return {};
  if (now - window_start_ >= absl::Seconds(1)) {
    window_start_ = now;
    bytes_ = 0;
    lines_ = 0;
    complained_ = false;
  }
  const bool too_many_bytes = limits_.bytes_per_second > 0 &&
                              bytes_ + static_cast<int64_t>(bytes) > limits_.bytes_per_second;
  const bool too_many_lines = limits_.lines_per_second > 0 && lines_ + 1 > limits_.lines_per_second;
  if (!too_many_bytes && !too_many_lines) {
    bytes_ += static_cast<int64_t>(bytes);
    ++lines_;
    return {true, ""};
  }
  Answer answer;
  if (!complained_) {
    complained_ = true;
    answer.complaint = too_many_bytes ? absl::StrCat("app instance exceeded log rate limit (",
                                                     limits_.bytes_per_second, " bytes/sec)")
                                      : absl::StrCat("app instance exceeded log rate limit (",
                                                     limits_.lines_per_second,
                                                     " log-lines/sec) set by platform operator");
  }
  return answer;
}

}  // namespace diego::rep
