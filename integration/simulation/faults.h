// What goes wrong by chance: messages that are lost, late or repeated, and links that are cut. How
// often is one value, which calm sets to nothing.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "integration/simulation/world.h"

namespace diego::simulation {

// Probabilities, a message or a call each.
struct FaultRates {
  double message_lost = 0;
  double message_late = 0;  // by up to kLongestDelay
  double message_repeated = 0;
  double commit_lost = 0;     // never arrives at the database
  double commit_unheard = 0;  // lands, but the answer is lost
};

inline constexpr absl::Duration kLongestDelay = absl::Seconds(4);
inline constexpr absl::Duration kCallTimeout = absl::Seconds(2);

template <typename R>
using Answer = std::function<void(R)>;

class Network {
 public:
  Network(World* world, const FaultRates* rates) : world_(world), rates_(rates) {}

  // No message between the two (either way) until then.
  void Cut(const std::string& a, const std::string& b, absl::Duration duration);
  void MendAll() { cut_until_.clear(); }

  // One message. `lost` is called instead of `deliver` when it never arrives (nobody in the system
  // learns that; it is for the simulation's own books).
  void Send(const std::string& from, const std::string& to, std::function<void()> deliver,
            bool may_repeat, std::function<void()> lost = nullptr);

  // A call: `serve` answers at the other side whenever it likes, or never; `done` is called once,
  // with the answer or with DeadlineExceeded. Idempotent calls may arrive twice.
  template <typename R>
  void Ask(const std::string& from, const std::string& to, std::function<void(Answer<R>)> serve,
           std::function<void(absl::StatusOr<R>)> done, bool may_repeat = true) {
    auto waiting = std::make_shared<std::function<void(absl::StatusOr<R>)>>(std::move(done));
    const auto finish = [waiting](absl::StatusOr<R> result) {
      if (*waiting == nullptr) return;
      const auto told = std::move(*waiting);
      *waiting = nullptr;
      told(std::move(result));
    };
    Send(
        from, to,
        [this, from, to, serve = std::move(serve), finish] {
          serve([this, from, to, finish](R reply) {
            Send(
                to, from, [finish, reply = std::move(reply)] { finish(reply); }, false);
          });
        },
        may_repeat);
    world_->After(kCallTimeout, [finish] { finish(absl::DeadlineExceededError("no answer")); });
  }

 private:
  absl::Duration Delay();

  World* const world_;
  const FaultRates* const rates_;
  std::map<std::pair<std::string, std::string>, absl::Duration> cut_until_;
};

}  // namespace diego::simulation
