// What --help prints and what shells complete. Pure functions of the table.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "services/cfdot/command.h"

namespace diego::cfdot {

std::string OverviewText(absl::Span<const Command> commands);
// With `brief`, the usage line and the flags only: what follows a validation error.
std::string CommandText(const Command& command, bool brief);

// The script for "bash", "zsh" or "fish"; a validation failure for any other shell.
absl::StatusOr<std::string> CompletionScript(absl::string_view shell,
                                             absl::Span<const Command> commands);

}  // namespace diego::cfdot
