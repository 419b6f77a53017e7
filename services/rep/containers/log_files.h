// LogFiles: a LogSink that keeps each container's lines in files of its own, for `cfdot logs` and
// for operators.
//
//   DIR/GUID.log        the newest lines, one a row: time TAB OUT|ERR TAB source TAB text
//   DIR/GUID.log.1      the lines before those
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/sync/guarded.h"
#include "services/rep/containers/log_sink.h"
#include "services/rep/containers/unique_fd.h"

namespace diego::rep {

struct LogFilesConfig {
  std::string dir;
  uint64_t max_file_bytes = 4 << 20;   // two files of this size a container
  size_t max_closed_containers = 200;  // logs kept of containers that are gone
};

// Thread-safe.
class LogFiles final : public LogSink {
 public:
  using Follower = std::function<void(const LogLine&)>;

  explicit LogFiles(LogFilesConfig config);
  // Makes the directory; what a former process left counts as closed.
  absl::Status Start();

  void Write(const LogOrigin& origin, const LogLine& line) override;
  void Close(const std::string& container_guid) override;

  // The last `most_lines` lines, oldest first. NotFound when nothing was ever written.
  absl::StatusOr<std::vector<LogLine>> Tail(const std::string& container_guid,
                                            size_t most_lines) const;
  // Calls `follower` for each later line, on the writer's thread and under this object's lock: it
  // must not block or call back. The returned handle ends it when dropped.
  std::shared_ptr<void> Follow(const std::string& container_guid, Follower follower);

 private:
  struct Open {
    UniqueFd fd;
    uint64_t bytes = 0;
  };
  struct State {
    std::map<std::string, Open> open;
    std::list<std::string> closed;  // oldest first
    std::map<uint64_t, std::pair<std::string, Follower>> followers;
    uint64_t next_follower = 1;
  };
  std::string Path(const std::string& guid) const;
  void Append(State& state, const std::string& guid, const LogLine& line) const;
  void RemoveExcess(State& state) const;

  const LogFilesConfig config_;
  const std::shared_ptr<Guarded<State>> state_ = std::make_shared<Guarded<State>>();
};

// One row of such a file, without the line end, and back. Pure; for tests and readers.
std::string FormatLogLine(const LogLine& line);
bool ParseLogLine(absl::string_view row, LogLine* line);

}  // namespace diego::rep
