// Every command the BBS executes, one struct a call. Commands are values that were validated at the
// door (libs/wire/validate.h); what they still need to know beyond the state comes in the Stamp.
// Source: reference/bbs-http-api.md "Routes"; reference/behaviours.md sections 1, 2 and 4 to 7.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/models/actual_lrp.h"
#include "libs/models/desired_lrp.h"
#include "libs/models/ids.h"
#include "libs/models/opaque.h"
#include "libs/models/task.h"
#include "services/bbs/core/outcome.h"

namespace diego::bbs {

// Given by the sequencer when a command's turn comes: the time it happens at, and the seed that all
// ids and random choices of its execution are drawn from.
struct Stamp {
  absl::Time now;
  uint64_t seed = 0;
};

// -- domains --
struct UpsertDomain {
  Domain domain;
  absl::Duration ttl;  // zero = forever
  // Absent = leave; an empty one takes it away.
  std::optional<CrashRestartPolicy> crash_restart_policy = {};
};

// -- desired LRPs --
struct DesireLrp {
  DesiredLrp lrp;  // its tag is ignored
};
// `expected_tag`: the tag that the caller's decision rests on; ResourceConflict when the record has
// moved on. Absent: whatever it is.
struct UpdateDesiredLrp {
  ProcessGuid process_guid;
  DesiredLrpUpdate update;
  std::optional<ModificationTag> expected_tag = std::nullopt;
};
struct RemoveDesiredLrp {
  ProcessGuid process_guid;
  std::optional<ModificationTag> expected_tag = std::nullopt;
};
// Goes back to the definition that the roll under way began from.
struct CancelDesiredLrpUpdate {
  ProcessGuid process_guid;
  std::optional<ModificationTag> expected_tag = std::nullopt;
};
// Rolls to a definition that is kept.
struct RollBackDesiredLrp {
  ProcessGuid process_guid;
  std::string definition_id;
  std::optional<ModificationTag> expected_tag = std::nullopt;
};

// -- actual LRPs --
struct ClaimActualLrp {
  ProcessGuid process_guid;
  int32_t index = 0;
  InstanceKey instance;
  std::string definition_id = {};  // which it will run; "" = the active one
};
// The facts a cell reports of a running instance.
struct InstanceFacts {
  ActualLrpKey key;
  InstanceKey instance;
  NetInfo net_info;
  std::vector<std::string> internal_routes;
  std::map<std::string, std::string> metric_tags;
  bool routable = true;
  std::string availability_zone;
  std::string definition_id = {};  // which it runs; "" = the cell does not know of definitions
};
struct StartActualLrp {
  InstanceFacts facts;
};
struct CrashActualLrp {
  ActualLrpKey key;
  InstanceKey instance;
  std::string reason;
};
struct FailActualLrp {
  ActualLrpKey key;
  std::string placement_error;
  Opaque placement_refusal = {};  // a serialized models.PlacementRefusal
};
struct RemoveActualLrp {
  ProcessGuid process_guid;
  int32_t index = 0;
  std::optional<InstanceKey> instance;
};
// Removes the row when nobody holds it or its cell is missing; else the cell is asked to stop it.
struct RetireActualLrp {
  ActualLrpKey key;
  // As in Converge: the cells that are present, where the caller of the engine knows them. Absent =
  // unknown: no cell counts as missing, and an instance that is held is stopped through its cell.
  std::shared_ptr<const std::set<CellId>> live_cells;
};

// -- evacuation --
struct EvacuateClaimedActualLrp {
  ActualLrpKey key;
  InstanceKey instance;
};
struct EvacuateRunningActualLrp {
  InstanceFacts facts;
};
struct EvacuateStoppedActualLrp {
  ActualLrpKey key;
  InstanceKey instance;
};
struct EvacuateCrashedActualLrp {
  ActualLrpKey key;
  InstanceKey instance;
  std::string reason;
};
struct RemoveEvacuatingActualLrp {
  ActualLrpKey key;
  InstanceKey instance;
};

// -- tasks --
struct DesireTask {
  Task task;  // guid, domain, definition and what is drawn from it; the rest is ignored
};
struct StartTask {
  TaskGuid task_guid;
  CellId cell_id;
};
struct CancelTask {
  TaskGuid task_guid;
};
struct FailTask {
  TaskGuid task_guid;
  std::string reason;
};
struct RejectTask {
  TaskGuid task_guid;
  std::string reason;
  // The cell that hands it back; it may hand back only what runs on it. Absent: whoever may.
  std::optional<CellId> by_cell = std::nullopt;
  Opaque placement_refusal = {};  // a serialized models.PlacementRefusal, from the auctioneer
};
struct CompleteTask {
  TaskGuid task_guid;
  CellId cell_id;
  bool failed = false;
  std::string failure_reason;
  std::string result;
};
struct ResolvingTask {
  TaskGuid task_guid;
};
struct DeleteTask {
  TaskGuid task_guid;
};

// -- any call --
// Changes nothing: what the call is about was not there to make a command for. It takes a command's
// way all the same, so that the repetition of a call that was carried out gets that one's answer.
struct RefuseCall {
  absl::Status refusal;
};

// -- convergence --
struct ConvergeSettings {
  absl::Duration stale_unclaimed = absl::Seconds(30);
  absl::Duration kick_task = absl::Seconds(30);
  absl::Duration expire_pending_task = absl::Seconds(1800);
  absl::Duration expire_completed_task = absl::Seconds(120);
};
// One slice of a convergence pass: looks at no more than `row_budget` rows and says in
// Outcome::converge_next where to go on.
struct Converge {
  // The cells that are present. Absent when they could not be read: then nothing that rests on a
  // cell's absence is done (missing information never stops an instance).
  std::shared_ptr<const std::set<CellId>> live_cells;
  ConvergeSettings settings;
  ConvergeCursor cursor;
  int row_budget = 2000;
  // That a cell is not among live_cells says nothing (core/cell_loss.h).
  bool losses_held = false;

  bool IsAbsent(const CellId& cell) const {  // known to be
    return live_cells != nullptr && !losses_held && live_cells->count(cell) == 0;
  }
  bool IsPresent(const CellId& cell) const {  // known to be
    return live_cells != nullptr && live_cells->count(cell) != 0;
  }
};

using AnyCommand =
    std::variant<UpsertDomain, DesireLrp, UpdateDesiredLrp, RemoveDesiredLrp,
                 CancelDesiredLrpUpdate, RollBackDesiredLrp, ClaimActualLrp, StartActualLrp,
                 CrashActualLrp, FailActualLrp, RemoveActualLrp, RetireActualLrp,
                 EvacuateClaimedActualLrp, EvacuateRunningActualLrp, EvacuateStoppedActualLrp,
                 EvacuateCrashedActualLrp, RemoveEvacuatingActualLrp, DesireTask, StartTask,
                 CancelTask, FailTask, RejectTask, CompleteTask, ResolvingTask, DeleteTask,
                 RefuseCall, Converge>;

// One of them. Its members are in command.cc, since each file that copies or moves one would
// otherwise compile that for all of them anew.
class Command : public AnyCommand {
 public:
  using AnyCommand::AnyCommand;
  Command(const Command&);
  Command(Command&&) noexcept;
  Command& operator=(const Command&);
  Command& operator=(Command&&) noexcept;
  ~Command();
};

// What rules are set to by the operator; the same for every command of a term.
struct RuleSettings {
  int32_t max_task_retries = 3;
  // See request_memory.h.
  absl::Duration remember_calls_for = absl::Minutes(5);
  int64_t remembered_calls = 200000;
};

}  // namespace diego::bbs
