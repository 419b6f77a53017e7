// World: virtual time, seeded chance and an agenda. Everything that happens in the simulation is an
// entry of the agenda, run one after the other on one thread; the same seed runs the same way.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/base/random.h"
#include "libs/testing/fake_clock.h"

namespace diego::simulation {

class World {
 public:
  explicit World(uint64_t seed) : random_(seed) {}
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  const Clock& clock() const { return clock_; }
  absl::Duration now() const { return clock_.Monotonic(); }

  // Chance. Every draw is part of the run: draw only from inside agenda entries.
  uint64_t Draw() { return random_.Next(); }
  uint64_t Below(uint64_t bound) { return random_.Below(bound); }
  bool Chance(double probability) { return random_.Fraction() < probability; }
  absl::Duration Between(absl::Duration least, absl::Duration most);

  void After(absl::Duration delay, std::function<void()> what);
  // Runs the next entry; false when there is none, or something has failed.
  bool Step();
  uint64_t steps() const { return steps_; }

  // For code that blocks, as the ports of real engines do: runs the agenda from inside an entry
  // until `done` or the end of the run. Whatever else blocks meanwhile comes back first, as if this
  // thread had been descheduled.
  void RunUntil(const std::function<bool()>& done) {
    while (!done() && Step()) {
    }
  }
  // Begins something that answers later, and blocks for the answer.
  template <typename T>
  absl::StatusOr<T> Await(
      const std::function<void(std::function<void(absl::StatusOr<T>)>)>& begin) {
    const auto answer = std::make_shared<std::optional<absl::StatusOr<T>>>();
    begin([answer](absl::StatusOr<T> given) { answer->emplace(std::move(given)); });
    RunUntil([&] { return answer->has_value(); });
    if (!answer->has_value()) return absl::UnavailableError("the run has ended");
    return std::move(**answer);
  }

  // Remembers what happened, for the report of a failure; prints it at once when verbose.
  void Note(absl::string_view who, absl::string_view what);
  void set_verbose(bool verbose) { verbose_ = verbose; }
  // An invariant does not hold: the run ends. The first failure counts.
  void Fail(const std::string& what);
  const std::optional<std::string>& failure() const { return failure_; }
  const std::deque<std::string>& notes() const { return notes_; }
  // A fingerprint of everything noted: equal for equal runs.
  uint64_t fingerprint() const { return fingerprint_; }

 private:
  Random random_;
  FakeClock clock_;
  std::map<std::pair<absl::Duration, uint64_t>, std::function<void()>> agenda_;
  uint64_t next_entry_ = 0;
  uint64_t steps_ = 0;
  bool verbose_ = false;
  std::deque<std::string> notes_;
  uint64_t fingerprint_ = 0;
  std::optional<std::string> failure_;
};

}  // namespace diego::simulation
