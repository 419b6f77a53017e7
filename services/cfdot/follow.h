// Follows the BBS's events revision by revision, through broken connections and changes of the
// active BBS.
#pragma once

#include <functional>
#include <vector>

#include "absl/time/time.h"
#include "services/cfdot/session.h"

namespace diego::cfdot {

struct Patience {
  // With a lost stream: a change of the active BBS fits in, and an outage that somebody mends.
  absl::Duration to_reopen = absl::Minutes(10);
  absl::Duration between_rounds = absl::Milliseconds(500);  // through all addresses
  absl::Duration with_one = absl::Seconds(5);               // BBS, asked whether it serves
};

// Hands the events of one revision after the other to `take(revision, events)`; never an empty
// list. When the stream breaks it is opened again after the last whole revision, at whichever BBS
// is active by then, with a word on stderr: no gap and no duplicate. When the BBS no longer
// remembers that revision, says so on stderr and goes on from now.
// Returns OK when the BBS ends the stream in good order, else the failure to end with: no BBS
// served for as long as there is patience, or `request` was refused (an after_revision out of
// range, too).
absl::Status Follow(Session& session, SubscribeRequest request,
                    const std::function<void(int64_t, const std::vector<SubscribeResponse>&)>& take,
                    const Patience& patience = {});

}  // namespace diego::cfdot
