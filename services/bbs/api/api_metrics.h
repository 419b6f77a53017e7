// ApiMetrics: what the door counts. Implemented by BbsMetrics.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/bbs/api/permissions.h"

namespace diego::bbs {

// Thread-safe.
class ApiMetrics {
 public:
  virtual ~ApiMetrics() = default;
  virtual void CallEnded(BbsCall call, const absl::Status& status, absl::Duration took) = 0;
  // It was answered as an earlier one of the same request id.
  virtual void CallRepeated(BbsCall call) = 0;
};

}  // namespace diego::bbs
