// bbs: the database API: what is desired, what runs, and what to do about the difference.
#include <iostream>

#include "absl/strings/string_view.h"
#include "libs/base/clock.h"
#include "services/bbs/migrate_command.h"
#include "services/bbs/quarantine_command.h"
#include "services/bbs/serve_command.h"

int main(int argc, char** argv) {
  if (argc > 1 && absl::string_view(argv[1]) == "migrate") {
    return diego::bbs::RunMigrateCommand(argc - 1, argv + 1, std::cout, std::cerr);
  }
  if (argc > 1 && absl::string_view(argv[1]) == "quarantine") {
    return diego::bbs::RunQuarantineCommand(argc - 1, argv + 1, std::cout, std::cerr);
  }
  return diego::bbs::RunServeCommand(argc, argv, std::cout, std::cerr, diego::RealClock());
}
