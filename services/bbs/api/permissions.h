// Who may make which call: one table. A cell, besides, speaks only for itself (commands.h says for
// which cell a request speaks). Source: docs/adr/0006-peer-identity-in-certificates.md.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "libs/rpc/identity.h"

namespace diego::bbs {

// The calls of diego.Bbs, in the order of the table.
enum class BbsCall {
  kPing,
  kDomains,
  kDomainByName,
  kUpsertDomain,
  kDesireLRP,
  kUpdateDesiredLRP,
  kRemoveDesiredLRP,
  kCancelDesiredLRPUpdate,
  kRollBackDesiredLRP,
  kDesiredLRPDefinitions,
  kDesiredLRPs,
  kDesiredLRPByProcessGuid,
  kDesiredLRPSchedulingInfos,
  kDesiredLRPSchedulingInfoByProcessGuid,
  kDesiredLRPRoutingInfos,
  kActualLRPs,
  kActualLRPsByProcessGuids,
  kClaimActualLRP,
  kStartActualLRP,
  kCrashActualLRP,
  kFailActualLRP,
  kRemoveActualLRP,
  kRetireActualLRP,
  kExplainLRP,
  kEvacuateClaimedActualLRP,
  kEvacuateRunningActualLRP,
  kEvacuateStoppedActualLRP,
  kEvacuateCrashedActualLRP,
  kRemoveEvacuatingActualLRP,
  kDesireTask,
  kStartTask,
  kCancelTask,
  kFailTask,
  kRejectTask,
  kCompleteTask,
  kResolvingTask,
  kDeleteTask,
  kTasks,
  kTaskByGuid,
  kCells,
  kCellById,
  kAcceptCellLosses,
  kPlacementTags,
  kStreamDomains,
  kStreamActualLRPs,
  kStreamActualLRPsByProcessGuids,
  kStreamDesiredLRPs,
  kStreamDesiredLRPSchedulingInfos,
  kStreamDesiredLRPRoutingInfos,
  kStreamTasks,
  kStreamCells,
  kSubscribe,
  kCount,
};

// The method's name in proto/diego/bbs.proto.
absl::string_view CallName(BbsCall call);

// OK, or PERMISSION_DENIED that names the call, the role seen and the roles allowed.
absl::Status MayCall(const rpc::PeerIdentity& peer, BbsCall call);

}  // namespace diego::bbs
