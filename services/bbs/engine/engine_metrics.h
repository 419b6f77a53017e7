// EngineMetrics: what the engine tells of itself, in numbers. Implemented by BbsMetrics.
#pragma once

#include <cstddef>

#include "absl/time/time.h"
#include "services/bbs/core/outcome.h"

namespace diego::bbs {

// Thread-safe.
class EngineMetrics {
 public:
  virtual ~EngineMetrics() = default;
  virtual void BatchCommitted(size_t calls, const Changes& changes, absl::Duration took) = 0;
  virtual void CommitUnsure() = 0;
  virtual void SubscriberCutOff() = 0;
  // A slice of convergence held other commands up for so long.
  virtual void ConvergenceSliced(absl::Duration took) = 0;
  virtual void ConvergencePassed(absl::Duration took, const ConvergenceCounts& counts) = 0;
  // Evacuating instances were removed with their cell before they were replaced.
  virtual void EvacuationsStranded(size_t count) = 0;
};

}  // namespace diego::bbs
