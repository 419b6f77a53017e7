// CpuUse: how much CPU each container uses, from readings of how much it has used in all. Used by
// one thread at a time. Source: reference/rep-auctioneer-http-api.md "ContainerMetrics".
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace diego::rep {

// What one container has used since it was made, and how long ago that was.
struct CpuReading {
  std::string guid;
  absl::Duration cpu_time;
  absl::Duration age;
};

class CpuUse {
 public:
  // For each reading the CPUs in use (1.5 = one and a half) since the reading before, or since the
  // container was made when there is none. A reading within a second of the one before answers like
  // that one: askers do not shorten each other's span to nothing. Containers without a reading are
  // forgotten, so pass all there are.
  std::vector<double> Take(const std::vector<CpuReading>& readings);

 private:
  struct Last {
    absl::Duration cpu_time;
    absl::Duration age;
    double fraction = 0;
  };
  std::map<std::string, Last> last_;
};

}  // namespace diego::rep
