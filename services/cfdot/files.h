// Reads a file whole.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace diego::cfdot {

// Validation failure "<kind> file '<path>' doesn't exist or is not readable: <why>", also for a
// directory.
absl::StatusOr<std::string> ReadFile(absl::string_view kind, const std::string& path);

}  // namespace diego::cfdot
