// The BBS by a clock that a test moves: `bbs-with-clock CLOCK_FILE`, then the flags of `bbs`.
#include <iostream>

#include "integration/harness/shared_clock.h"
#include "services/bbs/serve_command.h"

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: bbs-with-clock CLOCK_FILE [flags of bbs]\n";
    return 2;
  }
  const auto clock = diego::harness::SharedClock::Open(argv[1]);
  if (!clock.ok()) {
    std::cerr << clock.status() << "\n";
    return 1;
  }
  return diego::bbs::RunServeCommand(argc - 1, argv + 1, std::cout, std::cerr, **clock);
}
