// EffectsMetrics: what acting outward counts. Implemented by BbsMetrics.
#pragma once

#include <cstddef>

namespace diego::bbs {

// Thread-safe.
class EffectsMetrics {
 public:
  virtual ~EffectsMetrics() = default;
  virtual void AuctionsSent(size_t count) = 0;
  virtual void AuctionsDropped(size_t count) = 0;
  virtual void CellCallEnded(bool ok) = 0;
  virtual void CellCallDropped() = 0;
  virtual void CallbackEnded(bool delivered) = 0;
  // After each look at the presences; `missing` are those whose loss is held.
  virtual void CellsSeen(size_t present, size_t missing, bool losses_held) = 0;
};

}  // namespace diego::bbs
