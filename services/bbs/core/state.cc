#include "services/bbs/core/state.h"

#include <algorithm>
#include <type_traits>
#include <variant>

#include "libs/base/check.h"
#include "services/bbs/core/settled.h"

namespace diego::bbs {
namespace {

template <typename R>
bool SameRow(const Record<R>& here, const Record<R>& before) {
  if (here == before) return true;
  return here != nullptr && before != nullptr && *here == *before;
}

// Applies a change to a plain table, key first.
template <typename Table, typename Key, typename R>
void ApplyRow(Table& table, const Key& key, const RowChange<R>& change) {
  auto it = table.find(key);
  const Record<R> here = it == table.end() ? nullptr : it->second;
  DIEGO_CHECK(SameRow(here, change.before));
  if (change.after == nullptr) {
    table.erase(it);
  } else if (it == table.end()) {
    table.emplace(key, change.after);
  } else {
    it->second = change.after;
  }
}

template <typename Table>
auto FindRow(const Table& table, const typename Table::key_type& key) ->
    typename Table::mapped_type {
  const auto it = table.find(key);
  return it == table.end() ? nullptr : it->second;
}

// Takes `key` out of, or puts it into, the set of `cell`; sets never stay empty.
template <typename Index, typename Key>
void Unlink(Index& index, const CellId& cell, const Key& key) {
  if (cell.empty()) return;
  const auto it = index.find(cell);
  DIEGO_CHECK(it != index.end());
  it->second.erase(key);
  if (it->second.empty()) index.erase(it);
}
template <typename Index, typename Key>
void Link(Index& index, const CellId& cell, const Key& key) {
  if (!cell.empty()) index[cell].insert(key);
}

// The cell a task runs on; empty unless it runs.
CellId RunsOn(const Task& task) {
  return task.state == TaskState::kRunning ? task.cell_id : CellId();
}

}  // namespace

// Here, since each file that makes or copies a State would otherwise compile all its tables anew.
State::State() = default;
State::State(const State&) = default;
State::State(State&&) noexcept = default;
State& State::operator=(const State&) = default;
State& State::operator=(State&&) noexcept = default;
State::~State() = default;

bool State::ActualLrpRows::empty() const {
  return by_presence[0] == nullptr && by_presence[1] == nullptr && by_presence[2] == nullptr;
}

void State::Apply(const Change& change) {
  std::visit(
      [this](const auto& c) {
        DIEGO_CHECK(c.before != nullptr || c.after != nullptr);
        using C = std::decay_t<decltype(c)>;
        if constexpr (std::is_same_v<C, DesiredLrpChange>) ApplyDesired(c);
        if constexpr (std::is_same_v<C, ActualLrpChange>) ApplyActual(c);
        if constexpr (std::is_same_v<C, TaskChange>) ApplyTask(c);
        if constexpr (std::is_same_v<C, DomainChange>) ApplyDomain(c);
        if constexpr (std::is_same_v<C, AnsweredCallChange>) ApplyAnsweredCall(c);
      },
      change);
}

void State::ApplyDesired(const DesiredLrpChange& change) {
  const DesiredLrp& row = change.after ? *change.after : *change.before;
  ApplyRow(desired_, row.process_guid, change);
  unreadable_.erase(row.process_guid);
  if (change.after != nullptr && change.after->rollout->under_way()) {
    rolling_.insert(row.process_guid);
  } else {
    rolling_.erase(row.process_guid);
  }
  const int32_t before = change.before ? change.before->instances : 0;
  const int32_t after = change.after ? change.after->instances : 0;
  desired_instances_ += after - before;
  const bool same_ask = change.before && change.after &&
                        change.before->routes == change.after->routes &&
                        change.before->metric_tags == change.after->metric_tags;
  if (same_ask && before == after) return;
  Resettle(row.process_guid, same_ask ? std::min(before, after) : 0, std::max(before, after));
}

void State::Resettle(const ProcessGuid& process_guid, int32_t from, int32_t to) {
  auto at = actual_.lower_bound({process_guid, from});
  static const ActualLrpRows kNone;
  const auto here = [&] { return at != actual_.end() && at->first.first == process_guid; };
  for (int32_t index = from; index < to; ++index) {
    const bool has_rows = here() && at->first.second == index;
    Resettle({process_guid, index}, has_rows ? at->second : kNone);
    if (has_rows) ++at;
  }
  for (; here(); ++at) Resettle(at->first, at->second);
}

void State::Resettle(const LrpIndex& index, const ActualLrpRows& rows) {
  const auto desired = desired_.find(index.first);
  if (IsSettled(desired == desired_.end() ? nullptr : desired->second.get(), index.second, rows)) {
    unsettled_.erase(index);
  } else {
    unsettled_.insert(index);
  }
}

void State::Count(const Record<ActualLrp>& row, int64_t by) {
  if (row == nullptr) return;
  counts_[static_cast<size_t>(row->presence)][static_cast<size_t>(row->state)] += by;
}

void State::ApplyActual(const ActualLrpChange& change) {
  const ActualLrp& row = change.after ? *change.after : *change.before;
  const ActualLrpSlot slot = SlotOf(row);
  if (change.before && change.after) DIEGO_CHECK(SlotOf(*change.before) == slot);
  const LrpIndex index(slot.process_guid, slot.index);
  auto it = actual_.find(index);
  if (it == actual_.end()) it = actual_.emplace(index, ActualLrpRows()).first;
  Record<ActualLrp>& here = it->second.by_presence[static_cast<size_t>(slot.presence)];
  DIEGO_CHECK(SameRow(here, change.before));
  here = change.after;
  Resettle(index, it->second);
  if (it->second.empty()) actual_.erase(it);
  Count(change.before, -1);
  Count(change.after, 1);

  const CellId before_cell = change.before ? change.before->instance.cell_id : CellId();
  const CellId after_cell = change.after ? change.after->instance.cell_id : CellId();
  if (before_cell != after_cell) {
    Unlink(actuals_by_cell_, before_cell, slot);
    Link(actuals_by_cell_, after_cell, slot);
  }
  if (change.before == nullptr) ++actual_rows_;
  if (change.after == nullptr) --actual_rows_;
}

void State::ApplyTask(const TaskChange& change) {
  const Task& row = change.after ? *change.after : *change.before;
  ApplyRow(tasks_, row.task_guid, change);
  const bool open = change.after && change.after->state != TaskState::kRunning;
  if (open) {
    open_tasks_.insert(row.task_guid);
  } else {
    open_tasks_.erase(row.task_guid);
  }
  const CellId before_cell = change.before ? RunsOn(*change.before) : CellId();
  const CellId after_cell = change.after ? RunsOn(*change.after) : CellId();
  if (before_cell != after_cell) {
    Unlink(tasks_by_cell_, before_cell, row.task_guid);
    Link(tasks_by_cell_, after_cell, row.task_guid);
  }
}

void State::ApplyDomain(const DomainChange& change) {
  const DomainRecord& row = change.after ? *change.after : *change.before;
  ApplyRow(domains_, row.domain, change);
}

void State::ApplyAnsweredCall(const AnsweredCallChange& change) {
  const AnsweredCall& row = change.after ? *change.after : *change.before;
  // The index may hold another, equal record than the change names.
  if (change.before) answered_by_age_.erase(change.before);
  ApplyRow(answered_, row.request.id, change);
  if (change.after) answered_by_age_.insert(change.after);
}

Record<DesiredLrp> State::FindDesired(const ProcessGuid& process_guid) const {
  return FindRow(desired_, process_guid);
}

Record<ActualLrp> State::FindActual(const ActualLrpSlot& slot) const {
  const auto it = actual_.find(LrpIndex(slot.process_guid, slot.index));
  if (it == actual_.end()) return nullptr;
  return it->second.by_presence[static_cast<size_t>(slot.presence)];
}

State::ActualLrpRows State::FindActuals(const ProcessGuid& process_guid, int32_t index) const {
  const auto it = actual_.find(LrpIndex(process_guid, index));
  return it == actual_.end() ? ActualLrpRows() : it->second;
}

Record<Task> State::FindTask(const TaskGuid& task_guid) const { return FindRow(tasks_, task_guid); }

Record<DomainRecord> State::FindDomain(const Domain& domain) const {
  return FindRow(domains_, domain);
}

Record<AnsweredCall> State::FindAnsweredCall(const std::string& request_id) const {
  return FindRow(answered_, request_id);
}

const absl::btree_set<ActualLrpSlot>& State::ActualsOnCell(const CellId& cell_id) const {
  static const absl::btree_set<ActualLrpSlot> kNone;
  const auto it = actuals_by_cell_.find(cell_id);
  return it == actuals_by_cell_.end() ? kNone : it->second;
}

const absl::btree_set<TaskGuid>& State::TasksOnCell(const CellId& cell_id) const {
  static const absl::btree_set<TaskGuid> kNone;
  const auto it = tasks_by_cell_.find(cell_id);
  return it == tasks_by_cell_.end() ? kNone : it->second;
}

}  // namespace diego::bbs
