#include "services/bbs/core/converge_lrp.h"

#include <utility>

#include "services/bbs/core/actual_lrp_transitions.h"
#include "services/bbs/core/auction.h"
#include "services/bbs/core/definitions.h"
#include "services/bbs/core/domain_rules.h"
#include "services/bbs/core/internal_routes.h"
#include "services/bbs/core/roll_rules.h"
#include "services/bbs/core/settled.h"

namespace diego::bbs {
namespace {

using LrpState = ActualLrpState;

bool InState(const Record<ActualLrp>& row, LrpState state) {
  return row != nullptr && row->state == state;
}
bool IsHeld(const Record<ActualLrp>& row) {
  return InState(row, LrpState::kClaimed) || InState(row, LrpState::kRunning);
}

}  // namespace

LrpConverger::LrpConverger(const Facts& facts, const Converge& command, ConvergeCursor* cursor,
                           Outcome* outcome)
    : facts_(facts),
      command_(command),
      cursor_(cursor),
      outcome_(outcome),
      random_(facts.stamp.seed) {}

void LrpConverger::VisitIndex(const ProcessGuid& process_guid, int32_t index,
                              const State::ActualLrpRows& rows) {
  if (!entered_ || process_guid != process_guid_) EnterProcess(process_guid);
  index_ = index;
  ordinary_ = rows.ordinary();
  evacuating_ = rows.evacuating();
  suspect_ = rows.suspect();
  start_ = false;
  stopping_ = false;
  Count(index, rows);

  DropStrandedEvacuating();
  RestartStale();
  SuspectMissing();
  MendCount();
  RetireOrphans();
  DropExtraSuspect();
  WelcomeBack();
  RestartCrashed();
  MendDrift();
  if (start_) starts_.push_back(WaitingFor(*ordinary_, *desired_));
}

void LrpConverger::Flush() {
  if (desired_ != nullptr) Auction(*desired_, starts_, outcome_);
  starts_.clear();
}

void LrpConverger::EnterProcess(const ProcessGuid& process_guid) {
  Flush();
  if (cursor_->after != process_guid.value()) cursor_->after_crashing = false;
  entered_ = true;
  process_guid_ = process_guid;
  desired_ = facts_.state.FindDesired(process_guid);
  unreadable_ = facts_.state.IsUnreadable(process_guid);
  hostnames_.reset();
}

void LrpConverger::Count(int32_t index, const State::ActualLrpRows& rows) {
  ConvergenceCounts& counts = cursor_->counts;
  const bool wanted = desired_ != nullptr && index < desired_->instances;
  if (wanted && rows.ordinary() == nullptr) ++counts.lrps_missing;
  if (!wanted && !unreadable_ && rows.ordinary() != nullptr) ++counts.lrps_extra;
  if (desired_ != nullptr && InState(rows.ordinary(), LrpState::kCrashed)) {
    if (!cursor_->after_crashing) ++counts.crashing_desired_lrps;
    cursor_->after_crashing = true;
  }
}

void LrpConverger::DropStrandedEvacuating() {
  if (evacuating_ == nullptr || !command_.IsAbsent(evacuating_->instance.cell_id)) return;
  if (!StandsBeside(desired_.get(), index_)) {
    outcome_->stranded.push_back(evacuating_);
    return Remove(&evacuating_);
  }
  // The old instance of a roll: it is the ordinary one again, on a cell that is lost.
  State::ActualLrpRows rows{{ordinary_, evacuating_, suspect_}};
  desired_ = TakeBack(desired_, &rows, outcome_);
  ordinary_ = rows.ordinary();
  evacuating_ = nullptr;
  start_ = false;
}

void LrpConverger::RestartStale() {
  if (!IsKept() || !InState(ordinary_, LrpState::kUnclaimed)) return;
  if (facts_.stamp.now - ordinary_->since > command_.settings.stale_unclaimed) start_ = true;
}

void LrpConverger::SuspectMissing() {
  if (!IsKept() || !IsHeld(ordinary_) || !command_.IsAbsent(ordinary_->instance.cell_id)) return;
  if (suspect_ != nullptr || StandsBeside(desired_.get(), index_)) {
    // Another one serves.
    Replace(&ordinary_, UnclaimedAnew(*ordinary_));
    start_ = suspect_ == nullptr;
    return;
  }
  MovePresence(ordinary_, WithPresence(*ordinary_, Presence::kSuspect), &outcome_->changes);
  suspect_ = std::get<ActualLrpChange>(outcome_->changes.back()).after;
  CreateOrdinary();
}

void LrpConverger::MendCount() {
  if (desired_ == nullptr) return;
  if (IsWanted()) {
    if (ordinary_ == nullptr) CreateOrdinary();
    return;
  }
  if (!MayDestroy(desired_->domain)) return;
  RetireOrdinary();
  if (suspect_ && command_.IsAbsent(suspect_->instance.cell_id)) Remove(&suspect_);
}

void LrpConverger::RetireOrphans() {
  if (desired_ != nullptr || unreadable_) return;
  if (ordinary_ && MayDestroy(ordinary_->key.domain)) RetireOrdinary();
  if (suspect_ && MayDestroy(suspect_->key.domain)) Remove(&suspect_);
}

void LrpConverger::DropExtraSuspect() {
  if (InState(ordinary_, LrpState::kRunning) && InState(suspect_, LrpState::kRunning)) {
    Remove(&suspect_);
  }
}

void LrpConverger::WelcomeBack() {
  if (suspect_ == nullptr || !command_.IsPresent(suspect_->instance.cell_id)) return;
  if (ordinary_ != nullptr) Remove(&ordinary_);
  MovePresence(suspect_, WithPresence(*suspect_, Presence::kOrdinary), &outcome_->changes);
  ordinary_ = std::get<ActualLrpChange>(outcome_->changes.back()).after;
  suspect_ = nullptr;
  start_ = false;
}

void LrpConverger::RestartCrashed() {
  if (!IsKept() || !InState(ordinary_, LrpState::kCrashed)) return;
  const CrashRules rules = CrashRulesFor(facts_.state, desired_.get(), desired_->domain);
  if (RestartDueAt(*ordinary_, rules) > facts_.stamp.now) return;
  Replace(&ordinary_, UnclaimedAnew(*ordinary_));
  start_ = true;
}

void LrpConverger::MendDrift() {
  if (desired_ == nullptr) return;
  if (!stopping_) MendDriftOf(ordinary_);
  if (StandsBeside(desired_.get(), index_)) MendDriftOf(evacuating_);
}

void LrpConverger::MendDriftOf(const Record<ActualLrp>& row) {
  if (!InState(row, LrpState::kRunning) || !Drifts(*desired_, *row)) return;
  if (!hostnames_) hostnames_ = InternalRouteHostnames(desired_->routes);
  LrpInstanceUpdate update;
  update.key = row->key;
  update.instance = row->instance;
  update.has_internal_routes = true;
  update.internal_routes = *hostnames_;
  update.has_metric_tags = true;
  update.metric_tags = ResolvedMetricTags(desired_->metric_tags, *row);
  outcome_->effects.push_back(UpdateInstance{std::move(update)});
}

bool LrpConverger::IsWanted() const { return desired_ != nullptr && index_ < desired_->instances; }

bool LrpConverger::IsKept() const {
  return IsWanted() || (desired_ != nullptr && !MayDestroy(desired_->domain));
}

bool LrpConverger::MayDestroy(const Domain& domain) const {
  const Record<DomainRecord> record = facts_.state.FindDomain(domain);
  return record != nullptr && record->expire_time > facts_.stamp.now &&
         IsFresh(*record, facts_.stamp.now);
}

ActualLrp LrpConverger::UnclaimedAnew(const ActualLrp& row) const {
  ActualLrp next = Unclaimed(row, facts_.stamp.now);
  Redesignate(desired_.get(), &next);
  return next;
}

void LrpConverger::Replace(Row* row, ActualLrp next) {
  const Row before = *row;
  *row = MakeRecord(std::move(next));
  outcome_->changes.push_back(MakeChange(before, *row));
}

void LrpConverger::Remove(Row* row) {
  outcome_->changes.push_back(Disappears(*row));
  *row = nullptr;
}

void LrpConverger::CreateOrdinary() {
  const ActualLrpKey key = {process_guid_, index_, desired_->domain};
  ActualLrp row = NewUnclaimed(key, facts_.stamp.now, &random_);
  Redesignate(desired_.get(), &row);
  ordinary_ = MakeRecord(std::move(row));
  outcome_->changes.push_back(Appears(ordinary_));
  start_ = true;
}

void LrpConverger::RetireOrdinary() {
  if (ordinary_ == nullptr) return;
  const size_t before = outcome_->changes.size();
  Retire(ordinary_, command_.losses_held ? nullptr : command_.live_cells.get(), outcome_);
  if (outcome_->changes.size() > before) {
    ordinary_ = nullptr;
  } else {
    stopping_ = true;
  }
}

}  // namespace diego::bbs
