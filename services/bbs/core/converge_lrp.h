// The LRP steps of convergence at one index. Source: reference/behaviours.md section 6, LRP steps.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/random.h"
#include "services/bbs/core/auction.h"
#include "services/bbs/core/rows.h"

namespace diego::bbs {

// Lives for one slice; indices come in key order. Appends to `outcome`.
class LrpConverger {
 public:
  LrpConverger(const Facts& facts, const Converge& command, ConvergeCursor* cursor,
               Outcome* outcome);

  void VisitIndex(const ProcessGuid& process_guid, int32_t index, const State::ActualLrpRows& rows);
  // Asks for the places of the process at hand; call after the last index of the slice.
  void Flush();

 private:
  using Row = Record<ActualLrp>;

  void EnterProcess(const ProcessGuid& process_guid);
  void Count(int32_t index, const State::ActualLrpRows& rows);
  void DropStrandedEvacuating();
  void RestartStale();
  void SuspectMissing();
  void MendCount();
  void RetireOrphans();
  void DropExtraSuspect();
  void WelcomeBack();
  void RestartCrashed();
  void MendDrift();
  void MendDriftOf(const Record<ActualLrp>& row);

  bool IsWanted() const;
  // Wanted, or past the count where nothing may be destroyed: such a row is an instance as any.
  bool IsKept() const;
  bool MayDestroy(const Domain& domain) const;
  ActualLrp UnclaimedAnew(const ActualLrp& row) const;
  void Replace(Row* row, ActualLrp next);
  void Remove(Row* row);
  void CreateOrdinary();
  void RetireOrdinary();

  const Facts& facts_;
  const Converge& command_;
  ConvergeCursor* cursor_;
  Outcome* outcome_;
  Random random_;

  // The process at hand.
  bool entered_ = false;
  ProcessGuid process_guid_;
  Record<DesiredLrp> desired_;
  bool unreadable_ = false;                            // desired, but nobody knows what
  std::optional<std::vector<std::string>> hostnames_;  // of desired_, once asked for
  std::vector<Waiting> starts_;

  // The index at hand, as the steps so far have made it.
  int32_t index_ = 0;
  Row ordinary_;
  Row evacuating_;
  Row suspect_;
  bool start_ = false;
  bool stopping_ = false;  // the ordinary instance was asked to stop
};

}  // namespace diego::bbs
