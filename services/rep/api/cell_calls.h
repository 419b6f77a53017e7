// CellCalls: the calls of a cell, whichever protocol they come in by: who may make them, are they
// well formed, to the engine and back. Thread-safe; no call blocks.
// Source: reference/rep-auctioneer-http-api.md "Rep: servers"; proto/diego/cell.proto.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/log/log.h"
#include "libs/models/cell_state.h"
#include "libs/models/cell_usage.h"
#include "libs/rpc/identity.h"
#include "services/rep/engine/cell.h"
#include "services/rep/engine/rep_metrics.h"

namespace diego::rep {

struct Caller {
  rpc::PeerIdentity peer;     // as its certificate says
  std::string trace_id = {};  // see libs/rpc/trace_id.h
};

// OK, or PERMISSION_DENIED. The auctioneer asks for state and hands over work, the BBS stops,
// updates and cancels, an operator looks.
absl::Status MayCall(const rpc::PeerIdentity& peer, CellCall call);

class CellCalls {
 public:
  // What is referred to outlives it.
  CellCalls(Cell& cell, RepMetrics& metrics, const rpc::PeerRules& peers, const log::Logger& log);

  // A request that could not be read comes as the error that says so, and is the answer to a caller
  // who may call.
  absl::StatusOr<CellState> State(const Caller& caller);
  // Answers with what is handed back. InvalidRequest names all malformed fields.
  absl::StatusOr<Work> Perform(const Caller& caller, const absl::StatusOr<Work>& work);
  absl::Status StopLrp(const Caller& caller, const InstanceGuid& instance_guid);
  absl::Status UpdateLrp(const Caller& caller, const absl::StatusOr<LrpInstanceUpdate>& update);
  absl::Status CancelTask(const Caller& caller, const TaskGuid& task_guid);
  absl::StatusOr<CellUsage> Usage(const Caller& caller);
  // Whether the log of that container may be read.
  absl::Status MayReadLog(const Caller& caller, const std::string& container_guid);
  // Has the cell move its work away and end. InvalidRequest when another cell is meant.
  absl::Status Evacuate(const Caller& caller, const CellId& cell_id);
  // Whether the caller, who is on this machine, may have the cell leave: an operator, or a rep,
  // whose certificate is there anyway.
  absl::Status MayEvacuate(const Caller& caller) const;

 private:
  // Counts the call, checks the caller, and then runs `handle`.
  template <typename Result>
  Result Run(const Caller& caller, CellCall call, const std::function<Result()>& handle);

  Cell& cell_;
  RepMetrics& metrics_;
  const rpc::PeerRules peers_;
  const log::Logger log_;
};

}  // namespace diego::rep
