// Outcome: what executing one command came to. Nothing of it leaves the process before the group it
// belongs to has committed, refusals included.
#pragma once

#include <cstdint>
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

// Where a sliced command (convergence) goes on. Opaque to everyone but the rule that made it.
struct ConvergeCursor {
  int step = 0;
  std::string after;  // key of the last row looked at in this step

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
  std::optional<ConvergeCursor> converge_next;  // Converge: submit the next slice; absent = done
};

inline Outcome Refuse(absl::Status status) {
  Outcome outcome;
  outcome.status = std::move(status);
  return outcome;
}

}  // namespace diego::bbs
