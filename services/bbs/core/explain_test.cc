#include "services/bbs/core/explain.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/bbs/core/domain_rules.h"
#include "services/bbs/core/testing_states.h"

namespace diego::bbs {
namespace {

using testing::kNow;
using testing::kWeb;
using testing::World;

const char* NameOf(WaitsFor waiting) {
  static constexpr const char* kNames[] = {"runs",    "record",   "place", "cell",
                                           "restart", "for ever", "stop",  "replacement"};
  return kNames[static_cast<size_t>(waiting)];
}

// "0:place, 1E:replacement, 1:restart 30s": what each record waits for.
std::string Told(const char* world, std::optional<int32_t> only = std::nullopt) {
  const State state = World(world);
  std::vector<Record<ActualLrp>> rows;
  for (const auto& [index, by_presence] : state.actual_lrps()) {
    for (const auto& row : by_presence.by_presence) {
      if (row != nullptr) rows.insert(rows.begin(), row);
    }
  }
  const Record<DomainRecord> domain = state.FindDomain(testing::kApps);
  const CrashRestartPolicy policy =
      domain == nullptr ? CrashRestartPolicy() : domain->crash_restart_policy;
  std::vector<std::string> words;
  const bool is_complete = IsFresh(state, testing::kApps, kNow);
  for (const Explanation& one : Explain(state.FindDesired(kWeb), policy, is_complete, rows, only)) {
    std::string word = absl::StrCat(one.index);
    if (one.instance != nullptr && one.instance->presence != Presence::kOrdinary) {
      word += PresenceName(one.instance->presence).substr(0, 1).data()[0];
    }
    absl::StrAppend(&word, ":", NameOf(one.waiting));
    if (one.waiting == WaitsFor::kForRestart) {
      absl::StrAppend(&word, " ", absl::FormatDuration(one.restart_due_at - kNow));
    }
    words.push_back(word);
  }
  return absl::StrJoin(words, ", ");
}

TEST_CASE("explain: what each record of an LRP waits for", "[bbs][explain]") {
  struct Row {
    const char* world;
    const char* told;
  };
  const Row rows[] = {
      {"desired | RUNNING a@1", "0:runs"},
      {"desired | UNCLAIMED", "0:place"},
      {"desired | CLAIMED a@1", "0:cell"},
      {"desired | CRASHED crashes=3 age=0s", "0:restart 30s"},
      {"desired | CRASHED crashes=3 age=10s", "0:restart 20s"},
      {"desired | CRASHED crashes=4 age=2m", "0:restart -1m"},
      {"desired | CRASHED crashes=200", "0:for ever"},
      // The LRP's policy counts, then its domain's.
      {"fresh attempts=4 | desired | CRASHED crashes=4", "0:for ever"},
      {"fresh attempts=4 | desired attempts=0 | CRASHED crashes=4 age=0s", "0:restart 1m"},
      {"fresh seconds=40 | desired | CRASHED crashes=4 age=0s", "0:restart 40s"},
      {"expired immediate=4 | desired | CRASHED crashes=4 age=0s", "0:restart 30s"},
      {"desired | RUNNING a@1 | E:RUNNING b@2", "0:runs, 0E:replacement"},
      {"desired | UNCLAIMED | S:RUNNING b@2", "0:place, 0S:replacement"},
      {"desired=4 | 1:RUNNING a@1", "0:record, 1:runs, 2:record, 3:record"},
      {"fresh | desired=1 | RUNNING a@1 | 3:RUNNING b@1", "0:runs, 3:stop"},
      {"fresh | desired=2 | 3:RUNNING b@1", "0:record, 1:record, 3:stop"},
      // Nobody knows yet that it is not desired any more: it goes on like any other.
      {"desired=1 | RUNNING a@1 | 3:RUNNING b@1", "0:runs, 3:runs"},
      {"expired | desired=1 | RUNNING a@1 | 3:CRASHED crashes=3", "0:runs, 3:restart 20s"},
      {"desired=0 | 3:UNCLAIMED | 3S:RUNNING b@2", "3:place, 3S:replacement"},
      {"RUNNING a@1", "0:stop"},
      {"desired=0", ""},
      {"fresh", ""},
  };
  for (const Row& row : rows) {
    INFO(row.world);
    CHECK(Told(row.world) == row.told);
  }
}

TEST_CASE("explain: one index only", "[bbs][explain]") {
  const char* const kRows = "fresh | desired=4 | 1:RUNNING a@1 | 1E:RUNNING b@1 | 5:RUNNING c@1";
  CHECK(Told(kRows, 1) == "1:runs, 1E:replacement");
  CHECK(Told(kRows, 2) == "2:record");
  CHECK(Told(kRows, 5) == "5:stop");
  CHECK(Told(kRows, 9) == "");
}

}  // namespace
}  // namespace diego::bbs
