// The words of a command in one text, as a shell would find them: `sh -c 'rm -f x'` are three.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace diego::rep {

// Words stand between blanks. Quotes take them together: between single ones everything is itself,
// between double ones a backslash takes its meaning from what follows, as it does outside of
// quotes. Nothing is expanded. InvalidArgument when a quote is not closed, or a backslash is the
// last.
absl::StatusOr<std::vector<std::string>> CommandWords(absl::string_view text);

}  // namespace diego::rep
