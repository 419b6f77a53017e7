// A command of the program bbs beside serving: it has flags of its own, and all others are those of
// the BBS's configuration.
#pragma once

#include <functional>
#include <map>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/bbs/config.h"

namespace diego::bbs {

struct OperatorCommand {
  std::string name;                                    // "migrate"
  absl::string_view help;                              // the whole text of --help
  std::map<std::string, bool*, std::less<>> switches;  // "--plan", and what it sets
  // "--to", and what takes its value, "" if none is given; returns what is wrong with it, or "".
  std::map<std::string, std::function<std::string(absl::string_view)>, std::less<>> values;
  // What is wrong with the flags once all are read, or "". May be empty.
  std::function<std::string()> check;
  std::function<absl::Status(const BbsConfig&)> run;
};

// `argv[0]` is the command's name. Returns the exit code: 2 for what cannot be run as it was given.
int RunOperatorCommand(const OperatorCommand& command, int argc, const char* const* argv,
                       std::ostream& out, std::ostream& err);

}  // namespace diego::bbs
