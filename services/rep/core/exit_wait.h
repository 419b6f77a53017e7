// How long a cell that leaves waits for its containers.
// Source: reference/behaviours.md section 9 "cleanup on exit"; the patience is ours.
#pragma once

#include <cstddef>

#include "absl/time/time.h"

namespace diego::rep {

// Processes have until the deadline to stop. Once none runs, what is left is to tell the BBS, and a
// BBS that is away must not hold the cell up: the wait is over when nothing moves for `patience`.
// Times are Clock::Monotonic(). One thread.
class ExitWait {
 public:
  ExitWait(absl::Duration deadline, absl::Duration patience)
      : deadline_(deadline), patience_(patience) {}

  // `running`: containers that have not completed; `left`: those and the completed ones that are
  // still there; `reporting`: whether reports are queued or under way.
  bool IsOver(absl::Duration now, size_t running, size_t left, bool reporting);

 private:
  const absl::Duration deadline_;
  const absl::Duration patience_;
  bool begun_ = false;
  size_t left_ = 0;  // when something moved last
  absl::Duration moved_at_;
};

}  // namespace diego::rep
