// The parts of roll_rules.cc: one roll going on, and the rows it stands on.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "libs/base/random.h"
#include "services/bbs/core/auction.h"
#include "services/bbs/core/definitions.h"
#include "services/bbs/core/rows.h"

namespace diego::bbs {

// Adds the changes and effects of the other behind, before those of `outcome`; its answers stay.
void Append(Outcome more, Outcome* outcome);
void Prepend(Outcome earlier, Outcome* outcome);
// Tells the instance to stop, and remembers that.
void Stop(const ActualLrp& row, Rollout* rollout, Outcome* outcome);
// The row part of TakeBack.
void TakeRowsBack(State::ActualLrpRows* rows, Rollout* rollout, Outcome* outcome);
// Of the definitions that are kept, those not in `used` go but for the newest few.
void DropUnused(const std::set<std::string>& used, Rollout* rollout);

// Indices of one process as they stand after the changes of an outcome, where these touched them.
using TouchedRows = std::map<int32_t, State::ActualLrpRows>;

// What the changes of an outcome left, for processes of more than one definition. Refers to its
// arguments.
class RollChanges {
 public:
  RollChanges(const State& state, const Changes& changes);

  void Add(const ProcessGuid& process_guid) { rows_[process_guid]; }
  std::vector<ProcessGuid> processes() const;
  Record<DesiredLrp> DesiredOf(const ProcessGuid& process_guid) const;
  TouchedRows RowsOf(const ProcessGuid& process_guid) const { return rows_.at(process_guid); }

 private:
  // Whether there are any.
  bool TakeRowsOfMore(const DesiredLrp& before, const DesiredLrp& after);

  const State& state_;
  std::map<ProcessGuid, TouchedRows> rows_;
  std::map<ProcessGuid, Record<DesiredLrp>> desired_;
};

// Whether an instance runs, or waits to run, another definition than the active: such a one can
// turn up after the roll is done, where its cell was lost or its record, or a stop got lost before
// the LRP was scaled up again. Returns what to go back to when the roll that replaces it is
// cancelled: the definition that it runs, or the newest one kept where nobody remembers that; ""
// when there is none. An LRP that never rolled has no strays: after the loss of a database its
// instances run on.
std::string StrayDefinition(const DesiredLrp& lrp, const TouchedRows& touched);

// One roll. Lives for one command; appends to `outcome`.
class Roll {
 public:
  Roll(const Facts& facts, Record<DesiredLrp> lrp, TouchedRows touched, Outcome* outcome);
  // Not one that is under way: begins again, for what strays.
  void Resume(const std::string& base_id) { rollout_.base_id = base_id; }

  // Brings the index at hand to its end if it can be, then begins with the next, and so on, until
  // there is something to wait for or nothing to do.
  void Go();

 private:
  using Row = Record<ActualLrp>;

  bool IsAtIndex();  // false: the index at hand is done with, one way or the other
  bool BeginNext();  // false: none can begin now
  bool Begin(int32_t index, const State::ActualLrpRows& rows);
  void BeginBeside(int32_t index, State::ActualLrpRows rows);
  void GiveUp(int32_t index, State::ActualLrpRows* rows);
  void Finish();
  // What waits where the roll does not stand may have been left by an earlier roll, with a
  // definition that never comes up.
  void KeepToHealthy();
  void Commit();

  State::ActualLrpRows RowsOf(int32_t index) const;
  bool Runs(const Row& row) const;  // the active definition, and may be sent traffic
  bool IsActive(const Row& row) const;
  bool IsGivenUp(int32_t index) const;
  void LeaveIndex();
  // Waits for a place with that definition, as if it had never run; a holder is stopped.
  void Restart(const Row& row, const std::string& definition_id);
  void Create(int32_t index, const std::string& definition_id);
  void StopAndRemove(const Row& row);

  const Facts& facts_;
  const Record<DesiredLrp> before_;
  const DesiredLrp& lrp_;  // *before_; its rollout is in rollout_ meanwhile
  const std::string active_;
  Rollout rollout_;
  TouchedRows touched_;
  Outcome* outcome_;
  Random random_;
  bool pending_ = false;  // an index has to be waited for
  std::vector<Waiting> waiting_;
};

}  // namespace diego::bbs
