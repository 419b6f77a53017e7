#include "services/rep/containers/log_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "libs/base/status_util.h"
#include "services/rep/containers/file_io.h"

namespace diego::rep {
namespace {

constexpr char kTimeFormat[] = "%Y-%m-%dT%H:%M:%E9SZ";

bool IsGuid(const std::string& guid) {
  return !guid.empty() && guid[0] != '.' && guid.find('/') == std::string::npos;
}

}  // namespace

std::string FormatLogLine(const LogLine& line) {
  return absl::StrCat(absl::FormatTime(kTimeFormat, line.time, absl::UTCTimeZone()), "\t",
                      line.stream == Stream::kStdout ? "OUT" : "ERR", "\t", line.source, "\t",
                      line.text);
}

bool ParseLogLine(absl::string_view row, LogLine* line) {
  const std::vector<absl::string_view> parts = absl::StrSplit(row, absl::MaxSplits('\t', 3));
  if (parts.size() != 4 ||
      !absl::ParseTime(kTimeFormat, std::string(parts[0]), &line->time, nullptr)) {
    return false;
  }
  line->stream = parts[1] == "ERR" ? Stream::kStderr : Stream::kStdout;
  line->source = std::string(parts[2]);
  line->text = std::string(parts[3]);
  return true;
}

LogFiles::LogFiles(LogFilesConfig config) : config_(std::move(config)) {}

std::string LogFiles::Path(const std::string& guid) const {
  return absl::StrCat(config_.dir, "/", guid, ".log");
}

absl::Status LogFiles::Start() {
  DIEGO_RETURN_IF_ERROR(MakeDirectories(config_.dir));
  state_->With([&](State& state) {
    for (const std::string& name : ListDirectory(config_.dir)) {
      absl::string_view guid = name;
      if (absl::ConsumeSuffix(&guid, ".log")) state.closed.emplace_back(guid);
    }
    RemoveExcess(state);
  });
  return absl::OkStatus();
}

// Rows go to the page cache; a slow disk is met by the kernel's own write-back.
void LogFiles::Append(State& state, const std::string& guid, const LogLine& line) const {
  Open& file = state.open[guid];
  const std::string path = Path(guid);
  if (file.fd.valid() && file.bytes >= config_.max_file_bytes) {
    (void)rename(path.c_str(), absl::StrCat(path, ".1").c_str());
    file.fd.Reset();
  }
  if (!file.fd.valid()) {
    file.fd.Reset(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
    struct stat info {};
    file.bytes = file.fd.valid() && fstat(file.fd.get(), &info) == 0 ? info.st_size : 0;
  }
  const std::string row = absl::StrCat(FormatLogLine(line), "\n");
  // A full disk loses lines of apps, and must not do more harm than that.
  if (file.fd.valid() && write(file.fd.get(), row.data(), row.size()) > 0) {
    file.bytes += row.size();
  }
}

void LogFiles::Write(const LogOrigin& origin, const LogLine& line) {
  if (!IsGuid(origin.container_guid)) return;
  state_->With([&](State& state) {
    Append(state, origin.container_guid, line);
    for (const auto& [id, follower] : state.followers) {
      if (follower.first == origin.container_guid) follower.second(line);
    }
  });
}

void LogFiles::Close(const std::string& container_guid) {
  state_->With([&](State& state) {
    if (state.open.erase(container_guid) == 0) return;
    state.closed.push_back(container_guid);
    RemoveExcess(state);
  });
}

void LogFiles::RemoveExcess(State& state) const {
  while (state.closed.size() > config_.max_closed_containers) {
    const std::string path = Path(state.closed.front());
    unlink(path.c_str());
    unlink(absl::StrCat(path, ".1").c_str());
    state.closed.pop_front();
  }
}

absl::StatusOr<std::vector<LogLine>> LogFiles::Tail(const std::string& container_guid,
                                                    size_t most_lines) const {
  if (!IsGuid(container_guid)) {
    return absl::InvalidArgumentError(absl::StrCat("'", container_guid, "' is not a guid"));
  }
  const std::string path = Path(container_guid);
  const absl::StatusOr<std::string> newest = ReadWholeFile(path);
  if (!newest.ok()) {
    return absl::NotFoundError(absl::StrCat("there are no logs of ", container_guid));
  }
  const std::string older = ReadWholeFile(absl::StrCat(path, ".1")).value_or("");
  std::vector<LogLine> lines;
  for (const absl::string_view part : {absl::string_view(older), absl::string_view(*newest)}) {
    for (absl::string_view row : absl::StrSplit(part, '\n', absl::SkipEmpty())) {
      LogLine line;
      if (ParseLogLine(row, &line)) lines.push_back(std::move(line));
    }
  }
  if (lines.size() > most_lines) lines.erase(lines.begin(), lines.end() - most_lines);
  return lines;
}

std::shared_ptr<void> LogFiles::Follow(const std::string& container_guid, Follower follower) {
  const uint64_t id = state_->With([&](State& state) {
    state.followers.emplace(state.next_follower,
                            std::make_pair(container_guid, std::move(follower)));
    return state.next_follower++;
  });
  return std::shared_ptr<void>(nullptr, [state = state_, id](void*) {
    state->With([&](State& s) { s.followers.erase(id); });
  });
}

}  // namespace diego::rep
