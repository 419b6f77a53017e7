// What a command is: one row of the table in commands.h.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace diego::cfdot {

class Session;

enum class FlagKind { kBool, kText, kInteger, kDuration };

struct Flag {
  absl::string_view name;  // "domain": given as --domain
  char shorthand = 0;      // 'd': given as -d; 0: none
  FlagKind kind = FlagKind::kText;
  absl::string_view value;  // what help calls the value: "DOMAIN"
  absl::string_view summary;
  absl::string_view environment = "";  // variable that stands in when the flag is not given
};

// Whom the command talks to, hence which connection flags it has.
enum class Peers { kNone, kBbs, kBbsStream, kLocket };

struct Command {
  absl::string_view name;
  absl::string_view arguments;  // "PROCESS_GUID INDEX"; "" for none
  absl::string_view summary;    // one line, no full stop
  Peers peers = Peers::kNone;
  std::vector<Flag> flags = {};  // besides those of the connection
  absl::Status (*run)(Session& session) = nullptr;
  absl::string_view details = "";  // more for help, lines of text; the usage leaves them out
};

// A command line, taken apart. Flags by long name; only those given. The text of a number or a
// duration has been checked; a bool is "true" or "false".
struct Invocation {
  const Command* command = nullptr;
  std::vector<std::string> arguments = {};
  std::map<std::string, std::string> flags = {};
  bool help = false;

  bool Has(absl::string_view flag) const { return flags.count(std::string(flag)) > 0; }
  std::string Text(absl::string_view flag) const {
    const auto found = flags.find(std::string(flag));
    return found == flags.end() ? "" : found->second;
  }
  bool Bool(absl::string_view flag) const { return Text(flag) == "true"; }
};

// All flags of a command: its own, the connection's, --output and --help.
std::vector<Flag> AllFlags(const Command& command);

}  // namespace diego::cfdot
