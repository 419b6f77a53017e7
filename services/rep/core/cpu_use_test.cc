#include "services/rep/core/cpu_use.h"

#include <catch2/catch.hpp>

namespace diego::rep {
namespace {

CpuReading Reading(const std::string& guid, double cpu_seconds, double age_seconds) {
  return {guid, absl::Seconds(cpu_seconds), absl::Seconds(age_seconds)};
}

TEST_CASE("cpu use: a container's is counted from the reading before", "[rep][cpu]") {
  struct Step {
    const char* what;
    CpuReading reading;
    double fraction;
  };
  const Step steps[] = {
      {"first seen: since it was made", Reading("a", 5, 20), 0.25},
      {"busy since", Reading("a", 20, 30), 1.5},
      {"idle since", Reading("a", 20, 40), 0},
      {"too soon to tell: as before", Reading("a", 20.5, 40.5), 0},
      {"counted from the last that told", Reading("a", 25, 50), 0.5},
      {"read a little earlier, told a little later", Reading("a", 24, 49.8), 0.5},
      {"another container of that guid", Reading("a", 1, 4), 0.25},
      {"it used less than before: nothing", Reading("a", 0, 14), 0},
  };
  CpuUse use;
  for (const Step& step : steps) {
    INFO(step.what);
    CHECK(use.Take({step.reading}) == std::vector<double>{step.fraction});
  }
}

TEST_CASE("cpu use: each container is counted for itself, and forgotten when it is gone",
          "[rep][cpu]") {
  CpuUse use;
  CHECK(use.Take({Reading("a", 1, 10), Reading("b", 2, 10)}) == std::vector<double>{0.1, 0.2});
  CHECK(use.Take({Reading("b", 12, 20)}) == std::vector<double>{1});
  CHECK(use.Take({Reading("a", 15, 30), Reading("b", 12, 30)}) == std::vector<double>{0.5, 0});
  CHECK(use.Take({}).empty());
}

TEST_CASE("cpu use: a container without an age uses nothing yet", "[rep][cpu]") {
  CpuUse use;
  CHECK(use.Take({Reading("a", 1, 0)}) == std::vector<double>{0});
}

}  // namespace
}  // namespace diego::rep
