// What leaves the engine, when, and what becomes of it at faults and changes of master.
#include "services/bbs/engine/active_term.h"
#include "services/bbs/engine/testing_world.h"

namespace diego::bbs {
namespace {

using testing::Desire;
using testing::Follower;
using testing::World;

TEST_CASE("nothing leaves before the commit: not success, events, effects nor the view",
          "[bbs][engine]") {
  World world;
  Follower follower(&world);
  REQUIRE(follower.TakeAll().empty());
  const auto answer = world.Submit(Desire("app", 2));
  world.Sequence();
  world.database.Next(Fate::kLost);
  world.Commit();
  world.Publish();
  CHECK_FALSE(answer->reply);
  CHECK(follower.calls() == 0);
  CHECK(world.recorder.acted == 0);
  CHECK(world.ActualCount() == 0);

  world.Commit();
  world.Publish();
  REQUIRE(answer->reply);
  CHECK(answer->reply->status.ok());
  CHECK(answer->count == 1);
  CHECK(follower.calls() == 1);
  CHECK(follower.TakeAll().size() == 3);
  CHECK(world.recorder.acted == 1);
  CHECK(world.ActualCount() == 2);
}

TEST_CASE("a refusal waits for the group that it rests on", "[bbs][engine]") {
  World world;
  world.Submit(Desire("app"));
  const auto repeated = world.Submit(Desire("app"));
  world.Sequence();
  world.database.Next(Fate::kLost);
  world.Commit();
  world.Publish();
  CHECK_FALSE(repeated->reply);
  world.Commit();
  world.Publish();
  REQUIRE(repeated->reply);
  CHECK(IsDiegoError(repeated->reply->status, ErrorType::kResourceExists));
}

TEST_CASE("a refusal that rests on a change which never lands is not told", "[bbs][engine]") {
  World world;
  const auto first = world.Submit(Desire("app"));
  world.Sequence();
  FakeCommitStore other(&world.database);
  REQUIRE(other.Load(2).ok());  // a newer master
  world.Commit();
  const auto repeated = world.Submit(Desire("app"));
  REQUIRE(world.term->over());
  CHECK(repeated->reply->status.code() == absl::StatusCode::kUnavailable);
  world.term->AnswerRest();
  REQUIRE(first->reply);
  CHECK(first->reply->status.code() == absl::StatusCode::kUnavailable);
  CHECK(first->count == 1);
  CHECK(world.database.row_count() == 0);
}

TEST_CASE("a refusal alone asks nothing of the database while its word is good", "[bbs][engine]") {
  World world;
  const auto answer = world.Submit(RemoveDesiredLrp{ProcessGuid("nobody")});
  world.database.SetAway(true);
  world.Run();
  REQUIRE(answer->reply);
  CHECK(IsDiegoError(answer->reply->status, ErrorType::kResourceNotFound));

  SECTION("but is held back once it is stale, and until it is good again") {
    world.clock.Advance(absl::Seconds(4));
    const auto late = world.Submit(RemoveDesiredLrp{ProcessGuid("nobody")});
    world.Run();
    CHECK_FALSE(late->reply);
    world.database.SetAway(false);
    world.Run();
    world.Run();
    CHECK(late->reply);
  }
}

TEST_CASE("an unsure commit is resolved by sending the same batch again", "[bbs][engine]") {
  World world;
  const auto answer = world.Submit(Desire("app"));
  world.Sequence();
  world.database.Next(Fate::kDoneUnheard);
  world.Commit();
  CHECK_FALSE(answer->reply);
  const auto later = world.Submit(Desire("other"));
  world.Sequence();
  world.Commit();
  world.Commit();
  world.Publish();
  CHECK(answer->reply->status.ok());
  CHECK(later->reply->status.ok());
  CHECK(world.database.commits() == 2);
  CHECK(world.term->view().revision() == 2);
}

TEST_CASE("a commit unsure for too long ends the term and is answered Unavailable once",
          "[bbs][engine]") {
  World world;
  const auto answer = world.Submit(Desire("app"));
  world.Sequence();
  const auto queued = world.Submit(Desire("other"));
  world.database.SetAway(true);
  for (int i = 0; i < 20 && !world.term->over(); ++i) {
    world.Commit();
    world.clock.Advance(absl::Seconds(1));
  }
  REQUIRE(world.term->over());
  CHECK(queued->reply->status.code() == absl::StatusCode::kUnavailable);
  world.term->AnswerRest();
  CHECK(answer->reply->status.code() == absl::StatusCode::kUnavailable);
  CHECK(answer->count == 1);

  world.database.SetAway(false);
  world.NewTerm(2);
  CHECK(world.ActualCount() == 0);  // thrown away, not undone
}

TEST_CASE("reads stop when the database's confirmation is stale, and resume", "[bbs][engine]") {
  World world;
  world.database.SetAway(true);
  world.clock.Advance(absl::Seconds(2));
  world.Commit();
  CHECK(world.term->view().ActualLrps({}).ok());
  world.clock.Advance(absl::Seconds(2));
  world.Commit();
  CHECK(world.term->view().ActualLrps({}).status().code() == absl::StatusCode::kUnavailable);
  CHECK_FALSE(world.term->healthy());
  world.database.SetAway(false);
  world.Commit();
  CHECK(world.term->view().ActualLrps({}).ok());
}

TEST_CASE("an idle master notices that a newer one took office", "[bbs][engine]") {
  World world;
  FakeCommitStore other(&world.database);
  REQUIRE(other.Load(2).ok());
  world.clock.Advance(absl::Seconds(1));
  world.Commit();
  CHECK(world.term->over());
  CHECK_FALSE(world.MakeTerm(1)->Load().ok());
}

TEST_CASE("past the bound a call is refused at the door, and what was admitted still runs",
          "[bbs][engine]") {
  EngineSettings settings;
  settings.queue_calls = 2;
  World world(settings);
  const auto first = world.Submit(Desire("a"));
  const auto second = world.Submit(Desire("b"));
  const auto third = world.Submit(Desire("c"));
  REQUIRE(third->reply);
  CHECK(third->reply->status.code() == absl::StatusCode::kResourceExhausted);
  world.Run();
  CHECK(first->reply->status.ok());
  CHECK(second->reply->status.ok());
  CHECK(world.recorder.batches == 1);
}

TEST_CASE("a full group makes the sequencer wait until it is taken", "[bbs][engine]") {
  EngineSettings settings;
  settings.group_calls = 1;
  World world(settings);
  const auto first = world.Submit(Desire("a"));
  world.Sequence();
  const auto second = world.Submit(Desire("b"));
  world.Sequence();
  world.Commit();
  world.Publish();
  CHECK(first->reply);
  CHECK_FALSE(second->reply);
  world.Run();
  CHECK(second->reply);
  CHECK(world.recorder.batches == 2);
}

TEST_CASE("convergence runs on its beat and when poked, one pass at a time", "[bbs][engine]") {
  EngineSettings settings;
  settings.converge_rows_per_slice = 1;
  World world(settings);
  world.Submit(Desire("app", 3));
  world.Run();
  world.term->StepConverger(absl::ZeroDuration());
  CHECK(world.recorder.passes == 0);
  const auto settle = [&] {
    for (int i = 0; i < 200; ++i) {
      world.term->StepConverger(absl::ZeroDuration());
      world.Run();
    }
  };
  world.term->ConvergeNow();
  settle();
  CHECK(world.recorder.passes == 1);
  world.clock.Advance(absl::Seconds(31));
  const size_t acted = world.recorder.acted;
  settle();
  CHECK(world.recorder.passes == 2);
  CHECK(world.recorder.acted > acted);  // the unclaimed instances are stale by now
}

TEST_CASE("convergence logs which domains it prunes, and that there are no cells",
          "[bbs][engine]") {
  World world;
  world.Submit(UpsertDomain{Domain("old"), absl::Seconds(1)});
  world.Submit(UpsertDomain{Domain("new"), absl::Minutes(1)});
  world.Run();
  world.clock.Advance(absl::Seconds(31));
  for (int i = 0; i < 4; ++i) {
    world.term->StepConverger(absl::ZeroDuration());
    world.Run();
  }
  CHECK(world.recorder.passes == 1);
  CHECK(world.LoggedTimes("converge-lrps.pruning-domain\"") == 1);
  CHECK(world.LoggedTimes("\"domain\":\"old\"") == 1);
  CHECK(world.LoggedTimes("converge-lrps.no-cells-found\"") == 1);
}

TEST_CASE("convergence tells what it saw, and which evacuations were stranded", "[bbs][engine]") {
  World world;
  world.Submit(Desire("app", 2));
  InstanceFacts facts;
  facts.key = {ProcessGuid("app"), 0, Domain("cf-apps")};
  facts.instance = {InstanceGuid("i"), CellId("lost")};
  world.Submit(StartActualLrp{facts});
  world.Submit(EvacuateRunningActualLrp{facts});
  world.Run();
  world.term->ConvergeNow();
  for (int i = 0; i < 4; ++i) {
    world.term->StepConverger(absl::ZeroDuration());
    world.Run();
  }
  CHECK(world.recorder.passes == 1);
  CHECK(world.recorder.slices == 1);
  CHECK(world.recorder.counts.lrps_desired == 2);
  CHECK(world.recorder.counts.lrps_unclaimed == 2);
  CHECK(world.recorder.stranded == 1);
  CHECK(world.ActualCount() == 2);

  world.recorder.losses_held = true;
  world.Submit(StartActualLrp{facts});
  world.Run();
  world.term->ConvergeNow();
  for (int i = 0; i < 4; ++i) {
    world.term->StepConverger(absl::ZeroDuration());
    world.Run();
  }
  CHECK(world.recorder.passes == 2);
  CHECK(world.recorder.counts.lrps_running == 1);
  CHECK(world.recorder.counts.suspect_cells == 0);
  CHECK(world.ActualCount() == 2);
}

// "TRACE KIND" of each event that can tell it, KIND being its place in the variant.
template <typename Items>
std::vector<std::string> TracesOf(const Items& items) {
  std::vector<std::string> traces;
  for (const auto& item : items) {
    std::visit(
        [&](const auto& event) {
          if constexpr (requires { event.trace_id; }) {
            traces.push_back(absl::StrCat(event.trace_id, " ", item.event->index()));
          }
        },
        *item.event);
  }
  return traces;
}

TEST_CASE("events carry the trace id of the call they came of, those of convergence none",
          "[bbs][engine]") {
  World world;
  Follower follower(&world);
  const auto groups = world.term->group_hub().Subscribe({}, std::nullopt, [] {});
  REQUIRE(groups.ok());
  InstanceFacts facts;
  facts.key = {ProcessGuid("app"), 0, Domain("cf-apps")};
  facts.instance = {InstanceGuid("i"), CellId("lost")};
  world.Submit(Desire("app"), std::nullopt, "one");
  world.Submit(StartActualLrp{facts}, std::nullopt, "two");
  world.Run();
  using Traces = std::vector<std::string>;
  CHECK(TracesOf(follower.TakeAll()) == Traces{"one 0", "one 2", "two 2"});
  CHECK(TracesOf((*groups)->Take(100)->items) == Traces{"one 0"});

  // The pass makes the instance suspect and creates another; it commits together with a call.
  world.term->ConvergeNow();
  world.term->StepConverger(absl::ZeroDuration());
  world.Submit(RemoveDesiredLrp{ProcessGuid("app")}, std::nullopt, "three");
  world.Run();
  CHECK(world.recorder.batches == 2);
  CHECK(TracesOf(follower.TakeAll()) == Traces{" 2", " 2", "three 0", "three 2"});
  CHECK(TracesOf((*groups)->Take(100)->items) == Traces{"three 0"});
}

TEST_CASE("a term says which cells its instances and tasks ought to be on", "[bbs][engine]") {
  World world;
  const auto fact = [](const char* guid, int index, const char* cell) {
    InstanceFacts facts;
    facts.key = {ProcessGuid(guid), index, Domain("cf-apps")};
    facts.instance = {InstanceGuid(absl::StrCat(guid, index)), CellId(cell)};
    return facts;
  };
  world.Submit(Desire("app", 2));
  world.Submit(StartActualLrp{fact("app", 0, "instance")});
  world.Submit(StartActualLrp{fact("nobody's", 0, "orphan")});
  world.Submit(StartActualLrp{fact("past", 3, "past the count")});
  world.Submit(Desire("past", 1));
  world.Submit(StartActualLrp{fact("app", 1, "evacuating")});
  world.Submit(EvacuateRunningActualLrp{fact("app", 1, "evacuating")});
  Task task;
  task.task_guid = TaskGuid("task");
  task.domain = Domain("cf-apps");
  world.Submit(DesireTask{task});
  world.Submit(StartTask{TaskGuid("task"), CellId("task")});
  world.Run();
  CHECK(world.recorder.expected.empty());

  std::set<CellId> expected = {CellId("instance"), CellId("past the count"), CellId("evacuating"),
                               CellId("task")};
  world.NewTerm(2);
  CHECK(world.recorder.expected == expected);

  // The orphan's cell may have gone long ago, until it is known to be an orphan.
  world.Submit(UpsertDomain{Domain("cf-apps"), absl::Minutes(1)});
  world.Run();
  world.NewTerm(3);
  expected.insert(CellId("orphan"));
  CHECK(world.recorder.expected == expected);

  // What is suspect is known to be without its cell.
  world.recorder.cells = std::make_shared<std::set<CellId>>(
      std::set{CellId("past the count"), CellId("evacuating"), CellId("task"), CellId("orphan")});
  world.term->ConvergeNow();
  world.Converge();
  world.NewTerm(4);
  CHECK(world.recorder.expected.count(CellId("instance")) == 0);
}

TEST_CASE("a term that is about to serve hears of lost cells, once", "[bbs][engine]") {
  World world;
  ActiveTerm active;
  active.ConvergeNow();  // to nobody
  world.term.reset();
  world.term = world.MakeTerm(2);
  active.Await(world.term);
  CHECK_FALSE(active.Get().ok());
  active.ConvergeNow();
  REQUIRE(world.term->Load().ok());
  active.Set(world.term);
  world.Converge();
  CHECK(world.recorder.passes == 1);
  world.Converge();
  CHECK(world.recorder.passes == 1);
  active.ConvergeNow();
  world.Converge();
  CHECK(world.recorder.passes == 2);
  active.Set(nullptr);
  active.ConvergeNow();
  world.Converge();
  CHECK(world.recorder.passes == 2);
}

TEST_CASE("a slice of convergence is as long as the last one taught", "[bbs][engine]") {
  const EngineSettings settings;
  CHECK(NextSliceRows(128, absl::Microseconds(100), settings) == 256);
  CHECK(NextSliceRows(128, absl::Milliseconds(1), settings) == 128);
  CHECK(NextSliceRows(128, absl::Milliseconds(3), settings) == 64);
  CHECK(NextSliceRows(20, absl::Seconds(1), settings) == 16);
  CHECK(NextSliceRows(16, absl::Seconds(1), settings) == 16);
  CHECK(NextSliceRows(1500, absl::ZeroDuration(), settings) == 2000);
}

TEST_CASE("the threads of a running term answer every call once", "[bbs][engine]") {
  World world;
  std::atomic<int> ok{0}, refused{0};
  {
    RunningTerm running(world.term);
    Follower follower(&world);
    std::vector<std::unique_ptr<Worker>> clients;
    std::atomic<int> submitted{0};
    for (int client = 0; client < 3; ++client) {
      clients.push_back(std::make_unique<Worker>("client", [&] {
        const int n = submitted++;
        if (n >= 900) return absl::Milliseconds(50);
        if (n % 100 == 50) world.database.Next(Fate::kDoneUnheard);
        const auto reply = [&](const Reply& r) { ++(r.status.ok() ? ok : refused); };
        if (!world.term->Submit({Desire(absl::StrCat("app-", n / 2)), reply}).ok()) ++refused;
        (void)world.term->view().ActualLrps({});
        return absl::ZeroDuration();
      }));
    }
    const absl::Time deadline = RealClock().Now() + absl::Seconds(20);
    while (ok + refused < 900 && RealClock().Now() < deadline) {
      (void)world.term->WaitUntilOver(absl::Milliseconds(5));
      // The lease of the fake clock never runs out; the events arrive in order.
      uint64_t last = 0;
      for (const auto& item : follower.TakeAll()) {
        CHECK(item.revision >= last);
        last = item.revision;
      }
    }
  }
  CHECK(ok == 450);
  CHECK(refused == 450);
}

TEST_CASE("a change that the database rejects: its call hears why, the rest may try again",
          "[bbs][engine]") {
  World world;
  world.database.Next(Fate::kRejected);
  const auto before = world.Submit(Desire("before"));
  const auto wide = world.Submit(Desire("wide"));
  world.Run();
  REQUIRE(world.term->over().has_value());
  CHECK(world.database.attempts() == 1);
  world.term->AnswerRest();
  CHECK(IsDiegoError(wide->reply->status, ErrorType::kInvalidRequest));
  CHECK(wide->reply->keep_container);  // of an evacuation
  CHECK(before->reply->status.code() == absl::StatusCode::kUnavailable);
  CHECK(before->count == 1);
  CHECK(wide->count == 1);
  world.NewTerm(2);
  const auto again = world.Submit(Desire("before"));
  world.Run();
  CHECK(again->reply->status.ok());
}

TEST_CASE("a repeated call waits for the commit of the first, and gets its outcome",
          "[bbs][engine]") {
  World world;
  const RequestIdentity id{"call-1", "digest-1"};
  const auto first = world.Submit(Desire("app"), id);
  const auto second = world.Submit(Desire("app"), id);
  world.Sequence();
  world.database.Next(Fate::kLost);
  world.Commit();
  const auto third = world.Submit(Desire("app"), id);
  world.Sequence();
  world.Publish();
  CHECK_FALSE(second->reply);
  CHECK_FALSE(third->reply);
  world.Commit();
  world.Publish();
  world.Run();
  for (const auto& answer : {first, second, third}) {
    REQUIRE(answer->reply);
    CHECK(answer->reply->status.ok());
    CHECK(answer->count == 1);
    CHECK(answer->reply->is_repetition == (answer != first));
  }
  CHECK(world.database.commits() == 1);
  CHECK(world.recorder.acted == 1);
}

TEST_CASE("a call repeated at the next master gets the outcome that had committed, or runs",
          "[bbs][engine]") {
  World world;
  const RequestIdentity id{"call-1", "digest-1"};
  const bool landed = GENERATE(true, false);
  const auto first = world.Submit(Desire("app"), id);
  world.Sequence();
  world.database.Next(landed ? Fate::kDoneUnheard : Fate::kLost);
  world.Commit();
  world.NewTerm(2);
  REQUIRE(first->reply);
  CHECK(absl::IsUnavailable(first->reply->status));
  const auto again = world.Submit(Desire("app"), id);
  world.Run();
  REQUIRE(again->reply);
  CHECK(again->reply->status.ok());
  CHECK(again->reply->is_repetition == landed);
  CHECK(world.ActualCount() == 1);
  // A refusal is an outcome too.
  const RequestIdentity other{"call-2", "digest-2"};
  world.Submit(Desire("app"), other);
  world.Run();
  world.NewTerm(3);
  const auto refused = world.Submit(Desire("app"), other);
  world.Run();
  REQUIRE(refused->reply);
  CHECK(IsDiegoError(refused->reply->status, ErrorType::kResourceExists));
  CHECK(refused->reply->is_repetition);
}

}  // namespace
}  // namespace diego::bbs
