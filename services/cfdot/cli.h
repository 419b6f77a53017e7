// cfdot, whole: words in, output and exit code out. Source: reference/cli-cfdot.md.
#pragma once

#include <string>

#include "absl/types/span.h"
#include "services/cfdot/session.h"

namespace diego::cfdot {

// `words` without the program's name. Errors go to io.err as "error: <text>", with the usage behind
// those that the words themselves are to blame for.
int Run(absl::Span<const std::string> words, Io& io);

}  // namespace diego::cfdot
