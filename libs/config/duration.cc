#include "libs/config/duration.h"

#include <cstdint>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace diego::config {
namespace {

struct Unit {
  absl::string_view name;
  int64_t nanoseconds;
};
// Longer names first where one is the start of another.
constexpr Unit kUnits[] = {{"ns", 1},          {"us", 1000},        {"µs", 1000},
                           {"μs", 1000},       {"ms", 1000000},     {"s", 1000000000},
                           {"m", 60000000000}, {"h", 3600000000000}};

absl::Status Bad(absl::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("\"", text, "\" is not a duration; write it like \"30s\" or \"1m30s\""));
}

// Takes "12" or "12.5" off the front as nanoseconds of `scale` once the unit is known.
struct Number {
  absl::string_view whole;
  absl::string_view fraction;
};

absl::string_view TakeDigits(absl::string_view* text) {
  size_t length = 0;
  while (length < text->size() && absl::ascii_isdigit((*text)[length])) ++length;
  const absl::string_view digits = text->substr(0, length);
  text->remove_prefix(length);
  return digits;
}

bool TakeUnit(absl::string_view* text, int64_t* nanoseconds) {
  const Unit* best = nullptr;
  for (const Unit& unit : kUnits) {
    if (absl::StartsWith(*text, unit.name) && (!best || unit.name.size() > best->name.size())) {
      best = &unit;
    }
  }
  if (!best) return false;
  text->remove_prefix(best->name.size());
  *nanoseconds = best->nanoseconds;
  return true;
}

// false: does not fit.
bool Add(const Number& number, int64_t scale, __int128* total) {
  constexpr __int128 kMost = std::numeric_limits<int64_t>::max();
  __int128 whole = 0;
  for (const char c : number.whole) {
    whole = whole * 10 + (c - '0');
    if (whole > kMost) return false;
  }
  __int128 fraction = 0;
  __int128 divisor = 1;
  for (const char c : number.fraction.substr(0, 18)) {
    fraction = fraction * 10 + (c - '0');
    divisor *= 10;
  }
  *total += whole * scale + fraction * scale / divisor;
  return *total <= kMost;
}

void AppendFraction(int64_t value, int64_t one, std::string* out) {
  if (value == 0) return;
  std::string digits = absl::StrCat(one + value).substr(1);
  while (digits.back() == '0') digits.pop_back();
  absl::StrAppend(out, ".", digits);
}

}  // namespace

absl::StatusOr<absl::Duration> ParseGoDuration(absl::string_view text) {
  absl::string_view rest = text;
  const bool negative = absl::StartsWith(rest, "-");
  if (negative || absl::StartsWith(rest, "+")) rest.remove_prefix(1);
  if (rest == "0") return absl::ZeroDuration();
  if (rest.empty()) return Bad(text);
  __int128 total = 0;
  while (!rest.empty()) {
    Number number{TakeDigits(&rest), ""};
    if (absl::StartsWith(rest, ".")) {
      rest.remove_prefix(1);
      number.fraction = TakeDigits(&rest);
    }
    int64_t scale = 0;
    if ((number.whole.empty() && number.fraction.empty()) || !TakeUnit(&rest, &scale)) {
      return Bad(text);
    }
    if (!Add(number, scale, &total)) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", text, "\" is too long a duration; the longest is about 292 years"));
    }
  }
  const auto nanoseconds = static_cast<int64_t>(total);
  return absl::Nanoseconds(negative ? -nanoseconds : nanoseconds);
}

std::string FormatGoDuration(absl::Duration duration) {
  const int64_t signed_ns = absl::ToInt64Nanoseconds(duration);
  if (signed_ns == 0) return "0s";
  std::string out = signed_ns < 0 ? "-" : "";
  const int64_t ns = signed_ns == std::numeric_limits<int64_t>::min()
                         ? std::numeric_limits<int64_t>::max()
                     : signed_ns < 0 ? -signed_ns
                                     : signed_ns;
  if (ns < 1000) return absl::StrCat(out, ns, "ns");
  if (ns < 1000000) {
    absl::StrAppend(&out, ns / 1000);
    AppendFraction(ns % 1000, 1000, &out);
    return out + "µs";
  }
  if (ns < 1000000000) {
    absl::StrAppend(&out, ns / 1000000);
    AppendFraction(ns % 1000000, 1000000, &out);
    return out + "ms";
  }
  const int64_t seconds = ns / 1000000000;
  if (seconds >= 3600) absl::StrAppend(&out, seconds / 3600, "h");
  if (seconds >= 60) absl::StrAppend(&out, seconds / 60 % 60, "m");
  absl::StrAppend(&out, seconds % 60);
  AppendFraction(ns % 1000000000, 1000000000, &out);
  return out + "s";
}

}  // namespace diego::config
