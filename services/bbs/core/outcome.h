// Outcome: what executing one command came to. Nothing of it leaves the process before the group it
// belongs to has committed, refusals included.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "libs/models/cell_state.h"
#include "services/bbs/core/change.h"

namespace diego::bbs {

// Work for the outside world once the changes are committed. Effects are repeated rather than lost:
// they are not stored, and convergence finds what is missing. Receivers tolerate repeats.
struct AuctionLrps {
  LrpStartRequest request;
};
struct AuctionTask {
  TaskStartRequest request;
};
// Ask the cell to stop the instance; its row goes when the cell reports.
struct StopInstance {
  ActualLrpKey key;
  InstanceKey instance;
};
struct UpdateInstance {
  LrpInstanceUpdate update;
};
struct CancelTaskOnCell {
  TaskGuid task_guid;
  CellId cell_id;
};
// The task was completed and has a callback URL.
struct CompleteTaskCallback {
  Record<Task> task;
};
using Effect = std::variant<AuctionLrps, AuctionTask, StopInstance, UpdateInstance,
                            CancelTaskOnCell, CompleteTaskCallback>;

// What one whole convergence pass saw, before it mended anything, and what it did. Ordinary rows
// unless said. Source: reference/config-and-metrics.md, the BBS's metrics.
struct ConvergenceCounts {
  int64_t lrps_desired = 0;  // instances, over all desired LRPs
  int64_t lrps_unclaimed = 0;
  int64_t lrps_claimed = 0;
  int64_t lrps_running = 0;
  int64_t lrps_crashed = 0;
  int64_t crashing_desired_lrps = 0;  // desired LRPs with at least one CRASHED instance
  int64_t lrps_missing = 0;
  int64_t lrps_extra = 0;
  int64_t suspect_running = 0;
  int64_t suspect_claimed = 0;
  int64_t suspect_cells = 0;  // absent ones that hold instances
  int64_t tasks_pending = 0;
  int64_t tasks_running = 0;
  int64_t tasks_completed = 0;
  int64_t tasks_resolving = 0;
  int64_t tasks_pruned = 0;
  int64_t tasks_kicked = 0;
  int64_t fresh_domains = 0;

  friend bool operator==(const ConvergenceCounts&, const ConvergenceCounts&) = default;
};

// Where a sliced command (convergence) goes on. Opaque to everyone but the rule that made it.
struct ConvergeCursor {
  int step = 0;
  std::string cell;          // the cell at hand, in steps that go by cell
  std::string after;         // key of the last row looked at in this step, or of this cell
  int32_t after_index = -1;  // and its index, where rows have one
  bool after_crashing = false;
  ConvergenceCounts counts;  // so far

  friend bool operator==(const ConvergeCursor&, const ConvergeCursor&) = default;
};

struct Outcome {
  // Not OK: the refusal or failure the caller is told. There may be changes all the same, where the
  // reference says that the call fails after its effect.
  absl::Status status;
  Changes changes;
  std::vector<Effect> effects;

  // Answers that some calls carry.
  bool should_start = false;                    // StartTask
  bool keep_container = false;                  // Evacuate…
  bool is_repetition = false;                   // answered from memory; see request_memory.h
  std::optional<ConvergeCursor> converge_next;  // Converge: submit the next slice; absent = done
  std::shared_ptr<const ConvergenceCounts> converge_counts;  // Converge: with the last slice
  // Converge: evacuating instances that were removed because their cell has gone before they were
  // replaced.
  std::vector<Record<ActualLrp>> stranded;
  // Converge: rolls that this slice looks at, for what only time changes.
  std::vector<ProcessGuid> rolls;
};

inline Outcome Refuse(absl::Status status) {
  Outcome outcome;
  outcome.status = std::move(status);
  return outcome;
}

}  // namespace diego::bbs
