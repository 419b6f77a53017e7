// The original's deprecated view of instances: for each index a pair of an instance and an
// evacuating one. Pure functions. Source: reference/behaviours.md section 3 "group slots".
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "proto/diego/bbs.pb.h"
#include "proto/models/actual_lrp.pb.h"

namespace diego::cfdot {

// By process guid and index.
std::vector<models::ActualLRPGroup> GroupsOf(absl::Span<const models::ActualLRP> lrps);

// One of actual_lrp_created, _changed, _removed; `before` and `after` as far as there are.
struct GroupEvent {
  bool has_before = false;
  bool has_after = false;
  models::ActualLRPGroup before;
  models::ActualLRPGroup after;

  std::string name() const;
  // Its JSON, of the message of that name.
  std::string json() const;
};

// What the instance events of one revision mean for the slots of the pairs: in a slot, an instance
// that goes and one that comes are one change.
std::vector<GroupEvent> GroupEventsOf(absl::Span<const SubscribeResponse> revision);

}  // namespace diego::cfdot
