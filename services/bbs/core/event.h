// Events: what subscribers are told, made from committed changes and nowhere else.
// Source: reference/behaviours.md section 3.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "services/bbs/core/change.h"

namespace diego::bbs {

// Created, changed or removed, as rows tell. `trace_id` is that of the call it came of; "": none.
struct DesiredLrpEvent : RowChange<DesiredLrp> {
  std::string trace_id = {};
};
struct TaskEvent : RowChange<Task> {};
// Instance stream: one row created, changed or removed. In a changed event `before` and `after` may
// differ in presence and instance key.
struct ActualLrpInstanceEvent : RowChange<ActualLrp> {
  std::string trace_id = {};
};
struct ActualLrpCrashedEvent {
  ActualLrpKey key;
  InstanceKey instance;  // of the row before
  int32_t crash_count = 0;
  std::string crash_reason;  // uncut
  absl::Time since;
};

using Event =
    std::variant<DesiredLrpEvent, TaskEvent, ActualLrpInstanceEvent, ActualLrpCrashedEvent>;

// The events of one command's changes, in the order they are sent: crashed first, then those whose
// resulting instance is running, then the others; but none comes to run in a row that it has not
// been told to leave.
std::vector<Event> EventsOf(const Changes& changes);

// What a change's events tell of it: its row after, with the reason as it was reported (uncut), and
// of a change by a crash the crash itself.
Record<ActualLrp> ShownRow(const ActualLrpChange& change);
ActualLrpCrashedEvent CrashedEventOf(const ActualLrpChange& crash);

// Marks those that can tell it.
void SetTraceId(const std::string& trace_id, std::vector<Event>* events);

}  // namespace diego::bbs
