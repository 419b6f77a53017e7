// Tables of reference/behaviours.md sections 6 and 7; design-notes.md section 7.
#include "services/bbs/core/convergence.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "absl/strings/str_cat.h"
#include "services/bbs/core/domain_rules.h"
#include "services/bbs/core/rows.h"
#include "services/bbs/core/testing_states.h"

namespace diego::bbs {
namespace {

using testing::Cells;
using testing::kApps;
using testing::KeyOf;
using testing::kNow;
using testing::kWeb;
using testing::TableRow;
using testing::World;

// One pass over everything; `cells` are those present ("?": not known).
Command Pass(const char* cells) { return Converge{Cells(cells), {}, {}, 1000}; }

}  // namespace

TEST_CASE("convergence: every LRP row of the table", "[bbs][convergence]") {
  const TableRow rows[] = {
      {"evacuating rows: cell absent", "desired | UNCLAIMED | E:RUNNING a@1", Pass("2"), "ok",
       "UNCLAIMED", "removed E:RUNNING a@1"},
      {"evacuating rows: cell there", "desired | UNCLAIMED | E:RUNNING a@1", Pass("1"), "ok",
       "UNCLAIMED | E:RUNNING a@1", ""},
      {"evacuating rows: cells not known", "desired | UNCLAIMED | E:RUNNING a@1", Pass("?"), "ok",
       "UNCLAIMED | E:RUNNING a@1", ""},
      {"stale unclaimed: older than 30 s", "desired | UNCLAIMED age=31s", Pass("1"), "ok",
       "UNCLAIMED", "", "auction 0"},
      {"stale unclaimed: just 30 s", "desired | UNCLAIMED age=30s", Pass("1"), "ok", "UNCLAIMED",
       ""},
      {"stale unclaimed: past the count, no domain", "desired | RUNNING a@1 | 1:UNCLAIMED age=1h",
       Pass("1"), "ok", "RUNNING a@1 | 1:UNCLAIMED", "", "auction 1"},
      {"stale unclaimed: past the count, domain fresh",
       "fresh | desired | RUNNING a@1 | 1:UNCLAIMED age=1h", Pass("1"), "ok", "RUNNING a@1",
       "removed 1:UNCLAIMED"},
      {"stale unclaimed: not desired", "UNCLAIMED age=1h", Pass("1"), "ok", "UNCLAIMED", ""},
      {"missing cells: RUNNING", "desired | RUNNING a@1", Pass("2"), "ok",
       "UNCLAIMED new | S:RUNNING a@1", "changed RUNNING a@1 -> S:RUNNING a@1, created UNCLAIMED",
       "auction 0"},
      {"missing cells: CLAIMED", "desired | CLAIMED a@1", Pass(""), "ok",
       "UNCLAIMED new | S:CLAIMED a@1", "changed CLAIMED a@1 -> S:CLAIMED a@1, created UNCLAIMED",
       "auction 0"},
      {"missing cells: a SUSPECT row exists already", "desired | RUNNING b@2 | S:CLAIMED a@1",
       Pass(""), "ok", "UNCLAIMED +1 | S:CLAIMED a@1", "created UNCLAIMED, removed RUNNING b@2"},
      {"missing cells: replacement CLAIMED, its cell lost too",
       "desired | CLAIMED b@2 | S:RUNNING a@1", Pass(""), "ok", "UNCLAIMED +1 | S:RUNNING a@1",
       "created UNCLAIMED, removed CLAIMED b@2"},
      {"missing cells: not desired", "RUNNING a@1", Pass(""), "ok", "RUNNING a@1", ""},
      {"missing cells: past the count, domain expired",
       "expired | desired | RUNNING a@1 | 1:RUNNING b@9", Pass("1"), "ok",
       "RUNNING a@1 | 1:UNCLAIMED new | 1S:RUNNING b@9",
       "changed 1:RUNNING b@9 -> 1S:RUNNING b@9, created 1:UNCLAIMED", "auction 1"},
      {"missing cells: past the count, no domain", "desired | RUNNING a@1 | 1:CLAIMED b@9",
       Pass("1"), "ok", "RUNNING a@1 | 1:UNCLAIMED new | 1S:CLAIMED b@9",
       "changed 1:CLAIMED b@9 -> 1S:CLAIMED b@9, created 1:UNCLAIMED", "auction 1"},
      {"missing cells: past the count, domain fresh",
       "fresh | desired | RUNNING a@1 | 1:RUNNING b@9", Pass("1"), "ok", "RUNNING a@1",
       "removed 1:RUNNING b@9"},
      {"missing cells: cells not known", "desired | RUNNING a@1", Pass("?"), "ok", "RUNNING a@1",
       ""},
      {"counts: missing indices, domain not fresh", "desired=3 | 1:RUNNING a@1", Pass("1"), "ok",
       "UNCLAIMED new | 1:RUNNING a@1 | 2:UNCLAIMED new", "created UNCLAIMED, created 2:UNCLAIMED",
       "auction 0 2"},
      {"counts: extra, domain fresh",
       "fresh | desired | RUNNING a@1 | 1:UNCLAIMED | 2:CRASHED | 3:RUNNING b@1 | 4:CLAIMED c@9",
       Pass("1"), "ok", "RUNNING a@1 | 3:RUNNING b@1",
       "removed 1:UNCLAIMED, removed 2:CRASHED, removed 4:CLAIMED c@9", "stop b@1"},
      {"counts: extra, cells not known", "fresh | desired | RUNNING a@1 | 1:RUNNING b@9", Pass("?"),
       "ok", "RUNNING a@1 | 1:RUNNING b@9", "", "stop b@9"},
      {"counts: extra, domain expired", "expired | desired | RUNNING a@1 | 1:RUNNING b@1",
       Pass("1"), "ok", "RUNNING a@1 | 1:RUNNING b@1", ""},
      {"counts: extra, no domain", "desired | RUNNING a@1 | 1:UNCLAIMED", Pass("1"), "ok",
       "RUNNING a@1 | 1:UNCLAIMED", ""},
      {"counts: an extra suspect on a missing cell",
       "fresh | desired | RUNNING a@1 | 1S:RUNNING b@9", Pass("1"), "ok", "RUNNING a@1",
       "removed 1S:RUNNING b@9"},
      {"orphans: domain row exists", "forever | RUNNING a@1 | 1:UNCLAIMED", Pass("1"), "ok",
       "RUNNING a@1", "removed 1:UNCLAIMED", "stop a@1"},
      {"orphans: on a missing cell", "forever | RUNNING a@1", Pass(""), "ok", "",
       "removed RUNNING a@1"},
      {"orphans: no domain row", "RUNNING a@1 | 1:UNCLAIMED", Pass("1"), "ok",
       "RUNNING a@1 | 1:UNCLAIMED", ""},
      {"orphans: domain row expired", "expired | UNCLAIMED", Pass("1"), "ok", "UNCLAIMED", ""},
      {"orphans: SUSPECT", "fresh | S:RUNNING a@1", Pass(""), "ok", "", "removed S:RUNNING a@1"},
      {"orphans: SUSPECT, no domain row", "S:RUNNING a@1", Pass(""), "ok", "S:RUNNING a@1", ""},
      {"unreadable: its instances are no orphans",
       "fresh | unreadable | RUNNING a@1 | 1:CLAIMED b@9 | 2:UNCLAIMED | 3S:RUNNING c@9", Pass("1"),
       "ok", "RUNNING a@1 | 1:CLAIMED b@9 | 2:UNCLAIMED | 3S:RUNNING c@9", ""},
      {"extra suspects: both RUNNING", "desired | RUNNING b@2 | S:RUNNING a@1", Pass("1 2"), "ok",
       "RUNNING b@2", "removed S:RUNNING a@1"},
      {"returned cell: replacement UNCLAIMED", "desired | UNCLAIMED age=1h | S:RUNNING a@1",
       Pass("1"), "ok", "RUNNING a@1", "changed S:RUNNING a@1 -> RUNNING a@1, removed UNCLAIMED"},
      {"returned cell: replacement CLAIMED", "desired | CLAIMED b@2 | S:RUNNING a@1", Pass("1 2"),
       "ok", "RUNNING a@1", "changed S:RUNNING a@1 -> RUNNING a@1, removed CLAIMED b@2"},
      {"returned cell: suspect was CLAIMED", "desired | UNCLAIMED | S:CLAIMED a@1", Pass("1"), "ok",
       "CLAIMED a@1", "removed UNCLAIMED, changed S:CLAIMED a@1 -> CLAIMED a@1"},
      {"returned cell: cells not known", "desired | UNCLAIMED | S:RUNNING a@1", Pass("?"), "ok",
       "UNCLAIMED | S:RUNNING a@1", ""},
      {"crashed: past its back-off", "desired | CRASHED crashes=3 age=30s", Pass("1"), "ok",
       "UNCLAIMED +1", "created UNCLAIMED, removed CRASHED", "auction 0"},
      {"crashed: within its back-off", "desired | CRASHED crashes=4 age=59s", Pass("1"), "ok",
       "CRASHED", ""},
      {"crashed: past the count, no domain", "desired | RUNNING a@1 | 1:CRASHED crashes=3 age=30s",
       Pass("1"), "ok", "RUNNING a@1 | 1:UNCLAIMED +1", "created 1:UNCLAIMED, removed 1:CRASHED",
       "auction 1"},
      {"crashed: given up", "desired | CRASHED crashes=200 age=1000h", Pass("1"), "ok", "CRASHED",
       ""},
      {"drift: internal routes", "desired routes=new.internal | RUNNING a@1 routes=old.internal",
       Pass("1"), "ok", "RUNNING a@1", "", "update a@1"},
      {"drift: none", "desired routes=web.internal | RUNNING a@1 routes=web.internal", Pass("1"),
       "ok", "RUNNING a@1", ""},
      {"drift: CLAIMED is not told", "desired routes=new.internal | CLAIMED a@1", Pass("1"), "ok",
       "CLAIMED a@1", ""},
      {"evacuated crash left UNCLAIMED is picked up", "desired | UNCLAIMED age=45s crashes=1",
       Pass("1"), "ok", "UNCLAIMED", "", "auction 0"},
  };
  for (const TableRow& row : rows) Verify(row);
}

TEST_CASE("convergence: while losses are held, nothing rests on a cell's absence",
          "[bbs][convergence]") {
  const auto held = [](const char* cells) {
    return Converge{Cells(cells), {}, {}, 1000, /*losses_held=*/true};
  };
  const TableRow rows[] = {
      {"RUNNING", "desired | RUNNING a@1", held("2"), "ok", "RUNNING a@1", ""},
      {"CLAIMED", "desired | CLAIMED a@1", held(""), "ok", "CLAIMED a@1", ""},
      {"the replacement of a suspect", "desired | RUNNING b@2 | S:CLAIMED a@1", held(""), "ok",
       "RUNNING b@2 | S:CLAIMED a@1", ""},
      {"evacuating", "desired | UNCLAIMED | E:RUNNING a@1", held("2"), "ok",
       "UNCLAIMED | E:RUNNING a@1", ""},
      {"extra ones are stopped, not removed", "fresh | desired | RUNNING a@1 | 1:CLAIMED c@9",
       held("1"), "ok", "RUNNING a@1 | 1:CLAIMED c@9", "", "stop c@9"},
      {"an extra suspect", "fresh | desired | RUNNING a@1 | 1S:RUNNING b@9", held("1"), "ok",
       "RUNNING a@1 | 1S:RUNNING b@9", ""},
      {"tasks", "task Running 9", held("1"), "ok", "Running 9", ""},
      {"a cell that is there is there", "desired | UNCLAIMED | S:RUNNING a@1", held("1"), "ok",
       "RUNNING a@1", "changed S:RUNNING a@1 -> RUNNING a@1, removed UNCLAIMED"},
  };
  for (const TableRow& row : rows) Verify(row);
}

TEST_CASE("convergence: a presence move keeps the tag and since", "[bbs][convergence]") {
  const State before = World("desired | RUNNING a@1");
  const State after = testing::Run(before, Pass("")).after;
  const Record<ActualLrp> row = before.FindActual({kWeb, 0});
  const Record<ActualLrp> suspect = after.FindActual({kWeb, 0, Presence::kSuspect});
  CHECK(suspect->tag == row->tag);
  CHECK(suspect->since == row->since);
  const State back = testing::Run(after, Pass("1")).after;
  CHECK(*back.FindActual({kWeb, 0}) == *row);
}

TEST_CASE("convergence: domains that expired are deleted", "[bbs][convergence]") {
  CHECK(testing::Run(World("expired"), Pass("1")).after.domains().empty());
  CHECK(testing::Run(World("fresh"), Pass("?")).after.domains().size() == 1);
  CHECK(testing::Run(World("forever"), Pass("1")).after.domains().size() == 1);
}

TEST_CASE("convergence: every task row of the table", "[bbs][convergence]") {
  const TableRow rows[] = {
      {"expire: Pending older than 1800 s", "task Pending age=1801s callback", Pass("1"), "ok",
       "Completed failed: not started within time limit", "task changed Pending -> Completed"},
      {"kick pending: each pass", "task Pending age=1800s", Pass("1"), "ok", "Pending", "",
       "auction-task"},
      {"lost cells: Running on absent cell", "task Running 9", Pass("1"), "ok",
       "Completed 9 failed: cell disappeared before completion",
       "task changed Running -> Completed"},
      {"lost cells: cell there", "task Running 1", Pass("1"), "ok", "Running 1", ""},
      {"lost cells: cells not known", "task Running 9", Pass("?"), "ok", "Running 9", ""},
      {"demote: Resolving for more than 30 s", "task Resolving updated=31s", Pass("1"), "ok",
       "Completed", "task changed Resolving -> Completed"},
      {"demote, and its callback is submitted again", "task Resolving updated=31s callback",
       Pass("1"), "ok", "Completed", "task changed Resolving -> Completed", "callback"},
      {"demote: Resolving for 30 s", "task Resolving updated=30s", Pass("1"), "ok", "Resolving",
       ""},
      {"prune: Completed more than 120 s ago", "task Completed completed=121s callback", Pass("1"),
       "ok", "", "task removed Completed"},
      {"prune: not yet", "task Completed completed=120s", Pass("1"), "ok", "Completed", ""},
      {"prune: Resolving, demoted and long completed",
       "task Resolving updated=31s completed=300s callback", Pass("1"), "ok", "",
       "task changed Resolving -> Completed, task removed Completed"},
      {"re-callback: Completed, updated more than 30 s ago",
       "task Completed updated=31s completed=31s callback", Pass("1"), "ok", "Completed", "",
       "callback"},
      {"re-callback: no URL", "task Completed updated=31s completed=31s", Pass("1"), "ok",
       "Completed", ""},
      {"re-callback: not yet", "task Completed updated=30s callback", Pass("1"), "ok", "Completed",
       ""},
  };
  for (const TableRow& row : rows) Verify(row);
}

TEST_CASE("convergence: slices of any size come to the same as one pass", "[bbs][convergence]") {
  const State start = World(
      "expired | desired=6 | UNCLAIMED age=1h | 1:RUNNING a@1 | 2:CRASHED crashes=3 age=1h | "
      "4:CLAIMED b@9 | 4S:RUNNING c@8 | 5:RUNNING d@9 | 7:UNCLAIMED | 7E:RUNNING e@9 | "
      "task Running 9");
  const auto pass = [&](int row_budget, int* slices) {
    State state = start;
    Converge command{Cells("1"), {}, {}, row_budget};
    std::string auctions;
    for (*slices = 1;; ++*slices) {
      const auto result = testing::Run(state, command);
      state = result.after;
      for (const Effect& effect : result.outcome.effects) {
        const auto* auction = std::get_if<AuctionLrps>(&effect);
        REQUIRE(auction != nullptr);
        for (const int32_t index : auction->request.indices) absl::StrAppend(&auctions, index, " ");
      }
      if (!result.outcome.converge_next) {
        REQUIRE(result.outcome.converge_counts != nullptr);
        const ConvergenceCounts& counts = *result.outcome.converge_counts;
        CHECK(counts.lrps_desired == 6);
        CHECK(counts.lrps_missing == 1);
        CHECK(counts.lrps_extra == 1);
        CHECK(counts.lrps_running == 2);
        CHECK(counts.lrps_claimed == 1);
        CHECK(counts.lrps_unclaimed == 2);
        CHECK(counts.lrps_crashed == 1);
        CHECK(counts.crashing_desired_lrps == 1);
        CHECK(counts.suspect_running == 1);
        CHECK(counts.tasks_running == 1);
        CHECK(counts.fresh_domains == 0);
        return absl::StrCat(testing::Rows(state), " / ", testing::Tasks(state), " / ", auctions);
      }
      command.cursor = *result.outcome.converge_next;
    }
  };
  int slices = 0;
  const std::string whole = pass(1000, &slices);
  CHECK(slices == 1);
  CHECK(whole ==
        "UNCLAIMED | 1:RUNNING a@1 | 2:UNCLAIMED +1 | 3:UNCLAIMED new | 4:UNCLAIMED +1 | "
        "4S:RUNNING c@8 | 5:UNCLAIMED new | 5S:RUNNING d@9 | 7:UNCLAIMED / "
        "Completed 9 failed: cell disappeared before completion / 0 2 3 5 ");
  for (const int row_budget : {1, 2, 3, 5, 0}) {
    CHECK(pass(row_budget, &slices) == whole);
    CHECK(slices > 1);
  }
}

TEST_CASE("convergence: many rolls are looked at in slices, each once a pass",
          "[bbs][convergence]") {
  State state;
  for (int i = 0; i < 20; ++i) {
    DesiredLrp lrp = testing::Web(10);
    lrp.process_guid = ProcessGuid(absl::StrCat("app-", i));
    lrp.definition_id = "v2";
    Rollout rollout;
    rollout.base_id = "v1";
    lrp.rollout = SharedRollout(std::move(rollout));
    state.Apply(Appears(MakeRecord(lrp)));
  }
  REQUIRE(state.rolling().size() == 20);
  Converge command{Cells("1"), {}, {}, 30};
  std::set<ProcessGuid> seen;
  size_t most = 0;
  while (true) {
    const Outcome outcome = testing::Run(state, command).outcome;
    most = std::max(most, outcome.rolls.size());
    for (const ProcessGuid& guid : outcome.rolls) CHECK(seen.insert(guid).second);
    if (!outcome.converge_next) break;
    command.cursor = *outcome.converge_next;
  }
  CHECK(seen.size() == 20);
  CHECK(most == 3);
}

TEST_CASE("convergence: a pass costs what there is to mend, not what there is",
          "[bbs][convergence]") {
  State state = World("fresh | desired=2 | RUNNING a@1 | 1:RUNNING b@2");
  for (int i = 0; i < 500; ++i) {
    DesiredLrp lrp = testing::Web(1);
    lrp.process_guid = ProcessGuid(absl::StrCat("app-", i));
    state.Apply(Appears(MakeRecord(lrp)));
    ActualLrp row = *state.FindActual({kWeb, 0});
    row.key.process_guid = lrp.process_guid;
    state.Apply(Appears(MakeRecord(row)));
  }
  // Two domains, cells and rows at hand are all that a slice needs to look at.
  const auto slices = [&](const char* cells) {
    Converge command{Cells(cells), {}, {}, 10};
    int count = 1;
    State now = state;
    while (true) {
      const auto result = testing::Run(now, command);
      now = result.after;
      if (!result.outcome.converge_next) return count;
      command.cursor = *result.outcome.converge_next;
      ++count;
    }
  };
  CHECK(slices("1 2") == 1);
  CHECK(slices("?") == 1);
  CHECK(slices("1") == 1);   // cell 2 held one instance
  CHECK(slices("2") >= 40);  // cell 1 all others
  const auto counts =
      *testing::Run(state, Converge{Cells("1 2"), {}, {}, 10}).outcome.converge_counts;
  CHECK(counts.lrps_desired == 502);
  CHECK(counts.lrps_running == 502);
  CHECK(counts.suspect_cells == 0);
}

TEST_CASE("convergence: a cell is sent the metric tags that its instance should have",
          "[bbs][convergence]") {
  DesiredLrp desired = testing::Web(1);
  desired.metric_tags = MetricTags{{"app", {"shop", MetricTagValue::Dynamic::kInvalid}},
                                   {"index", {"", MetricTagValue::Dynamic::kIndex}}};
  State state = World("RUNNING a@1");
  state.Apply(Appears(MakeRecord(desired)));
  const auto result = testing::Run(state, Pass("1"));
  REQUIRE(result.outcome.effects.size() == 1);
  const LrpInstanceUpdate& update = std::get<UpdateInstance>(result.outcome.effects[0]).update;
  CHECK(update.instance == testing::Instance("a@1"));
  CHECK(update.has_metric_tags);
  CHECK(update.metric_tags == std::map<std::string, std::string>{{"app", "shop"}, {"index", "0"}});
}

TEST_CASE("convergence: domains count while they are fresh", "[bbs][convergence]") {
  for (const auto& [world, fresh] : {std::pair("fresh", 1), {"forever", 1}, {"expired", 0}}) {
    INFO(world);
    CHECK(testing::Run(World(world), Pass("1")).outcome.converge_counts->fresh_domains == fresh);
  }
}

TEST_CASE("convergence: one auction request a process, in one slice", "[bbs][convergence]") {
  const auto result = testing::Run(World("desired=4"), Pass("1"));
  REQUIRE(result.outcome.effects.size() == 1);
  const LrpStartRequest& request = std::get<AuctionLrps>(result.outcome.effects[0]).request;
  CHECK(request.process_guid == kWeb);
  CHECK(request.indices == std::vector<int32_t>{0, 1, 2, 3});
  CHECK(request.placement.root_fs == "preloaded:linux");
  CHECK(request.size.memory_mb == 128);
}

TEST_CASE("convergence: a second pass right after finds nothing to change", "[bbs][convergence]") {
  for (const char* world :
       {"fresh | desired=3 | RUNNING a@1 | 1:RUNNING b@2 | 4:UNCLAIMED",
        "fresh | desired=2 | UNCLAIMED | S:RUNNING a@1 | 1:CRASHED crashes=3 age=1h"}) {
    const State once = testing::Run(World(world), Pass("1")).after;
    CHECK(testing::Run(once, Pass("1")).outcome.changes.empty());
  }
}

TEST_CASE("suspects: what becomes of i1 and its replacement i2", "[bbs][convergence]") {
  const State lost = testing::Run(World("desired | RUNNING i1@1"), Pass("2")).after;
  CHECK(testing::Rows(lost) == "UNCLAIMED new | S:RUNNING i1@1");
  const Command claim = ClaimActualLrp{kWeb, 0, testing::Instance("i2@2")};
  const Command start = StartActualLrp{testing::FactsOf("i2@2")};
  const State claimed = testing::Run(lost, claim).after;
  const auto rows = [](const State& state, const Command& command) {
    return testing::Rows(testing::Run(state, command).after);
  };
  CHECK(rows(claimed, start) == "RUNNING i2@2 new +2");  // i2 running: i1 removed
  CHECK(rows(claimed, Pass("1 2")) == "RUNNING i1@1");   // i1's cell is back first
  CHECK(rows(lost, FailActualLrp{KeyOf(0), "full"}) == "UNCLAIMED new +1 | S:RUNNING i1@1");
  CHECK(rows(claimed, CrashActualLrp{KeyOf(0), testing::Instance("i2@2"), "boom"}) ==
        "UNCLAIMED new +2 | S:RUNNING i1@1");
  const State removed =
      testing::Run(claimed, RemoveActualLrp{kWeb, 0, testing::Instance("i2@2")}).after;
  CHECK(testing::Rows(removed) == "S:RUNNING i1@1");
  CHECK(rows(removed, Pass("2")) == "UNCLAIMED new | S:RUNNING i1@1");
  CHECK(rows(claimed, EvacuateClaimedActualLrp{KeyOf(0), testing::Instance("i2@2")}) ==
        "UNCLAIMED new +2 | S:RUNNING i1@1");
  CHECK(rows(claimed, Pass("3")) == "UNCLAIMED new +2 | S:RUNNING i1@1");  // i2's cell lost too
}

TEST_CASE("domains: a domain is fresh until its time is over", "[bbs][domain]") {
  const auto upserted = [](absl::Duration ttl) {
    return testing::Run(World(""), UpsertDomain{kApps, ttl}).after;
  };
  const State minute = upserted(absl::Seconds(60));
  CHECK(minute.FindDomain(kApps)->expire_time == kNow + absl::Seconds(60));
  CHECK(IsFresh(minute, kApps, kNow + absl::Seconds(59)));
  CHECK_FALSE(IsFresh(minute, kApps, kNow + absl::Seconds(60)));
  // Now is rounded to the second.
  CHECK(IsFresh(minute, kApps, kNow + absl::Milliseconds(59499)));
  CHECK_FALSE(IsFresh(minute, kApps, kNow + absl::Milliseconds(59500)));
  const State forever = upserted(absl::ZeroDuration());
  CHECK(IsFresh(forever, kApps, kNow + absl::Hours(1000000)));
  CHECK_FALSE(IsFresh(World(""), kApps, kNow));
  const auto again = testing::Run(forever, UpsertDomain{kApps, absl::ZeroDuration()});
  CHECK(again.outcome.changes.empty());
}

}  // namespace diego::bbs
