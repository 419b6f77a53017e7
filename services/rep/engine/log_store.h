// LogStore: the last lines of every container's log, for operators to read and follow. Thread-safe.
//
// Lines are numbered from 0 for each container; older ones make room for newer ones. Those of a
// container that has ended are kept for a while, so that a crash can be understood.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/sync/guarded.h"
#include "services/rep/containers/log_sink.h"

namespace diego::rep {

struct LogStoreOptions {
  size_t most_lines = 1000;       // of one container
  size_t most_bytes = 256 << 10;  // of one container
  size_t most_ended = 100;        // containers that have ended
};

struct LogChunk {
  std::vector<LogLine> lines;
  uint64_t next = 0;   // number of the line after these
  bool ended = false;  // no line will come after these
};

class LogStore final : public LogSink {
 public:
  explicit LogStore(const LogStoreOptions& options) : options_(options) {}

  void Write(const LogOrigin& origin, const LogLine& line) override;
  void Close(const std::string& container_guid) override;

  // The number of the first of the last `tail` lines (0 = all that are kept). Nothing when the
  // container is not known.
  std::optional<uint64_t> TailStart(const std::string& container_guid, size_t tail) const;
  // At most `most` lines from number `from` on, or from the oldest that is kept. An empty ended
  // chunk when the container is not known (any more).
  LogChunk Read(const std::string& container_guid, uint64_t from, size_t most) const;

  // Waits until something has been written since `version` was returned, or `timeout` has passed;
  // returns the version now.
  uint64_t Wait(uint64_t version, absl::Duration timeout);

 private:
  struct Log {
    std::deque<LogLine> lines;
    uint64_t first = 0;  // number of lines.front()
    size_t bytes = 0;
    bool ended = false;
  };
  struct Data {
    std::map<std::string, Log> logs;
    std::deque<std::string> ended;  // oldest first
    uint64_t version = 0;
  };

  const LogStoreOptions options_;
  Guarded<Data> data_;
};

}  // namespace diego::rep
