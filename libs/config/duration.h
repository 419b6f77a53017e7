// Durations in Go's syntax, the only form in which configuration writes them: "30s", "1m30s",
// "500ms", "1h0m0s", "-2.5s", "0". Source: reference/config-and-metrics.md, type d.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace diego::config {

// InvalidArgument with the remedy for anything else, a bare number included, and for what does not
// fit 64 bits of nanoseconds.
absl::StatusOr<absl::Duration> ParseGoDuration(absl::string_view text);

// As Go prints it: "1m30s", "1h0m0s", "1.5s", "250ms", "0s". Whole nanoseconds.
std::string FormatGoDuration(absl::Duration duration);

}  // namespace diego::config
