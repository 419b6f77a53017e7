// Host ports for containers, out of a range that belongs to this cell.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/sync/guarded.h"
#include "services/rep/containers/unique_fd.h"

namespace diego::rep {

// A port that is handed out is also bound (not listened on), so that no other process of the
// machine, nor another cell with an overlapping range, takes it: packets to it are redirected to
// the container before any socket sees them. Thread-safe.
class PortPool {
 public:
  // [first, first + count)
  PortPool(uint16_t first, int count);

  // As many different ports. Recently released ones come last. ResourceExhausted.
  absl::StatusOr<std::vector<uint16_t>> Take(size_t count);
  void Release(const std::vector<uint16_t>& ports);

 private:
  struct State {
    std::map<uint16_t, UniqueFd> taken;
    int cursor = 0;
  };
  const uint16_t first_;
  const int count_;
  Guarded<State> state_;
};

}  // namespace diego::rep
