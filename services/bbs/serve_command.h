// `bbs` without a command: serves until it is told to end.
#pragma once

#include <ostream>

#include "libs/base/clock.h"

namespace diego::bbs {

// To be called before the process has a second thread, and once. Flags: the configuration's keys,
// and --help. Returns the exit code.
int RunServeCommand(int argc, char** argv, std::ostream& out, std::ostream& err,
                    const Clock& clock);

}  // namespace diego::bbs
