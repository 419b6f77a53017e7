// Group: the calls that commit together; and OpenGroup, the one that is being formed while the
// last one commits.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/sync/guarded.h"
#include "services/bbs/core/change.h"
#include "services/bbs/core/outcome.h"
#include "services/bbs/engine/call.h"

namespace diego::bbs {

// A call that has run: what is to leave the process once its group has committed.
struct ExecutedCall {
  size_t change_count = 0;  // how many of Group::changes are its own
  std::vector<Effect> effects;
  Reply reply;
  ReplyFunction reply_to;
  std::string trace_id;
};

// The calls in the order they ran and their changes in the same order. One without changes asks
// nothing of the store, but its refusals may rest on earlier groups.
struct Group {
  Changes changes;
  std::vector<ExecutedCall> calls;

  bool empty() const { return calls.empty(); }
  void Append(Group&& later);
  // Answers every call with `status` instead of its reply, and forgets them.
  void Refuse(const absl::Status& status);
};

// Hands groups from the sequencer to the committer. Thread-safe.
class OpenGroup {
 public:
  OpenGroup(size_t most_calls, size_t most_changes)
      : most_calls_(most_calls), most_changes_(most_changes) {}

  // Waits up to `patience` until a further call may join. False: still full, or closed.
  bool WaitForRoom(absl::Duration patience);
  // Adds `part`, even beyond the bound. False when closed; `part` is untouched then.
  bool Append(Group& part);
  // Takes all that has been gathered, waiting up to `patience` for the first call. Empty on
  // timeout and when closed.
  Group Take(absl::Duration patience);
  // Takes nothing further; returns what nobody has taken yet.
  Group Close();

 private:
  struct Data {
    Group group;
    bool closed = false;
  };
  bool HasRoom(const Data& data) const;

  const size_t most_calls_;
  const size_t most_changes_;
  Guarded<Data> data_;
};

}  // namespace diego::bbs
