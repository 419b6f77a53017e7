#include "integration/simulation/faults.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace diego::simulation {

void Network::Cut(const std::string& a, const std::string& b, absl::Duration duration) {
  cut_until_[std::minmax(a, b)] = world_->now() + duration;
  world_->Note("network",
               absl::StrCat("cut ", a, " from ", b, " for ",
                            absl::FormatDuration(absl::Trunc(duration, absl::Seconds(1)))));
}

absl::Duration Network::Delay() {
  if (world_->Chance(rates_->message_late)) {
    return world_->Between(absl::Milliseconds(100), kLongestDelay);
  }
  return world_->Between(absl::Microseconds(200), absl::Milliseconds(20));
}

void Network::Send(const std::string& from, const std::string& to, std::function<void()> deliver,
                   bool may_repeat, std::function<void()> lost) {
  const auto cut = cut_until_.find(std::minmax(from, to));
  const bool gone = (cut != cut_until_.end() && cut->second > world_->now()) ||
                    world_->Chance(rates_->message_lost);
  if (gone) {
    if (lost != nullptr) lost();
    return;
  }
  if (may_repeat && world_->Chance(rates_->message_repeated)) world_->After(Delay(), deliver);
  world_->After(Delay(), std::move(deliver));
}

}  // namespace diego::simulation
