// Every lifecycle call against every combination of ordinary, evacuating and suspect rows, by the
// tables of reference/behaviours.md sections 1, 3 and 4. The caller is always a@1.
#include <algorithm>
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/bbs/core/testing_states.h"

namespace diego::bbs {
namespace {

using testing::Cells;
using testing::FactsOf;
using testing::Instance;
using testing::KeyOf;
using testing::kWeb;
using testing::World;

// A row of an index, by the name that the rules below give it; "" = there is none.
struct Named {
  const char* name;
  const char* row;
};
// An instance of the caller's (a), or of another: b, c or d.
constexpr Named kOrdinary[] = {
    {"none", ""},          {"U", "UNCLAIMED"},    {"Ca", "CLAIMED a@1"},     {"Cb", "CLAIMED b@2"},
    {"Ra", "RUNNING a@1"}, {"Rb", "RUNNING b@2"}, {"X", "CRASHED crashes=3"}};
constexpr Named kEvacuating[] = {{"none", ""}, {"a", "E:RUNNING a@1"}, {"c", "E:RUNNING c@3"}};
constexpr Named kSuspect[] = {{"none", ""},
                              {"Ca", "S:CLAIMED a@1"},
                              {"Ra", "S:RUNNING a@1"},
                              {"Cd", "S:CLAIMED d@4"},
                              {"Rd", "S:RUNNING d@4"}};

// The first rule of a call whose three patterns fit says what comes of it. A pattern is a list of
// names with "|", or "*". What is after is "=" for no change, "-" for no row, or the row as
// testing::Row shows it.
struct Rule {
  const char* ordinary;
  const char* evacuating;
  const char* suspect;
  const char* status;
  const char* ordinary_after = "=";
  const char* evacuating_after = "=";
  const char* suspect_after = "=";
  const char* effects = "";
  bool keep_container = false;
};
struct Table {
  const char* call;
  Command command;
  std::vector<Rule> rules;
};

constexpr char kMine[] = "Ca|Ra";
constexpr char kNotFound[] = "ResourceNotFound";

std::vector<Table> LifecycleTables() {
  const InstanceKey a = Instance("a@1");
  return {
      {"Claim",
       ClaimActualLrp{kWeb, 0, a},
       {{"*", "*", kMine, "ok"},
        {"none", "*", "*", kNotFound},
        {"U", "*", "*", "ok", "CLAIMED a@1 +1"},
        {"Ca", "*", "*", "ok"},
        {"Ra", "*", "*", "ok", "CLAIMED a@1 +1"},
        {"Cb|Rb|X", "*", "*", "ActualLRPCannotBeClaimed"}}},
      {"Start",
       StartActualLrp{FactsOf("a@1")},
       {{"*", "*", kMine, "ok"},
        {"none", "*", "*", "ok", "RUNNING a@1 new", "-", "-"},
        {"U|Ca|Cb", "*", "*", "ok", "RUNNING a@1 +1", "-", "-"},
        {"Ra", "*", "*", "ok", "=", "-", "-"},
        {"Rb|X", "*", "*", "ActualLRPCannotBeStarted"}}},
      {"Crash",
       CrashActualLrp{KeyOf(0), a, "boom"},
       {{"*", "*", kMine, "ok", "=", "=", "-"},
        {"none", "*", "*", kNotFound},
        {"Ca|Ra", "*", "*", "ok", "UNCLAIMED +1", "=", "=", "auction 0"},
        {"U|Cb|Rb|X", "*", "*", "ActualLRPCannotBeCrashed"}}},
      {"Fail",
       FailActualLrp{KeyOf(0), "full"},
       {{"none", "*", "*", "ok"},
        {"U", "*", "*", "ok", "UNCLAIMED +1"},
        {"*", "*", "*", "ActualLRPCannotBeFailed"}}},
      {"Remove, with a key",
       RemoveActualLrp{kWeb, 0, a},
       {{"Ca|Ra", "*", "*", "ok", "-"}, {"*", "*", "*", kNotFound}}},
      {"Remove, without a key",
       RemoveActualLrp{kWeb, 0, std::nullopt},
       {{"none", "*", "*", kNotFound}, {"*", "*", "*", "ok", "-"}}},
      {"Retire, all cells there",
       RetireActualLrp{KeyOf(0), Cells("1 2 3 4")},
       {{"none", "*", "*", kNotFound},
        {"U|X", "*", "*", "ok", "-"},
        {"Ca|Ra", "*", "*", "ok", "=", "=", "=", "stop a@1"},
        {"Cb|Rb", "*", "*", "ok", "=", "=", "=", "stop b@2"}}},
      {"Retire, cells missing",
       RetireActualLrp{KeyOf(0), Cells("")},
       {{"none", "*", "*", kNotFound}, {"*", "*", "*", "ok", "-"}}},
      {"EvacuateClaimed",
       EvacuateClaimedActualLrp{KeyOf(0), a},
       {{"Ca|Ra", "*", "*", "ok", "UNCLAIMED +1", "=", "=", "auction 0"},
        {"*", "a", "*", "ok", "=", "-"},
        {"*", "*", kMine, "ok", "=", "=", "-"},
        {"*", "*", "*", kNotFound}}},
      {"EvacuateCrashed",
       EvacuateCrashedActualLrp{KeyOf(0), a, "boom"},
       {{"Ca|Ra", "*", "*", "ok", "UNCLAIMED +1"},
        {"*", "a", "*", "ok", "=", "-"},
        {"*", "*", kMine, "ok", "=", "=", "-"},
        {"*", "*", "*", kNotFound}}},
      {"EvacuateStopped",
       EvacuateStoppedActualLrp{KeyOf(0), a},
       {{"Ca|Ra", "*", "*", "ok", "-"},
        {"*", "a", "*", "ok", "=", "-"},
        {"*", "*", kMine, "ok", "=", "=", "-"},
        {"*", "*", "*", kNotFound}}},
      {"EvacuateRunning",
       EvacuateRunningActualLrp{FactsOf("a@1")},
       {{"none|Rb|X", "a", "*", "ok", "=", "-"},
        {"none|Rb|X", "*", "*", "ok"},
        {"Ca|Ra", "a", "*", "ok", "UNCLAIMED +1", "=", "=", "auction 0", true},
        {"Ca|Ra", "*", "*", "ok", "UNCLAIMED +1", "E:RUNNING a@1 new", "=", "auction 0", true},
        {"U|Cb", "*", kMine, "ok", "=", "E:RUNNING a@1 new", "-", "", true},
        {"U|Cb", "c", "*", "ok"},
        {"U|Cb", "a", "*", "ok", "=", "=", "=", "", true},
        {"U|Cb", "none", "*", "ok", "=", "E:RUNNING a@1 new", "=", "", true}}},
      {"RemoveEvacuating",
       RemoveEvacuatingActualLrp{KeyOf(0), a},
       {{"*", "a", "*", "ok", "=", "-"}, {"*", "*", "*", kNotFound}}},
  };
}

bool Fits(const char* pattern, const Named& row) {
  if (absl::string_view(pattern) == "*") return true;
  const std::vector<absl::string_view> names = absl::StrSplit(pattern, '|');
  return std::count(names.begin(), names.end(), row.name) > 0;
}

bool IsMine(const Named& row) { return absl::StrContains(row.row, "a@1"); }

// The words of a row, or "-".
std::string Word(const Record<ActualLrp>& row) { return row == nullptr ? "-" : testing::Row(*row); }

// Checks that the instance events turn the rows before into the rows after.
void CheckInstanceEvents(const State::ActualLrpRows& before, const State::ActualLrpRows& after,
                         const Changes& changes) {
  std::vector<std::string> rows;
  const auto words = [](const State::ActualLrpRows& of) {
    std::vector<std::string> all;
    for (const Record<ActualLrp>& row : of.by_presence) {
      if (row != nullptr) all.push_back(Word(row));
    }
    std::sort(all.begin(), all.end());
    return all;
  };
  rows = words(before);
  for (const Event& event : EventsOf(changes)) {
    const auto* change = std::get_if<ActualLrpInstanceEvent>(&event);
    if (change == nullptr) continue;
    if (change->after != nullptr) rows.push_back(Word(change->after));
    if (change->before == nullptr) continue;
    const auto gone = std::find(rows.begin(), rows.end(), Word(change->before));
    REQUIRE(gone != rows.end());
    rows.erase(gone);
  }
  std::sort(rows.begin(), rows.end());
  CHECK(rows == words(after));
}

// Checks that the group events turn the slots before into the slots after.
void CheckGroupEvents(const State& before, const ActualLrpGroup& after, const Changes& changes) {
  ActualLrpGroup slots = GroupOf(before.FindActuals(kWeb, 0));
  for (const GroupEvent& event : testing::GroupEventsIn(before, changes)) {
    const auto* change = std::get_if<ActualLrpGroupEvent>(&event);
    if (change == nullptr) continue;
    REQUIRE(change->before.empty() + change->after.empty() < 2);
    const bool evacuating = change->before.evacuating != nullptr || change->after.evacuating;
    Record<ActualLrp>& slot = evacuating ? slots.evacuating : slots.instance;
    if (change->after.empty()) {
      // The one that took the slot over was told first.
      if (slot != nullptr && *slot == *change->before.Resolve()) slot = nullptr;
    } else {
      if (!change->before.empty()) CHECK(Word(slot) == Word(change->before.Resolve()));
      slot = change->after.Resolve();
    }
  }
  CHECK(Word(slots.instance) == Word(after.instance));
  CHECK(Word(slots.evacuating) == Word(after.evacuating));
}

void CheckRow(const char* wanted, const Record<ActualLrp>& before, const Record<ActualLrp>& after) {
  if (absl::string_view(wanted) == "=") {
    CHECK(before == after);  // not so much as written anew
  } else {
    CHECK(Word(after) == wanted);
  }
}

void CheckCombination(const Table& table, const Rule& rule, const State& state) {
  const testing::Result result = testing::Run(state, table.command);
  const auto before = state.FindActuals(kWeb, 0);
  const auto after = result.after.FindActuals(kWeb, 0);
  CHECK(testing::Words(result.outcome.status) == rule.status);
  CheckRow(rule.ordinary_after, before.ordinary(), after.ordinary());
  if (absl::string_view(rule.evacuating_after) != "-" || before.evacuating() != nullptr) {
    CheckRow(rule.evacuating_after, before.evacuating(), after.evacuating());
  }
  if (absl::string_view(rule.suspect_after) != "-" || before.suspect() != nullptr) {
    CheckRow(rule.suspect_after, before.suspect(), after.suspect());
  }
  CHECK(testing::Words(result.outcome.effects) == rule.effects);
  CHECK(result.outcome.keep_container == rule.keep_container);
  CheckInstanceEvents(before, after, result.outcome.changes);
  CheckGroupEvents(state, GroupOf(after), result.outcome.changes);
}

}  // namespace

TEST_CASE("lifecycle: every call against every combination of rows", "[bbs][lifecycle]") {
  int combinations = 0;
  for (const Table& table : LifecycleTables()) {
    std::vector<int> used(table.rules.size());
    for (const Named& ordinary : kOrdinary) {
      for (const Named& evacuating : kEvacuating) {
        for (const Named& suspect : kSuspect) {
          // An instance that is suspect holds no other row: its claims and starts are ignored.
          if (IsMine(suspect) && (IsMine(ordinary) || IsMine(evacuating))) continue;
          const auto rule =
              std::find_if(table.rules.begin(), table.rules.end(), [&](const Rule& candidate) {
                return Fits(candidate.ordinary, ordinary) &&
                       Fits(candidate.evacuating, evacuating) && Fits(candidate.suspect, suspect);
              });
          REQUIRE(rule != table.rules.end());
          ++used[static_cast<size_t>(rule - table.rules.begin())];
          const std::string world =
              absl::StrCat("desired | ", ordinary.row, " | ", evacuating.row, " | ", suspect.row);
          INFO(table.call << " in " << world);
          CheckCombination(table, *rule, World(world));
          ++combinations;
        }
      }
    }
    INFO(table.call);
    CHECK(std::count(used.begin(), used.end(), 0) == 0);  // no rule without a case
  }
  CHECK(combinations == 13 * 83);
}

}  // namespace diego::bbs
