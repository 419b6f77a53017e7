// EngineMetrics: what the engine tells of itself, in numbers. Implemented by BbsMetrics.
#pragma once

#include <cstddef>

#include "absl/time/time.h"

namespace diego::bbs {

// Thread-safe.
class EngineMetrics {
 public:
  virtual ~EngineMetrics() = default;
  virtual void BatchCommitted(size_t calls, size_t changes, absl::Duration took) = 0;
  virtual void CommitUnsure() = 0;
  virtual void SubscriberCutOff() = 0;
  virtual void ConvergencePassed(absl::Duration took) = 0;
};

}  // namespace diego::bbs
