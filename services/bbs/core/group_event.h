// Group events: the deprecated stream, in which the rows of one index are told as a group of two
// slots. Made from committed changes, as the instance events are.
// Source: reference/behaviours.md section 3, "group stream", "group slots", "group Resolve()".
#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "services/bbs/core/event.h"
#include "services/bbs/core/state.h"

namespace diego::bbs {

// One index as the group stream shows it. Either may be null.
struct ActualLrpGroup {
  Record<ActualLrp> instance;
  Record<ActualLrp> evacuating;

  bool empty() const { return instance == nullptr && evacuating == nullptr; }
  // The one row that stands for the group; null when it is empty.
  const Record<ActualLrp>& Resolve() const;

  friend bool operator==(const ActualLrpGroup&, const ActualLrpGroup&) = default;
};

// The evacuating slot is the EVACUATING row. The instance slot: an ordinary RUNNING row, else a
// SUSPECT one that is RUNNING or CLAIMED, else the ordinary row.
ActualLrpGroup GroupOf(const State::ActualLrpRows& rows);

// One slot created, changed or removed: an empty `before` or `after` tells which. Only the slot
// that the event is about is set.
struct ActualLrpGroupEvent {
  ActualLrpGroup before;
  ActualLrpGroup after;
};

using GroupEvent = std::variant<DesiredLrpEvent, ActualLrpGroupEvent, ActualLrpCrashedEvent>;

// Marks those that can tell it.
void SetTraceId(const std::string& trace_id, std::vector<GroupEvent>* events);

// Makes the group events of one command after the other. A slot may change because another row of
// the index does, so it must know the rows that the changes do not tell of.
class GroupEvents {
 public:
  // The rows of an index as they stand before the first command whose events are asked for.
  using RowsBefore = std::function<State::ActualLrpRows(const ProcessGuid&, int32_t index)>;

  explicit GroupEvents(RowsBefore rows_before) : rows_before_(std::move(rows_before)) {}

  // The events of the next command's changes, in the order of EventsOf: crashed, running, others.
  // Tasks are not part of this stream.
  std::vector<GroupEvent> Of(const Changes& changes);

 private:
  const RowsBefore rows_before_;
  absl::btree_map<State::LrpIndex, State::ActualLrpRows> seen_;  // indices as changed so far
};

}  // namespace diego::bbs
