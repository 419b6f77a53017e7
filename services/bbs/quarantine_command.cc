#include "services/bbs/quarantine_command.h"

#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_split.h"
#include "libs/base/status_util.h"
#include "libs/sql/database.h"
#include "libs/wire/columns.h"
#include "services/bbs/config.h"
#include "services/bbs/connections.h"
#include "services/bbs/operator_command.h"
#include "services/bbs/store/quarantine.h"

namespace diego::bbs {
namespace {

constexpr char kHelp[] =
    R"(bbs quarantine [--contents] [--drop TABLE[/KEY]] --config FILE [--KEY VALUE]...

Lists the rows that a BBS could not read when it became the active one: corrupt ones, and those
sealed with a key that it does not know. Each was copied when it was found; the row itself stays
where it was until a new record of the same key overwrites it. Where only a key was missing, add
it to encryption_keys and restart: the row is read again.

Prints a JSON object a line: table, key, found_at, reason. May be run at any time.

  --contents           with the rows' columns; payloads are sealed as they were
  --drop TABLE[/KEY]   drop the copies of that table, or of that row; rows are not touched
  --config FILE        the BBS's own configuration; every key of it may also be given as a flag
)";

struct Flags {
  bool contents = false;
  std::string drop;
};

absl::Status List(sql::Database& database, bool contents, std::ostream& out) {
  return ReadQuarantine(database, [&](const QuarantinedCopy& copy) {
    std::map<std::string, std::string> line = {
        {"table", copy.table},
        {"key", copy.key},
        {"found_at", absl::FormatTime(absl::RFC3339_sec, copy.found_at, absl::UTCTimeZone())},
        {"reason", copy.reason}};
    if (contents) line["content"] = copy.content;
    out << wire::StringMapToJson(line) << "\n";
    return absl::OkStatus();
  });
}

absl::Status Run(const BbsConfig& config, const Flags& flags, std::ostream& out) {
  DIEGO_ASSIGN_OR_RETURN(const auto database, sql::Database::Open(DatabaseOptionsOf(config)));
  if (flags.drop.empty()) return List(*database, flags.contents, out);
  const std::pair<std::string, std::string> what =
      absl::StrSplit(flags.drop, absl::MaxSplits('/', 1));
  DIEGO_ASSIGN_OR_RETURN(const int64_t dropped,
                         DropFromQuarantine(*database, what.first, what.second));
  out << "dropped " << dropped << "\n";
  return absl::OkStatus();
}

}  // namespace

int RunQuarantineCommand(int argc, const char* const* argv, std::ostream& out, std::ostream& err) {
  Flags flags;
  OperatorCommand command;
  command.name = "quarantine";
  command.help = kHelp;
  command.switches = {{"--contents", &flags.contents}};
  command.values["--drop"] = [&flags](absl::string_view text) -> std::string {
    flags.drop = std::string(text);
    return text.empty() ? "--drop has no value; write --drop TABLE[/KEY]" : "";
  };
  command.run = [&](const BbsConfig& config) { return Run(config, flags, out); };
  return RunOperatorCommand(command, argc, argv, out, err);
}

}  // namespace diego::bbs
