#include "integration/simulation/invariants.h"

#include "absl/strings/str_cat.h"

namespace diego::simulation {
namespace {
// How old the knowledge may be that shows in a commit: a list of cells, a message that is late, a
// commit that is sent again and again.
constexpr absl::Duration kLately = absl::Seconds(35);
}  // namespace

void Invariants::CheckCommit(const bbs::Changes& changes) {
  rolls_.CheckCommit(changes);
  for (const bbs::Change& change : changes) {
    if (const auto* task = std::get_if<bbs::TaskChange>(&change)) {
      if (task->after == nullptr && task->before->state != TaskState::kResolving &&
          task->before->state != TaskState::kCompleted) {
        world_->Fail(absl::StrCat(task->before->task_guid.value(), " was lost while ",
                                  TaskStateName(task->before->state)));
      }
    }
    if (const auto* desired = std::get_if<bbs::DesiredLrpChange>(&change)) {
      const auto& row = desired->after != nullptr ? desired->after : desired->before;
      const bool lowered =
          desired->after == nullptr ||
          (desired->before != nullptr && desired->after->instances < desired->before->instances);
      if (lowered) last_lowered_[row->process_guid] = world_->now();
      if (desired->after != nullptr) {
        // Until now nobody wanted these.
        const int32_t from = desired->before == nullptr ? 0 : desired->before->instances;
        for (int32_t index = from; index < desired->after->instances; ++index) {
          last_unwanted_[{row->process_guid, index}] = world_->now();
        }
      }
    }
    if (const auto* actual = std::get_if<bbs::ActualLrpChange>(&change)) {
      for (const auto& row : {actual->before, actual->after}) {
        if (row == nullptr || row->state != ActualLrpState::kRunning) continue;
        last_running_[{row->key.process_guid, row->key.index}][row->instance.instance_guid] =
            world_->now();
      }
      if (actual->after != nullptr) CheckIndex(*actual->after);
    }
  }
}

void Invariants::CheckIndex(const ActualLrp& row) {
  const auto rows = database_->state().FindActuals(row.key.process_guid, row.key.index);
  // A claim that comes late may give an evacuating instance its ordinary row back; no other
  // instance ever holds two.
  const auto holds = [](const bbs::Record<ActualLrp>& one, const InstanceKey& instance) {
    return one != nullptr && !instance.empty() && one->instance == instance;
  };
  if (rows.suspect() != nullptr) {
    const InstanceKey& instance = rows.suspect()->instance;
    if (holds(rows.ordinary(), instance) || holds(rows.evacuating(), instance)) {
      world_->Fail(absl::StrCat(instance.instance_guid.value(), " holds two rows of ",
                                row.key.process_guid.value(), "/", row.key.index));
    }
  }
  if (row.presence == Presence::kSuspect) {
    const auto it = last_listed_absent_.find(row.instance.cell_id);
    if (it == last_listed_absent_.end() || world_->now() - it->second > kLately) {
      world_->Fail(absl::StrCat(row.instance.cell_id.value(), " was never away, yet ",
                                row.key.process_guid.value(), "/", row.key.index, " is suspect"));
    }
  }
}

bool Invariants::IsWanted(const ActualLrpKey& key) const {
  const auto desired = database_->state().FindDesired(key.process_guid);
  return desired != nullptr && key.index < desired->instances;
}

bool Invariants::WasUnwantedLately(const ActualLrpKey& key) const {
  const auto is_recent = [this](const auto& times, const auto& of) {
    const auto it = times.find(of);
    return it != times.end() && world_->now() - it->second <= kLately;
  };
  return is_recent(last_lowered_, key.process_guid) ||
         is_recent(last_unwanted_, std::pair(key.process_guid, key.index));
}

void Invariants::CheckStop(const ActualLrpKey& key, const InstanceKey& instance) {
  if (!IsWanted(key) || WasUnwantedLately(key)) return;
  if (rolls_.ToldToStop(instance.instance_guid)) return;
  world_->Fail(absl::StrCat("a stop of ", instance.instance_guid.value(), " although ",
                            key.process_guid.value(), "/", key.index, " is wanted"));
}

void Invariants::CheckEnded(const CellId& cell, const ActualLrpKey& key,
                            const InstanceGuid& instance) {
  if (!IsWanted(key) || WasUnwantedLately(key) || rolls_.ToldToStop(instance)) return;
  const auto rows = database_->state().FindActuals(key.process_guid, key.index);
  if (rows.ordinary() != nullptr && rows.ordinary()->state == ActualLrpState::kCrashed) return;
  for (const auto& row : rows.by_presence) {
    if (row != nullptr && row->state == ActualLrpState::kRunning &&
        row->instance.instance_guid != instance) {
      return;
    }
  }
  const auto it = last_running_.find({key.process_guid, key.index});
  if (it != last_running_.end()) {
    for (const auto& [other, at] : it->second) {
      if (other != instance && world_->now() - at <= kLately) return;
    }
  }
  world_->Fail(absl::StrCat(cell.value(), " ended the running ", instance.value(), " of ",
                            key.process_guid.value(), "/", key.index, ", the only one"));
}

void Invariants::NoteListed(const std::set<CellId>& present, const std::vector<Cell*>& cells) {
  for (const Cell* cell : cells) {
    if (present.count(cell->id()) == 0) last_listed_absent_[cell->id()] = world_->now();
  }
}

}  // namespace diego::simulation
