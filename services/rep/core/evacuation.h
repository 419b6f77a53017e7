// ReconcileEvacuating: what an evacuating cell does about one of its containers. Pure functions.
// Source: reference/design-notes.md section 6 (second table); behaviours.md section 9.
#pragma once

#include <vector>

#include "absl/strings/string_view.h"
#include "libs/models/actual_lrp.h"
#include "services/rep/core/reconcile.h"

namespace diego::rep {

// The rows of the table: the index's ordinary record.
enum class OrdinaryRecord {
  kUnclaimed,
  kUnclaimedWithError,  // a replacement could not be placed: keep what runs
  kHere,                // CLAIMED or RUNNING by this container
  kClaimedElsewhere,
  kRunningElsewhereOrCrashed,
  kNone,
};
// Its columns: the index's evacuating record.
enum class EvacuatingRecord { kNone, kHere, kElsewhere };

enum class EvacuationAction {
  kKeep,                     // nothing to do; the container goes on running
  kPutEvacuating,            // create or take over the evacuating record; keep the container
  kPutEvacuatingAndUnclaim,  // the same, and the ordinary record becomes UNCLAIMED
  kUnclaim,                  // the ordinary record becomes UNCLAIMED; keep the container
  kRemoveEvacuatingAndDelete,
  kDeleteContainer,
  kGiveUpClaim,    // EvacuateClaimed, then delete: it never came to run
  kReportStopped,  // EvacuateStopped, then delete
  kReportCrashed,  // EvacuateCrashed, then delete
};
absl::string_view EvacuationActionName(EvacuationAction action);

EvacuationAction ReconcileEvacuating(OrdinaryRecord ordinary, EvacuatingRecord evacuating,
                                     ContainerPhase phase);

struct EvacuationMatch {
  OrdinaryRecord ordinary = OrdinaryRecord::kNone;
  EvacuatingRecord evacuating = EvacuatingRecord::kNone;
};
// What the rows of one index are to the container of `instance`.
EvacuationMatch MatchEvacuating(const std::vector<ActualLrp>& rows, const InstanceKey& instance);

}  // namespace diego::rep
