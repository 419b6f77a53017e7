#include "services/bbs/core/roll_rules.h"

#include <algorithm>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/models/error.h"
#include "services/bbs/core/roll.h"

namespace diego::bbs {
namespace {

using Rows = State::ActualLrpRows;
using LrpState = ActualLrpState;

// Calls visit(row) with every row of the process.
template <typename Visit>
void ForRowsOf(const State& state, const ProcessGuid& process_guid, const Visit& visit) {
  const auto& all = state.actual_lrps();
  for (auto it = all.lower_bound({process_guid, 0});
       it != all.end() && it->first.first == process_guid; ++it) {
    for (const Record<ActualLrp>& row : it->second.by_presence) {
      if (row != nullptr) visit(*row);
    }
  }
}

std::set<std::string> DefinitionsThatRun(const State& state, const DesiredLrp& lrp) {
  std::set<std::string> ids;
  ForRowsOf(state, lrp.process_guid, [&](const ActualLrp& row) {
    if (row.state == LrpState::kRunning) ids.insert(DefinitionOf(row, lrp));
  });
  return ids;
}

// The last definition of which an instance ran, now that a roll to `next` begins.
std::string HealthyId(const State& state, const DesiredLrp& lrp, const std::string& next) {
  const std::set<std::string> running = DefinitionsThatRun(state, lrp);
  if (running.count(next)) return next;
  const Rollout& rollout = *lrp.rollout;
  if (rollout.under_way() && !rollout.healthy_id.empty()) return rollout.healthy_id;
  if (running.count(lrp.DefinitionId())) return lrp.DefinitionId();
  for (const std::string& id : running) {
    if (Knows(lrp, id)) return id;
  }
  return "";
}

size_t BytesOf(const LrpDefinition& definition) {
  size_t bytes = definition.run_info.bytes().size() + definition.placement.root_fs.size();
  for (const std::string& tag : definition.placement.placement_tags) bytes += tag.size();
  for (const std::string& driver : definition.placement.volume_drivers) bytes += driver.size();
  return bytes;
}

absl::Status CheckKept(const Rollout& rollout) {
  size_t bytes = 0;
  for (const LrpDefinition& kept : rollout.kept) bytes += BytesOf(kept);
  if (rollout.kept.size() < kMostDefinitions && bytes <= kMostKeptBytes) return absl::OkStatus();
  return DiegoError(
      ErrorType::kInvalidRequest,
      absl::StrCat("definition: ", rollout.kept.size(), " others are in use, of ", bytes,
                   " bytes; at most ", kMostDefinitions - 1, " and ", kMostKeptBytes,
                   " bytes may be: wait until the roll is done, or cancel it"));
}

// Of a command: the index it is about and the instance that reports, if it is one of those that an
// old instance is taken back for.
struct Report {
  ProcessGuid process_guid;
  int32_t index = 0;
  InstanceKey instance;
};
struct ReportOf {
  std::optional<Report> operator()(const CrashActualLrp& c) const { return Of(c.key, c.instance); }
  std::optional<Report> operator()(const EvacuateClaimedActualLrp& c) const {
    return Of(c.key, c.instance);
  }
  std::optional<Report> operator()(const EvacuateStoppedActualLrp& c) const {
    return Of(c.key, c.instance);
  }
  std::optional<Report> operator()(const EvacuateCrashedActualLrp& c) const {
    return Of(c.key, c.instance);
  }
  std::optional<Report> operator()(const EvacuateRunningActualLrp& c) const {
    return Of(c.facts.key, c.facts.instance);
  }
  std::optional<Report> operator()(const RemoveActualLrp& c) const {
    if (!c.instance) return std::nullopt;
    return Report{c.process_guid, c.index, *c.instance};
  }
  template <typename Other>
  std::optional<Report> operator()(const Other&) const {
    return std::nullopt;
  }

  static std::optional<Report> Of(const ActualLrpKey& key, const InstanceKey& instance) {
    return Report{key.process_guid, key.index, instance};
  }
};

}  // namespace

absl::Status StartRoll(LrpDefinition next, Facts* facts, DesiredLrp* lrp, Outcome* outcome) {
  Rollout rollout = *lrp->rollout;
  const std::string healthy = HealthyId(facts->state, *lrp, next.id);
  const std::string previous = lrp->DefinitionId();
  const bool stood_beside = rollout.beside;
  const int32_t stood_at = rollout.index.value_or(0);

  rollout.base_id = healthy.empty() || healthy == next.id ? previous : healthy;
  rollout.healthy_id = healthy;
  rollout.index.reset();
  rollout.beside = false;
  rollout.given_up.clear();
  DesiredLrp after = *lrp;
  Activate(std::move(next), &after, &rollout);
  std::set<std::string> used = {rollout.base_id, healthy};
  ForRowsOf(facts->state, lrp->process_guid,
            [&](const ActualLrp& row) { used.insert(DefinitionOf(row, *lrp)); });
  DropUnused(used, &rollout);
  if (absl::Status checked = CheckKept(rollout); !checked.ok()) return checked;

  if (stood_beside) {
    Rows rows = facts->RowsOf(lrp->process_guid, stood_at);
    TakeRowsBack(&rows, &rollout, outcome);
    facts->taken_back = Facts::TakenBack{State::LrpIndex(lrp->process_guid, stood_at), rows,
                                         facts->DesiredOf(lrp->process_guid)};
  }
  after.rollout = SharedRollout(std::move(rollout));
  *lrp = std::move(after);
  return absl::OkStatus();
}

Outcome Decide(const Facts& facts, const CancelDesiredLrpUpdate& command) {
  const Record<DesiredLrp> before = facts.state.FindDesired(command.process_guid);
  if (before == nullptr) return Refuse(DiegoError(ErrorType::kResourceNotFound));
  if (absl::Status at_tag = CheckTag(*before, command.expected_tag); !at_tag.ok()) {
    return Refuse(std::move(at_tag));
  }
  const LrpDefinition* base = FindKept(*before, before->rollout->base_id);
  if (base == nullptr) {
    return Refuse(DiegoError(ErrorType::kResourceConflict,
                             "no update is under way; to go back to a definition that is kept, "
                             "roll back to it"));
  }
  return Decide(facts, RollBackDesiredLrp{command.process_guid, base->id});
}

Outcome Decide(const Facts& facts, const RollBackDesiredLrp& command) {
  const Record<DesiredLrp> before = facts.state.FindDesired(command.process_guid);
  if (before == nullptr) return Refuse(DiegoError(ErrorType::kResourceNotFound));
  if (absl::Status at_tag = CheckTag(*before, command.expected_tag); !at_tag.ok()) {
    return Refuse(std::move(at_tag));
  }
  Outcome outcome;
  if (before->DefinitionId() == command.definition_id) return outcome;
  const LrpDefinition* kept = FindKept(*before, command.definition_id);
  if (kept == nullptr) {
    return Refuse(DiegoError(ErrorType::kResourceNotFound,
                             absl::StrCat("definition_id: \"", command.definition_id,
                                          "\" is not among the definitions that are kept")));
  }
  Outcome taken_back;
  DesiredLrp after = *before;
  after.tag = before->tag.Next();
  Facts since = facts;
  outcome.status = StartRoll(*kept, &since, &after, &taken_back);
  if (!outcome.status.ok()) return outcome;
  outcome.changes.push_back(Becomes(before, std::move(after)));
  Append(std::move(taken_back), &outcome);
  return outcome;
}

Record<DesiredLrp> TakeBack(const Record<DesiredLrp>& lrp, Rows* rows, Outcome* outcome) {
  Rollout rollout = *lrp->rollout;
  TakeRowsBack(rows, &rollout, outcome);
  rollout.index.reset();
  rollout.beside = false;
  DesiredLrp after = *lrp;
  after.rollout = SharedRollout(std::move(rollout));
  const Record<DesiredLrp> record = MakeRecord(std::move(after));
  outcome->changes.push_back(MakeChange(lrp, record));
  return record;
}

void TakeBackFor(const Command& command, Facts* facts, Outcome* outcome) {
  if (facts->state.rolling().empty()) return;
  const std::optional<Report> report = std::visit(ReportOf(), command);
  if (!report) return;
  const Record<DesiredLrp> lrp = facts->state.FindDesired(report->process_guid);
  if (!StandsBeside(lrp.get(), report->index)) return;
  Rows rows = facts->state.FindActuals(report->process_guid, report->index);
  const Record<ActualLrp>& old = rows.evacuating();
  if (old == nullptr || old->instance != report->instance) return;
  const Record<DesiredLrp> after = TakeBack(lrp, &rows, outcome);
  facts->taken_back =
      Facts::TakenBack{State::LrpIndex(report->process_guid, report->index), rows, after};
}

void RollOn(const Facts& facts, Outcome* outcome) {
  RollChanges touched(facts.state, outcome->changes);
  for (const ProcessGuid& guid : outcome->rolls) touched.Add(guid);
  for (const ProcessGuid& guid : touched.processes()) {
    const Record<DesiredLrp> lrp = touched.DesiredOf(guid);
    if (lrp == nullptr) continue;
    Roll roll(facts, lrp, touched.RowsOf(guid), outcome);
    if (!lrp->rollout->under_way()) {
      const std::string stray = StrayDefinition(*lrp, touched.RowsOf(guid));
      if (stray.empty()) continue;
      roll.Resume(stray);
    }
    roll.Go();
  }
}

}  // namespace diego::bbs
