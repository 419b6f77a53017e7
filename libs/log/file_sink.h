// Where log lines go: stdout, or the end of a file.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace diego::log {

// For Options::sink: appends each line, with a newline, in one write, so that the file may be
// truncated meanwhile (logrotate's copytruncate). Made if missing, for its owner alone. Unavailable
// with the path and the reason when it cannot be opened; a line that cannot be written is lost.
absl::StatusOr<std::function<void(absl::string_view)>> FileSink(const std::string& path);

// For Options::sink, and what it is by default: each line flushed.
std::function<void(absl::string_view)> StdoutSink();

}  // namespace diego::log
