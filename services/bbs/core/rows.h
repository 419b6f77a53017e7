// The vocabulary that rules are written in: row changes by name, and what a rule is given.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "services/bbs/core/change.h"
#include "services/bbs/core/command.h"
#include "services/bbs/core/state.h"

namespace diego::bbs {

// What every rule decides on. References live for one call.
struct Facts {
  const State& state;
  const Stamp& stamp;
  const RuleSettings& settings;
  // The index at which a roll was taken back in this call, its rows and its LRP since.
  struct TakenBack {
    State::LrpIndex index;
    State::ActualLrpRows rows;
    Record<DesiredLrp> lrp;
  };
  std::optional<TakenBack> taken_back = {};

  State::ActualLrpRows RowsOf(const ProcessGuid& process_guid, int32_t index) const {
    if (taken_back && taken_back->index == State::LrpIndex(process_guid, index)) {
      return taken_back->rows;
    }
    return state.FindActuals(process_guid, index);
  }
  Record<DesiredLrp> DesiredOf(const ProcessGuid& process_guid) const {
    if (taken_back && taken_back->index.first == process_guid) return taken_back->lrp;
    return state.FindDesired(process_guid);
  }
};

// A plain change of a row of any table.
template <typename R>
Change MakeChange(Record<R> before, Record<R> after) {
  RowChange<R> rows{std::move(before), std::move(after)};
  if constexpr (std::is_same_v<R, ActualLrp>) {
    return ActualLrpChange{std::move(rows)};
  } else {
    return rows;
  }
}
template <typename R>
Record<R> MakeRecord(R row) {
  return std::make_shared<const R>(std::move(row));
}
template <typename R>
Change Appears(Record<R> row) {
  return MakeChange<R>(nullptr, std::move(row));
}
template <typename R>
Change Disappears(Record<R> row) {
  return MakeChange<R>(std::move(row), nullptr);
}
template <typename R>
Change Becomes(Record<R> before, R after) {
  return MakeChange<R>(std::move(before), MakeRecord(std::move(after)));
}

// ResourceConflict that names both tags when the record has moved on from the one expected, if any.
absl::Status CheckTag(const DesiredLrp& lrp, const std::optional<ModificationTag>& expected);

// One row goes from its presence to another: two changes, told as one "changed" event. The slot it
// moves to must be free by then. Appends to `changes`.
void MovePresence(const Record<ActualLrp>& row, ActualLrp moved, Changes* changes);

// `text` as it is stored: at 1024 bytes or more it is cut so that it ends in "(truncated)" at 1024
// bytes (less, when the cut would split a UTF-8 character).
// Source: reference/behaviours.md section 1, string rule.
std::string StoredText(const std::string& text);

}  // namespace diego::bbs
