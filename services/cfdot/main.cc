// cfdot: shows and changes what a Diego deployment runs.
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/clock.h"
#include "services/cfdot/cli.h"

int main(int argc, char** argv) {
  // gRPC's own lines would mix with ours; what matters comes back as a status.
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);
  std::ios::sync_with_stdio(false);
  const auto environment = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  diego::cfdot::Io io{std::cin, std::cout, std::cerr, environment, diego::RealClock()};
  return diego::cfdot::Run(std::vector<std::string>(argv + 1, argv + argc), io);
}
