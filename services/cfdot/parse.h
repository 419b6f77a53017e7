// From words to an Invocation, as the original's command-line library takes them: flags and
// arguments in any order, `--flag value`, `--flag=value`, `-f value`, `-fvalue`, `--` before
// arguments that look like flags. "-1" is an argument.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "services/cfdot/command.h"

namespace diego::cfdot {

// `words` without the program's name. Without a command, `command` is null. A refusal is a
// validation failure that names the word and, when one is near, what was probably meant; when it
// concerns the flags of a command, `invocation->command` is set all the same.
absl::Status Parse(absl::Span<const std::string> words, absl::Span<const Command> commands,
                   Invocation* invocation);

// Null for a name that is no command.
const Command* FindCommand(absl::string_view name, absl::Span<const Command> commands);
// "'tsks' is not a valid command. Did you mean 'tasks'?"
absl::Status UnknownCommand(absl::string_view name, absl::Span<const Command> commands);

// The candidate that `word` is a small slip of, or "".
std::string Nearest(absl::string_view word, absl::Span<const std::string> candidates);

}  // namespace diego::cfdot
