#include "services/cfdot/parse.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_join.h"
#include "services/cfdot/commands/commands.h"
#include "services/cfdot/failure.h"

namespace diego::cfdot {
namespace {

std::string Describe(const Invocation& invocation) {
  return absl::StrCat(invocation.command == nullptr ? "" : invocation.command->name, "|",
                      absl::StrJoin(invocation.arguments, ","), "|",
                      absl::StrJoin(invocation.flags, ",", absl::PairFormatter("=")));
}

TEST_CASE("words are taken apart as the original does", "[cfdot]") {
  struct Case {
    std::vector<std::string> words;
    std::string parsed;
  };
  const auto row = GENERATE(values<Case>({
      {{}, "||"},
      {{"tasks"}, "tasks||"},
      {{"tasks", "-d", "demo"}, "tasks||domain=demo"},
      {{"tasks", "-ddemo"}, "tasks||domain=demo"},
      {{"tasks", "-d=demo"}, "tasks||domain=demo"},
      {{"tasks", "--domain=demo", "--cell-id", "c1"}, "tasks||cell-id=c1,domain=demo"},
      {{"--bbsURL", "tasks", "tasks"}, "tasks||bbsURL=tasks"},
      {{"--skipCertVerify", "tasks"}, "tasks||skipCertVerify=true"},
      {{"tasks", "--skipCertVerify=false"}, "tasks||skipCertVerify=false"},
      {{"--locketAPILocation", "a:1", "locks"}, "locks||locketAPILocation=a:1"},
      {{"retire-actual-lrp", "web", "-1"}, "retire-actual-lrp|web,-1|"},
      {{"create-task", "-"}, "create-task|-|"},
      {{"task", "--", "--odd"}, "task|--odd|"},
      {{"logs", "-fn5", "web/0"}, "logs|web/0|follow=true,lines=5"},
      {{"tasks", "-d", "a", "-d", "b"}, "tasks||domain=b"},
      {{"claim-lock", "-o", "me"}, "claim-lock||owner=me"},
      {{"locks", "-o", "table"}, "locks||output=table"},
      {{"task", ""}, "task||"},
  }));
  Invocation invocation;
  const std::vector<Command> commands = AllCommands();  // the invocation refers to them
  const absl::Status status = Parse(row.words, commands, &invocation);
  INFO(absl::StrJoin(row.words, " "));
  REQUIRE(status.ok());
  CHECK(Describe(invocation).substr(0, row.parsed.size()) == row.parsed);
}

TEST_CASE("words that cannot be are refused as validation errors", "[cfdot]") {
  struct Case {
    std::vector<std::string> words;
    std::string text;
  };
  const auto row = GENERATE(values<Case>({
      {{"tsks"}, "'tsks' is not a valid command. Did you mean 'tasks'?"},
      {{"desired-lrsp"}, "'desired-lrsp' is not a valid command. Did you mean 'desired-lrps'?"},
      {{"xyzzy"}, "'xyzzy' is not a valid command"},
      {{"tasks", "--domian", "x"}, "unknown flag: --domian. Did you mean --domain?"},
      {{"tasks", "--zebra"}, "unknown flag: --zebra"},
      {{"tasks", "-z"}, "unknown shorthand flag: 'z' in -z"},
      {{"tasks", "--domain"}, "flag needs an argument: --domain"},
      {{"tasks", "-d"}, "flag needs an argument: 'd' in -d"},
      {{"tasks", "-d", "a", "--domain", "b"}, "Only one of -d and --domain should be passed"},
      {{"tasks", "--cell-id", "a", "-c", "b"}, "Only one of -c and --cell-id should be passed"},
      {{"tasks", "--timeout", "soon"},
       "invalid argument \"soon\" for \"--timeout\" flag: it should be a whole number"},
      {{"tasks", "--skipCertVerify=perhaps"},
       "invalid argument \"perhaps\" for \"--skipCertVerify\" flag: it should be true or false"},
      {{"locks", "--bbsURL", "x"}, "unknown flag: --bbsURL"},
  }));
  Invocation invocation;
  const std::vector<Command> commands = AllCommands();
  const absl::Status status = Parse(row.words, commands, &invocation);
  CHECK(status.message() == row.text);
  CHECK(ExitCodeOf(status) == ExitCode::kValidation);
}

TEST_CASE("a duration that is none is refused with how to write it", "[cfdot]") {
  const std::vector<std::string> words = {"set-domain", "demo", "-t", "soon"};
  Invocation invocation;
  const std::vector<Command> commands = AllCommands();
  const absl::Status status = Parse(words, commands, &invocation);
  CHECK_THAT(std::string(status.message()),
             Catch::StartsWith("invalid argument \"soon\" for \"-t, --ttl\" flag: "));
}

TEST_CASE("no command has two flags of one name or letter", "[cfdot]") {
  for (const Command& command : AllCommands()) {
    INFO(command.name);
    CHECK(command.run != nullptr);
    std::map<std::string, int> seen;
    for (const Flag& flag : AllFlags(command)) {
      ++seen[std::string(flag.name)];
      if (flag.shorthand != 0) ++seen[std::string(1, flag.shorthand)];
    }
    for (const auto& [name, count] : seen) {
      INFO(name);
      CHECK(count == 1);
    }
  }
}

}  // namespace
}  // namespace diego::cfdot
