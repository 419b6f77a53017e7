// Calls that carry a request id: one table of what a repetition meets, and the bounds of memory.
#include "services/bbs/core/request_memory.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "libs/models/error.h"
#include "services/bbs/core/testing_states.h"

namespace diego::bbs {
namespace {

using testing::Instance;
using testing::KeyOf;
using testing::kJob;
using testing::kNow;
using testing::kWeb;
using testing::World;

const RequestIdentity kFirst{"call-1", "digest-1"};

// Executes and applies.
Outcome Once(State* state, const RequestIdentity& request, const Command& command,
             absl::Time now = kNow, const RuleSettings& settings = {}) {
  Outcome outcome = ExecuteOnce(*state, request, command, {now, 1}, settings);
  for (const Change& change : outcome.changes) state->Apply(change);
  return outcome;
}

struct Row {
  const char* what;
  const char* world;
  Command command;
  const char* status;  // of the call and of its repetition
  const char* plain;   // of a repetition without an id
};

TEST_CASE("request memory: a repetition is answered as the call was, and changes nothing",
          "[bbs][core]") {
  DesireLrp desire;
  desire.lrp = testing::Web(2);
  DesireTask task;
  task.task.task_guid = kJob;
  task.task.domain = testing::kApps;
  UpdateDesiredLrp update{kWeb, {}};
  update.update.instances = 3;
  const Row rows[] = {
      {"desire", "fresh", desire, "ok", "ResourceExists"},
      {"a refused desire", "desired", desire, "ResourceExists", "ResourceExists"},
      {"update", "desired", update, "ok", "ok"},
      {"remove", "desired | RUNNING a@1", RemoveDesiredLrp{kWeb}, "ok", "ResourceNotFound"},
      {"a refused remove", "fresh", RemoveDesiredLrp{kWeb}, "ResourceNotFound", "ResourceNotFound"},
      {"an update of what is gone", "fresh", RefuseCall{DiegoError(ErrorType::kResourceNotFound)},
       "ResourceNotFound", "ResourceNotFound"},
      {"crash", "desired | RUNNING a@1", CrashActualLrp{KeyOf(0), Instance("a@1"), "boom"}, "ok",
       "ActualLRPCannotBeCrashed"},
      {"desire a task", "fresh", task, "ok", "ResourceExists"},
      {"cancel a task", "task Running 1", CancelTask{kJob}, "ok", "InvalidStateTransition"},
      {"delete a task", "task Resolving", DeleteTask{kJob}, "ok", "ResourceNotFound"},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    State state = World(row.world);
    const Outcome first = Once(&state, kFirst, row.command);
    CHECK(testing::Words(first.status) == row.status);
    CHECK_FALSE(first.is_repetition);
    const std::string before = testing::Rows(state) + testing::Tasks(state);
    const Outcome plain = Execute(state, row.command, {kNow, 2}, {});
    CHECK(testing::Words(plain.status) == row.plain);

    const Outcome second = Once(&state, kFirst, row.command, kNow + absl::Minutes(5));
    CHECK(second.status == first.status);
    CHECK(second.is_repetition);
    CHECK(second.changes.empty());
    CHECK(second.effects.empty());
    CHECK(testing::Rows(state) + testing::Tasks(state) == before);
  }
}

TEST_CASE("request memory: a repetition that finds nothing any more gets the answer of then",
          "[bbs][core]") {
  State state = World("desired");
  UpdateDesiredLrp update{kWeb, {}};
  update.update.instances = 3;
  REQUIRE(Once(&state, kFirst, update).status.ok());
  REQUIRE(Once(&state, {"call-2", "digest-2"}, RemoveDesiredLrp{kWeb}).status.ok());
  const RefuseCall gone{DiegoError(ErrorType::kResourceNotFound)};
  const Outcome again = Once(&state, kFirst, gone);
  CHECK(again.status.ok());
  CHECK(again.is_repetition);
  CHECK(testing::Words(Once(&state, {"call-3", "digest-1"}, gone).status) == "ResourceNotFound");
}

TEST_CASE("request memory: what else an answer says is repeated too", "[bbs][core]") {
  State state = World("task Pending");
  const StartTask start{kJob, CellId("1")};
  CHECK(Once(&state, kFirst, start).should_start);
  CHECK(Once(&state, kFirst, start).should_start);
  CHECK_FALSE(Execute(state, start, {kNow, 1}, {}).should_start);

  const RequestIdentity second{"call-2", "digest-2"};
  State cell = World("desired | RUNNING a@1");
  const EvacuateRunningActualLrp evacuate{testing::FactsOf("a@1")};
  const bool kept = Once(&cell, second, evacuate).keep_container;
  CHECK(kept);
  CHECK(Once(&cell, second, evacuate).keep_container == kept);
}

TEST_CASE("request memory: an id that was used for another call is refused", "[bbs][core]") {
  State state = World("desired");
  REQUIRE(Once(&state, kFirst, RemoveDesiredLrp{kWeb}).status.ok());
  const Outcome other = Once(&state, {"call-1", "digest-2"}, CancelTask{kJob});
  CHECK(IsDiegoError(other.status, ErrorType::kInvalidRequest));
  CHECK_THAT(std::string(other.status.message()), Catch::Contains("\"call-1\""));
  CHECK(other.changes.empty());
  // The first call's answer stands.
  CHECK(Once(&state, kFirst, RemoveDesiredLrp{kWeb}).status.ok());
}

TEST_CASE("request memory: an answer that is too old is no answer", "[bbs][core]") {
  State state = World("desired");
  REQUIRE(Once(&state, kFirst, RemoveDesiredLrp{kWeb}).status.ok());
  const absl::Time late = kNow + absl::Minutes(5) + absl::Seconds(1);
  const Outcome again = Once(&state, kFirst, RemoveDesiredLrp{kWeb}, late);
  CHECK(IsDiegoError(again.status, ErrorType::kResourceNotFound));
  CHECK(state.answered_calls().size() == 1);
  // And that is remembered in its place.
  CHECK(Once(&state, kFirst, RemoveDesiredLrp{kWeb}, late + absl::Minutes(4)).is_repetition);
}

TEST_CASE("request memory: is bounded in number and pruned by age", "[bbs][core]") {
  RuleSettings settings;
  settings.remembered_calls = 10;
  State state = World("fresh");
  const auto call = [&](int number, absl::Time now) {
    Once(&state, {absl::StrCat("call-", number), "digest"}, CancelTask{kJob}, now, settings);
  };
  for (int i = 0; i < 100; ++i) {
    call(i, kNow + absl::Milliseconds(i));
    CHECK(state.answered_calls().size() <= 11);
  }
  CHECK(state.FindAnsweredCall("call-0") == nullptr);
  CHECK(state.FindAnsweredCall("call-99") != nullptr);
  // Later calls forget what has become too old.
  call(100, kNow + absl::Hours(1));
  call(101, kNow + absl::Hours(1));
  call(102, kNow + absl::Hours(1));
  CHECK(state.answered_calls().size() == 3);
  // So does convergence, when no calls come.
  const Outcome converged =
      Execute(state, Converge{nullptr, {}, {}, 2}, {kNow + absl::Hours(2), 1}, settings);
  for (const Change& change : converged.changes) state.Apply(change);
  CHECK(state.answered_calls().size() == 1);
}

}  // namespace
}  // namespace diego::bbs
