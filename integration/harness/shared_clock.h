// SharedClock: wall-clock time that stands still until somebody moves it, the same for every
// process that opened the file it lives in. Its monotonic time is the machine's: what waits for a
// deadline (locks, calls, the beat of convergence) goes on as ever.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "libs/base/clock.h"

namespace diego::harness {

// Thread-safe, and safe between processes.
class SharedClock final : public Clock {
 public:
  // Makes the file; the clock stands at `now`. AlreadyExists when the file does.
  static absl::StatusOr<std::unique_ptr<SharedClock>> Create(const std::string& path,
                                                             absl::Time now);
  static absl::StatusOr<std::unique_ptr<SharedClock>> Open(const std::string& path);
  ~SharedClock() override;
  SharedClock(const SharedClock&) = delete;
  SharedClock& operator=(const SharedClock&) = delete;

  absl::Time Now() const override;
  absl::Duration Monotonic() const override { return RealClock().Monotonic(); }
  void Advance(absl::Duration by);

 private:
  explicit SharedClock(int64_t* unix_ns) : unix_ns_(unix_ns) {}
  static absl::StatusOr<std::unique_ptr<SharedClock>> Map(const std::string& path, int flags);

  int64_t* const unix_ns_;  // in memory that the file backs
};

}  // namespace diego::harness
