// Sequencer: runs commands one after the other, in the order they arrive, on working state that is
// ahead of what has committed. Rule 1 of docs/architecture.md "Rules of the engine".
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/sync/bounded_queue.h"
#include "services/bbs/core/state.h"
#include "services/bbs/engine/call.h"
#include "services/bbs/engine/group.h"
#include "services/bbs/engine/settings.h"

namespace diego::bbs {

class Sequencer {
 public:
  // `open_group` and `clock` outlive it. All seeds of stamps are drawn from `seed`.
  Sequencer(const EngineSettings& settings, const Clock& clock, uint64_t seed,
            OpenGroup* open_group);

  // Any thread. ResourceExhausted when too many calls wait, Unavailable once closed; otherwise the
  // call will run, and be answered, even if its client goes away.
  absl::Status Submit(Call call);

  // Before the first Step: the state that the term begins with.
  void Start(State state) { state_ = std::move(state); }

  // Sequencer thread: runs what waits, up to some bound, and adds it to the open group. Blocks up
  // to `patience` when there is nothing to do or the group is full.
  void Step(absl::Duration patience);

  // Any thread: admits nothing further, and answers what waits with `reason`.
  void Close(const absl::Status& reason);

  size_t waiting() const { return queue_.size(); }

 private:
  void Run(Call call, Group* part);

  const EngineSettings& settings_;
  const Clock& clock_;
  Random random_;
  OpenGroup* const open_group_;
  BoundedQueue<Call> queue_;
  State state_;
};

}  // namespace diego::bbs
