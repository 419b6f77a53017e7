// WorkQueue: which containers and records want a look, each at most once, none on two threads at a
// time, and those whose last look failed after a pause that grows. Thread-safe.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/models/actual_lrp.h"
#include "libs/sync/guarded.h"
#include "services/rep/core/cell_facts.h"

namespace diego::rep {

// One container, or a record without one.
struct WorkItem {
  Lifecycle lifecycle = Lifecycle::kLrp;
  std::string guid;  // instance guid or task guid
  ActualLrpKey key;  // LRPs only
};

struct RetryOptions {
  absl::Duration first_pause = absl::Milliseconds(500);
  absl::Duration longest_pause = absl::Seconds(30);
};

class WorkQueue {
 public:
  WorkQueue(const RetryOptions& options, const Clock& clock) : options_(options), clock_(clock) {}

  // A look is wanted now. One that is under way will be followed by another.
  void Add(const WorkItem& item);
  // The next that is due; the caller ends it with Done. Waits up to `timeout` for one.
  std::optional<WorkItem> Take(absl::Duration timeout);
  // `again`: the look failed and is wanted once more after the pause.
  void Done(const WorkItem& item, bool again);
  bool empty() const;
  // From now on Take gives nothing and does not wait.
  void Close();
  bool closed() const;

 private:
  struct Waiting {
    WorkItem item;
    absl::Duration due;  // Clock::Monotonic()
  };
  struct Data {
    std::map<std::string, Waiting> waiting;  // by guid
    std::set<std::string> under_way;
    std::map<std::string, int> failures;  // in a row
    bool closed = false;
  };
  // The guid that has been due longest and is not under way; null when there is none.
  static const Waiting* FirstDue(const Data& data, absl::Duration now);

  const RetryOptions options_;
  const Clock& clock_;
  Guarded<Data> data_;
};

}  // namespace diego::rep
