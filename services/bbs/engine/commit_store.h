// CommitStore: the engine's port to what makes its state durable. Implemented in store/ over SQL,
// and by hand-written fakes in tests and in the simulation.
//
// One row, `leadership`, decides who may write; it is never deleted:
//
//   epoch      the term that holds office; only grows
//   batch      number of the last batch that this epoch committed; 0 when it took office
//   revision   number of batches ever committed, by all epochs; only grows
//
// See docs/architecture.md, decisions 2 to 4.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/bbs/core/change.h"

namespace diego::bbs {

// The place of one batch in the order of all batches of a term: the first is number 1.
struct Fence {
  uint64_t epoch = 0;
  uint64_t batch = 0;

  friend bool operator==(const Fence&, const Fence&) = default;
};

enum class CommitResult {
  kCommitted,  // it landed: now, or earlier when the same batch is sent again
  kFenced,     // another epoch holds office (or this one is at another batch): it did not land and
               // never will
  kUnknown,    // not known, or known not to have landed this time: sending the same again is safe
               // and tells
  kRejected,   // office is held, but the database refuses these very rows, and will again; nothing
               // of the batch landed or will
};

struct CommitReply {
  CommitResult result = CommitResult::kUnknown;
  absl::Status detail;  // for the log: why it was not committed
  // kRejected: the change that is at fault, where it is known.
  std::optional<size_t> rejected_change = std::nullopt;
  uint64_t standing_epoch = 0;  // of Confirm, when fenced: the one that holds office
};

// Everything that is stored.
struct LoadedState {
  uint64_t revision = 0;  // the leadership row's
  Changes rows;           // every row as a change from nothing, each key once, in any order
  // Desired LRPs that are stored but cannot be read; see State::MarkUnreadable.
  std::vector<ProcessGuid> unreadable_desired_lrps = {};
};

// Called by one thread at a time. Every call returns within a bounded time (the store's own
// timeouts), whatever the database does; none throws.
class CommitStore {
 public:
  virtual ~CommitStore() = default;

  // Takes office, then reads everything: UPDATE leadership SET epoch = :epoch, batch = 0 WHERE
  // epoch < :epoch. Finding the row at (epoch, 0) already means that an earlier, unsure attempt
  // landed, and is success: Load may be called again until it is sure. From its success on no other
  // epoch's batch lands, so that what is read is final.
  // Aborted: the epoch is spent (a later one holds office, or this one has committed already): the
  // term is over before it began; take a greater one. Any other error: try again or give up.
  virtual absl::StatusOr<LoadedState> Load(uint64_t epoch) = 0;

  // One transaction that opens with UPDATE leadership SET batch = :batch, revision = revision + 1
  // WHERE epoch = :epoch AND batch = :batch - 1, and then makes every row what the last of
  // `changes` for its key says (`after`, or gone). No row matched and the row stands at exactly
  // `fence`: it had landed. A row may occur in `changes` several times, in order; only its last
  // change needs to be written. `changes` is never empty.
  virtual CommitReply Commit(const Fence& fence, const Changes& changes) = 0;

  // Writes nothing; asks the database whether `epoch` still holds office. kCommitted: it does.
  // Must not be answered from a snapshot older than the call.
  virtual CommitReply Confirm(uint64_t epoch) = 0;
};

}  // namespace diego::bbs
