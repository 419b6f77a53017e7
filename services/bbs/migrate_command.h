// `bbs migrate`: an operator brings the database to a version of the schema, up or down, or reads
// what that would do. Its --help is the manual.
#pragma once

#include <ostream>

namespace diego::bbs {

// `argv[0]` is "migrate". Returns the exit code: 0 done, 1 failed, 2 refused for its flags.
int RunMigrateCommand(int argc, const char* const* argv, std::ostream& out, std::ostream& err);

}  // namespace diego::bbs
