#include "libs/testing/fake_clock.h"

namespace diego {
namespace {

constexpr int64_t kStartSeconds = 1767225600;  // 2026-01-01T00:00:00Z

}  // namespace

FakeClock::FakeClock() = default;

absl::Time FakeClock::Now() const {
  return absl::FromUnixSeconds(kStartSeconds) + absl::Nanoseconds(elapsed_ns_.load());
}

absl::Duration FakeClock::Monotonic() const { return absl::Nanoseconds(elapsed_ns_.load()); }

void FakeClock::Advance(absl::Duration by) { elapsed_ns_ += absl::ToInt64Nanoseconds(by); }

}  // namespace diego
