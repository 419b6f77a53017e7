// LogSink: where lines that belong to an app go, its own output as well as the cell's words on it.
// Source: reference/behaviours.md section 10 "log pipeline".
#pragma once

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/rep/containers/runtime.h"

namespace diego::rep {

// Who a line is from.
struct LogOrigin {
  std::string container_guid;
  std::map<std::string, std::string> tags;  // source_id, instance_id and the app's metric tags
};

struct LogLine {
  absl::Time time;
  Stream stream = Stream::kStdout;
  std::string source;  // "APP/PROC/WEB", "HEALTH", "LOG" …
  std::string text;    // without a line end

  friend bool operator==(const LogLine&, const LogLine&) = default;
};

// Any thread; does not block for long.
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void Write(const LogOrigin& origin, const LogLine& line) = 0;
  // No more lines will come from this container.
  virtual void Close(const std::string& container_guid) = 0;
};

}  // namespace diego::rep
