#include "services/cfdot/render/text_table.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace diego::cfdot {
namespace {

bool StartsCharacter(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

size_t Width(absl::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), StartsCharacter));
}

std::string Cell(const std::string& text) {
  if (text.empty()) return "-";
  std::string line = text;
  for (char& c : line) {
    if (absl::ascii_iscntrl(c)) c = ' ';
  }
  return line;
}

void AppendRow(const Row& row, const std::vector<size_t>& widths, std::string* out) {
  std::string line;
  for (size_t i = 0; i < row.size(); ++i) {
    absl::StrAppend(&line, row[i], std::string(widths[i] - Width(row[i]) + 2, ' '));
  }
  absl::StrAppend(out, absl::StripTrailingAsciiWhitespace(line), "\n");
}

}  // namespace

std::string FormatTable(const Row& titles, const std::vector<Row>& rows) {
  std::vector<Row> lines = {titles};
  std::vector<size_t> widths(titles.size(), 0);
  for (const Row& row : rows) {
    Row line;
    for (const std::string& text : row) line.push_back(Cell(text));
    line.resize(titles.size(), "-");
    lines.push_back(std::move(line));
  }
  for (const Row& line : lines) {
    for (size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], Width(line[i]));
  }
  std::string text;
  for (const Row& line : lines) AppendRow(line, widths, &text);
  return text;
}

std::string FormatAge(absl::Duration age) {
  const int64_t seconds = std::max<int64_t>(0, absl::ToInt64Seconds(age));
  const int64_t minutes = seconds / 60;
  const int64_t hours = minutes / 60;
  if (minutes == 0) return absl::StrCat(seconds, "s");
  if (hours == 0) return absl::StrCat(minutes, "m", seconds % 60, "s");
  if (hours < 24) return absl::StrCat(hours, "h", minutes % 60, "m");
  return absl::StrCat(hours / 24, "d", hours % 24, "h");
}

std::string FormatSince(int64_t unix_ns, absl::Time now) {
  return unix_ns == 0 ? "" : FormatAge(now - absl::FromUnixNanos(unix_ns));
}

std::string FormatMegabytes(int64_t megabytes) {
  if (megabytes < 1024) return absl::StrCat(megabytes, " MB");
  if (megabytes % 1024 == 0) return absl::StrCat(megabytes / 1024, " GB");
  return absl::StrFormat("%.1f GB", static_cast<double>(megabytes) / 1024);
}

std::string Shorten(absl::string_view text, size_t limit) {
  if (Width(text) <= limit) return std::string(text);
  size_t characters = 0;
  size_t length = 0;
  while (length < text.size()) {
    if (StartsCharacter(text[length]) && ++characters == limit) break;
    ++length;
  }
  return absl::StrCat(text.substr(0, length), "…");
}

}  // namespace diego::cfdot
