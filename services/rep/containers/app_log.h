// The log of one container's app: marks lines with where they are from and keeps to the limits.
// Source: reference/behaviours.md section 10 "log pipeline".
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "libs/base/clock.h"
#include "services/rep/containers/executor.h"
#include "services/rep/containers/log_rate.h"
#include "services/rep/containers/log_sink.h"

namespace diego::rep {

// Used on the event loop's thread.
class AppLog {
 public:
  AppLog(const std::string& container_guid, const LogConfig& config, int64_t lines_per_second,
         LogSink& sink, const Clock& clock);

  // `source` empty = the app's default source.
  void Write(Stream stream, absl::string_view source, absl::string_view text);
  const std::string& default_source() const { return default_source_; }

 private:
  void WriteUnlimited(Stream stream, absl::string_view source, absl::string_view text);

  LogOrigin origin_;
  std::string default_source_;
  LogRate rate_;
  LogSink& sink_;
  const Clock& clock_;
};

}  // namespace diego::rep
