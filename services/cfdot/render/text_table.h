// Aligned columns for people, ages and amounts. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace diego::cfdot {

using Row = std::vector<std::string>;

// Titles, then the rows, each column as wide as its widest cell (in characters, not bytes) and two
// blanks apart; no blanks at line ends. An empty cell is shown as "-"; line breaks as blanks.
std::string FormatTable(const Row& titles, const std::vector<Row>& rows);

// In two parts at most: "42s", "5m12s", "3h5m", "2d4h". Negative ones as "0s".
std::string FormatAge(absl::Duration age);
// The age of a moment in Unix nanoseconds; "" when it is 0.
std::string FormatSince(int64_t unix_ns, absl::Time now);
// "512 MB", "1.5 GB".
std::string FormatMegabytes(int64_t megabytes);
// At most `limit` characters, the last one "…" when cut.
std::string Shorten(absl::string_view text, size_t limit);

}  // namespace diego::cfdot
