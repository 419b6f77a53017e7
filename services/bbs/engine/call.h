// A call to the engine: a command, and where its answer goes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/bbs/core/command.h"
#include "services/bbs/core/outcome.h"

namespace diego::bbs {

// What the caller of a command is told, once everything it rests on has committed.
struct Reply {
  absl::Status status;  // OK, the refusal, or Unavailable: the term ended before it was decided
  bool should_start = false;    // StartTask
  bool keep_container = false;  // Evacuate…
  bool is_repetition = false;   // the answer to an earlier call of the same request id
  std::optional<ConvergeCursor> converge_next;               // Converge
  std::shared_ptr<const ConvergenceCounts> converge_counts;  // Converge
  std::vector<Record<ActualLrp>> stranded;                   // Converge
  std::vector<Domain> pruned_domains;                        // Converge
  absl::Duration took;  // how long other commands were held up by this one; only of Converge
};

// Called exactly once, on a thread of the engine: short, never blocks, never calls back into the
// term but to Submit.
using ReplyFunction = std::function<void(const Reply&)>;

struct Call {
  Command command;
  ReplyFunction reply;
  // The call is carried out once, however often it comes; see core/request_memory.h.
  std::optional<RequestIdentity> once = std::nullopt;
  // Of the request it serves; the events and calls that come of it carry it.
  std::string trace_id = {};
};

}  // namespace diego::bbs
