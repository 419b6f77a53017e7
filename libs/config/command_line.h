// The command line that all services share:
//
//   --config FILE   read FILE (JSON)           --check-config  say whether it is good, and exit
//   --KEY VALUE     set one key, beats FILE    --print-config  print it (secrets hidden), and exit
//   --help          list the keys, and exit    --version       print the version, and exit
//
// One dash works like two, `--key=value` like `--key value`, hyphens in keys like underscores.
#pragma once

#include <optional>
#include <ostream>
#include <vector>

#include "libs/config/reader.h"

namespace diego::config {

struct Start {
  // Set: the program ends at once with this code (0 after --help and the like, 2 when refused).
  std::optional<int> exit_code;
  // Of given keys; log one line each.
  std::vector<Notice> notices;
};

// Fills `config` (fresh) or says why not on `err`. Never throws.
Start StartInto(const Schema& schema, int argc, const char* const* argv, std::ostream& out,
                std::ostream& err, void* config, void* fresh_config);

template <typename Config>
Start FromCommandLine(const Table<Config>& table, int argc, const char* const* argv,
                      std::ostream& out, std::ostream& err, Config* config) {
  Config fresh{};
  return StartInto(table, argc, argv, out, err, config, &fresh);
}

}  // namespace diego::config
