#include "services/rep/containers/texts.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace diego::rep {
namespace {

// `value` with up to nine decimals, trailing zeros dropped.
std::string Decimal(int64_t nanos, int64_t unit_nanos, int digits) {
  std::string text = absl::StrCat(nanos / unit_nanos);
  std::string fraction = absl::StrFormat("%0*d", digits, nanos % unit_nanos);
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  if (!fraction.empty()) absl::StrAppend(&text, ".", fraction);
  return text;
}

}  // namespace

std::string DurationText(absl::Duration duration) {
  if (duration < absl::ZeroDuration()) return absl::StrCat("-", DurationText(-duration));
  const int64_t nanos = absl::ToInt64Nanoseconds(duration);
  if (nanos == 0) return "0s";
  if (nanos < 1'000) return absl::StrCat(nanos, "ns");
  if (nanos < 1'000'000) return absl::StrCat(Decimal(nanos, 1'000, 3), "µs");
  if (nanos < 1'000'000'000) return absl::StrCat(Decimal(nanos, 1'000'000, 6), "ms");
  constexpr int64_t kSecond = 1'000'000'000;
  constexpr int64_t kMinute = 60 * kSecond;
  constexpr int64_t kHour = 60 * kMinute;
  std::string text;
  if (nanos >= kHour) absl::StrAppend(&text, nanos / kHour, "h");
  if (nanos >= kMinute) absl::StrAppend(&text, nanos % kHour / kMinute, "m");
  return absl::StrCat(text, Decimal(nanos % kMinute, kSecond, 9), "s");
}

std::string ExitLogLine(ProcessExit exit, absl::Duration exceeded) {
  std::string line = absl::StrCat("Exit status ", exit.status);
  if (exceeded > absl::ZeroDuration()) {
    absl::StrAppend(&line, " (exceeded ", DurationText(exceeded), " graceful shutdown interval)");
  }
  if (exit.out_of_memory) absl::StrAppend(&line, " (out of memory)");
  return line;
}

std::string ExitReason(absl::string_view log_source, ProcessExit exit) {
  return absl::StrCat(log_source, ": Exited with status ", exit.status,
                      exit.out_of_memory ? " (out of memory)" : "");
}

std::string TimeoutReason(absl::Duration timeout, absl::string_view inner) {
  return absl::StrCat("exceeded ", DurationText(timeout), " timeout", inner.empty() ? "" : "; ",
                      inner);
}

std::string JoinReasons(const std::vector<std::string>& reasons) {
  std::string joined;
  for (const std::string& reason : reasons) {
    if (!reason.empty()) absl::StrAppend(&joined, joined.empty() ? "" : "; ", reason);
  }
  return joined;
}

std::string CutMiddle(std::string text, size_t most_bytes) {
  constexpr absl::string_view kMark = "(truncated)";
  if (text.size() <= most_bytes || most_bytes < kMark.size()) return text.substr(0, most_bytes);
  const size_t kept = most_bytes - kMark.size();
  const size_t front = kept - kept / 2;
  return absl::StrCat(text.substr(0, front), kMark, text.substr(text.size() - kept / 2));
}

}  // namespace diego::rep
