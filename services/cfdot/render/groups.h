// The original's deprecated view of instances: for each index a pair of an instance and an
// evacuating one. No I/O. Source: reference/behaviours.md section 3 "group slots".
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
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

// What the instance events of one revision after the other mean for the slots of the pairs: in a
// slot, an instance that goes and one that comes are one change. Used by one thread.
class GroupEvents {
 public:
  std::vector<GroupEvent> Of(absl::Span<const SubscribeResponse> revision);

 private:
  using Row = std::tuple<std::string, int32_t, models::ActualLRP::Presence>;
  static Row RowOf(const models::ActualLRP& lrp);
  void Created(const models::ActualLRP& lrp);
  void Removed(const models::ActualLRP& lrp);
  // Completes both as far as it can be known.
  void Changed(models::ActualLRP* before, models::ActualLRP* after);

  // Internal routes and metric tags, which events of changes leave out: those of rows that were
  // told of whole and have any. With the tag they were read at; nothing else is set.
  std::map<Row, models::ActualLRP> known_;
};

}  // namespace diego::cfdot
