// TeeSink: app logs to two sinks: files that outlive the rep, and memory that is quick to follow.
#pragma once

#include <string>

#include "services/rep/containers/log_sink.h"

namespace diego::rep {

// As thread-safe as both sinks, which outlive it.
class TeeSink final : public LogSink {
 public:
  TeeSink(LogSink& first, LogSink& second) : first_(first), second_(second) {}
  void Write(const LogOrigin& origin, const LogLine& line) override {
    first_.Write(origin, line);
    second_.Write(origin, line);
  }
  void Close(const std::string& container_guid) override {
    first_.Close(container_guid);
    second_.Close(container_guid);
  }

 private:
  LogSink& first_;
  LogSink& second_;
};

}  // namespace diego::rep
