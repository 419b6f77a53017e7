// `bbs quarantine`: an operator reads which stored rows could not be read. Its --help is the
// manual.
#pragma once

#include <ostream>

namespace diego::bbs {

// `argv[0]` is "quarantine". Returns the exit code: 0 done, 1 failed, 2 refused for its flags.
int RunQuarantineCommand(int argc, const char* const* argv, std::ostream& out, std::ostream& err);

}  // namespace diego::bbs
