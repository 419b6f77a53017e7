// State: every record the active BBS holds, in ordered tables with the indexes that rules need.
//
// Used twice: as the sequencer's working state (ahead of what is committed) and inside the
// committed view (behind it). Not thread-safe: each copy belongs to one thread, or is guarded by
// its owner.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "services/bbs/core/change.h"

namespace diego::bbs {

class State {
 public:
  using LrpIndex = std::pair<ProcessGuid, int32_t>;
  // The rows of one index, by presence.
  struct ActualLrpRows {
    std::array<Record<ActualLrp>, 3> by_presence;
    const Record<ActualLrp>& ordinary() const { return by_presence[0]; }
    const Record<ActualLrp>& evacuating() const { return by_presence[1]; }
    const Record<ActualLrp>& suspect() const { return by_presence[2]; }
    bool empty() const;
  };

  State();
  State(const State&);
  State(State&&) noexcept;
  State& operator=(const State&);
  State& operator=(State&&) noexcept;
  ~State();

  // The only way state alters. The change's `before` must be the row as it stands here (same record
  // or equal); anything else is a bug in the rule that made it, and aborts.
  void Apply(const Change& change);

  // A desired LRP that is stored but could not be read: nobody knows what it asks for. Its
  // instances are no orphans and are left alone until it is desired anew or removed, which lifts
  // the mark.
  void MarkUnreadable(const ProcessGuid& process_guid) { unreadable_.insert(process_guid); }
  bool IsUnreadable(const ProcessGuid& process_guid) const {
    return unreadable_.count(process_guid) != 0;
  }

  // nullptr when there is none.
  Record<DesiredLrp> FindDesired(const ProcessGuid& process_guid) const;
  Record<ActualLrp> FindActual(const ActualLrpSlot& slot) const;
  // All presences of one index; empty rows when there are none.
  ActualLrpRows FindActuals(const ProcessGuid& process_guid, int32_t index) const;
  Record<Task> FindTask(const TaskGuid& task_guid) const;
  Record<DomainRecord> FindDomain(const Domain& domain) const;
  Record<AnsweredCall> FindAnsweredCall(const std::string& request_id) const;

  const absl::btree_map<ProcessGuid, Record<DesiredLrp>>& desired_lrps() const { return desired_; }
  // Those with a roll under way.
  const absl::btree_set<ProcessGuid>& rolling() const { return rolling_; }
  const absl::btree_map<LrpIndex, ActualLrpRows>& actual_lrps() const { return actual_; }
  const absl::btree_map<TaskGuid, Record<Task>>& tasks() const { return tasks_; }
  const absl::btree_map<Domain, Record<DomainRecord>>& domains() const { return domains_; }

  // Oldest first; equally old ones by id.
  struct OlderFirst {
    bool operator()(const Record<AnsweredCall>& a, const Record<AnsweredCall>& b) const {
      if (a->answered_at != b->answered_at) return a->answered_at < b->answered_at;
      return a->request.id < b->request.id;
    }
  };
  const absl::btree_set<Record<AnsweredCall>, OlderFirst>& answered_calls() const {
    return answered_by_age_;
  }

  // Rows held by a cell (any presence), and tasks running on it.
  const absl::btree_set<ActualLrpSlot>& ActualsOnCell(const CellId& cell_id) const;
  const absl::btree_set<TaskGuid>& TasksOnCell(const CellId& cell_id) const;

  using ActualsByCell = absl::btree_map<CellId, absl::btree_set<ActualLrpSlot>>;
  using TasksByCell = absl::btree_map<CellId, absl::btree_set<TaskGuid>>;
  const ActualsByCell& actuals_by_cell() const { return actuals_by_cell_; }
  const TasksByCell& tasks_by_cell() const { return tasks_by_cell_; }

  // What convergence has to look at even when every cell is there: the indices that are not settled
  // (settled.h), and the tasks that do not run.
  const absl::btree_set<LrpIndex>& unsettled_lrps() const { return unsettled_; }
  const absl::btree_set<TaskGuid>& open_tasks() const { return open_tasks_; }

  size_t actual_lrp_row_count() const { return actual_rows_; }
  int64_t CountOf(Presence presence, ActualLrpState state) const {
    return counts_[static_cast<size_t>(presence)][static_cast<size_t>(state)];
  }
  // Instances that are desired, over all desired LRPs.
  int64_t desired_instances() const { return desired_instances_; }

 private:
  // Looks anew at the wanted indices from `from` up to `to`, and at every row from `from` on.
  void Resettle(const ProcessGuid& process_guid, int32_t from, int32_t to);
  void Resettle(const LrpIndex& index, const ActualLrpRows& rows);
  void Count(const Record<ActualLrp>& row, int64_t by);

  void ApplyDesired(const DesiredLrpChange& change);
  void ApplyActual(const ActualLrpChange& change);
  void ApplyTask(const TaskChange& change);
  void ApplyDomain(const DomainChange& change);
  void ApplyAnsweredCall(const AnsweredCallChange& change);

  absl::btree_map<ProcessGuid, Record<DesiredLrp>> desired_;
  absl::btree_set<ProcessGuid> unreadable_;  // none of them is in desired_
  absl::btree_set<ProcessGuid> rolling_;
  absl::btree_map<LrpIndex, ActualLrpRows> actual_;
  absl::btree_map<TaskGuid, Record<Task>> tasks_;
  absl::btree_map<Domain, Record<DomainRecord>> domains_;
  ActualsByCell actuals_by_cell_;
  TasksByCell tasks_by_cell_;
  absl::btree_set<LrpIndex> unsettled_;
  absl::btree_set<TaskGuid> open_tasks_;
  absl::btree_map<std::string, Record<AnsweredCall>> answered_;
  absl::btree_set<Record<AnsweredCall>, OlderFirst> answered_by_age_;
  size_t actual_rows_ = 0;
  int64_t desired_instances_ = 0;
  std::array<std::array<int64_t, 4>, 3> counts_{};  // by presence and state
};

}  // namespace diego::bbs
