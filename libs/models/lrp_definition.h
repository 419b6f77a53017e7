// Definitions of a desired LRP: everything that affects how an instance runs. An LRP has one that
// is active; while an update rolls from one to another, and for going back, it keeps others.
// Source: reference/design-notes.md section 3; docs/adr/0013-rolling-updates.md.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/models/ids.h"
#include "libs/models/opaque.h"
#include "libs/models/resources.h"

namespace diego {

struct LrpDefinition {
  std::string id;
  WorkloadSize size;
  PlacementConstraint placement;
  std::string image_username;
  std::string image_password;
  Opaque run_info;  // as in DesiredLrp

  friend bool operator==(const LrpDefinition&, const LrpDefinition&) = default;
};

// An index at which the new definition would not run. Tried again some time after `at`.
struct GivenUpIndex {
  int32_t index = 0;
  absl::Time at;

  friend bool operator==(const GivenUpIndex&, const GivenUpIndex&) = default;
};

// How far an LRP has come from one definition to another.
struct Rollout {
  std::string healthy_id;  // the last definition of which an instance ran; "": none yet, or not
                           // asked for before the first update
  std::string base_id;     // what cancelling goes back to; "": no roll is under way
  // The index that is being replaced, since when, and whether the instance that it had stands
  // beside its successor, as the index's evacuating row.
  std::optional<int32_t> index;
  bool beside = false;
  absl::Time index_since;
  std::vector<GivenUpIndex> given_up;
  std::vector<LrpDefinition> kept;  // all but the active one, newest first
  // The last instances that were told to stop, newest first. They may hear of it late, and must not
  // be let in again until then.
  std::vector<InstanceGuid> stopped;

  bool under_way() const { return !base_id.empty(); }
  friend bool operator==(const Rollout&, const Rollout&) = default;
};

// A rollout as records hold it: immutable and shared, for most LRPs nothing at all. Thread-safe.
class SharedRollout {
 public:
  SharedRollout() = default;
  explicit SharedRollout(Rollout rollout)
      : rollout_(rollout == Rollout() ? nullptr
                                      : std::make_shared<const Rollout>(std::move(rollout))) {}

  const Rollout& operator*() const {
    static const Rollout kNone;
    return rollout_ ? *rollout_ : kNone;
  }
  const Rollout* operator->() const { return &**this; }
  bool empty() const { return rollout_ == nullptr; }

  friend bool operator==(const SharedRollout& a, const SharedRollout& b) {
    return a.rollout_ == b.rollout_ || *a == *b;
  }

 private:
  std::shared_ptr<const Rollout> rollout_;
};

}  // namespace diego
