// Publisher: lets out what a committed group holds, in order: the view that readers see, events,
// effects, replies. A thread of its own, so that the next group commits meanwhile. Rule 3 of
// docs/architecture.md "Rules of the engine": this is the only place where anything leaves.
#pragma once

#include "absl/time/time.h"
#include "services/bbs/engine/after_commit.h"
#include "services/bbs/engine/committed_view.h"
#include "services/bbs/engine/committer.h"
#include "services/bbs/engine/event_hub.h"

namespace diego::bbs {

class Publisher {
 public:
  // What is referred to outlives it.
  Publisher(CommittedGroups* committed, EventHub* hub, GroupEventHub* group_hub,
            CommittedView* view, AfterCommit* after_commit)
      : committed_(committed),
        hub_(hub),
        group_hub_(group_hub),
        view_(view),
        after_commit_(after_commit) {}

  // Publisher thread: lets out what has committed, blocking up to `patience` when that is nothing.
  void Step(absl::Duration patience);

 private:
  void LetOut(CommittedGroup done);
  void Publish(const CommittedGroup& done);

  CommittedGroups* const committed_;
  EventHub* const hub_;
  GroupEventHub* const group_hub_;
  CommittedView* const view_;
  AfterCommit* const after_commit_;
};

}  // namespace diego::bbs
