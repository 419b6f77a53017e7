// One suite over both drivers: bbs_store_test runs it on SQLite, bbs_store_mariadb_test on a real
// MariaDB.
#include "services/bbs/store/sql_store.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/models/error.h"
#include "libs/wire/placement.h"
#include "services/bbs/core/state.h"
#include "services/bbs/store/testing_store.h"

namespace diego::bbs {
namespace {

using testing::Actual;
using testing::Appears;
using testing::Apps;
using testing::Desired;
using testing::Disappears;
using testing::Handle;
using testing::Job;
using testing::Ring;

// The rows of a load, by table and key, as the records themselves.
State StateOf(const LoadedState& loaded) {
  State state;
  for (const Change& row : loaded.rows) state.Apply(row);
  return state;
}

TEST_CASE("load: a new database is brought up to date and is empty", "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  const absl::Status prepared = handle.store.Prepare(1);
  INFO(prepared);
  REQUIRE(prepared.ok());
  const auto loaded = handle.store.Load(1);
  REQUIRE(loaded.ok());
  CHECK(loaded->rows.empty());
  CHECK(loaded->revision == 0);
  CHECK(handle.Configuration("version") == "{\"CurrentVersion\":1772581987}");
  CHECK(handle.Configuration("encryption_key_label") == "key-1");
}

TEST_CASE("commit: every kind of record comes back as it went", "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  REQUIRE(handle.store.Prepare(1).ok());
  REQUIRE(handle.store.Load(1).ok());

  ActualLrp bare = Actual("web", 1);
  bare.net_info = {};
  bare.internal_routes.clear();
  bare.metric_tags.clear();
  ActualLrp evacuating = Actual("web", 0);
  evacuating.presence = Presence::kEvacuating;
  DesiredLrp plain = Desired("plain");
  plain.annotation = "";
  plain.placement = {};
  plain.placement.root_fs = "preloaded:x";
  plain.routes.clear();
  plain.metric_tags.clear();
  plain.image_username = plain.image_password = "";
  plain.update_strategy = UpdateStrategy::kRolling;
  plain.crash_restart_policy = {};
  plain.definition_id = "";
  plain.rollout = {};
  Task unstarted = Job("other");
  unstarted.state = TaskState::kPending;
  unstarted.cell_id = CellId();
  unstarted.first_completed_at = absl::UnixEpoch();
  const DomainRecord forever{Domain("forever"), absl::InfiniteFuture()};

  const Changes changes = {Appears(Desired("web")), Appears(plain),      Appears(Actual("web", 0)),
                           Appears(bare),           Appears(evacuating), Appears(Job("job")),
                           Appears(unstarted),      Appears(Apps()),     Appears(forever)};
  const CommitReply reply = handle.store.Commit({1, 1}, changes);
  INFO(reply.detail);
  REQUIRE(reply.result == CommitResult::kCommitted);

  Handle next(*place);
  const auto loaded = next.store.Load(2);
  REQUIRE(loaded.ok());
  CHECK(next.store.quarantined().empty());
  CHECK(loaded->revision == 1);
  const State state = StateOf(*loaded);
  CHECK(*state.FindDesired(ProcessGuid("web")) == Desired("web"));
  CHECK(*state.FindDesired(ProcessGuid("plain")) == plain);
  CHECK(*state.FindActual(SlotOf(Actual("web", 0))) == Actual("web", 0));
  CHECK(*state.FindActual(SlotOf(bare)) == bare);
  CHECK(*state.FindActual(SlotOf(evacuating)) == evacuating);
  CHECK(*state.FindTask(TaskGuid("job")) == Job("job"));
  CHECK(*state.FindTask(TaskGuid("other")) == unstarted);
  CHECK(*state.FindDomain(Domain("apps")) == Apps());
  CHECK(*state.FindDomain(Domain("forever")) == forever);
  CHECK(loaded->rows.size() == changes.size());
}

TEST_CASE("answered calls: come back with all that was answered, and go", "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  REQUIRE(handle.store.Prepare(1).ok());
  REQUIRE(handle.store.Load(1).ok());
  const auto answered = [](const std::string& id, const absl::Status& status) {
    AnsweredCall call;
    call.request = {id, std::string(64, 'a')};
    call.answered_at = absl::FromUnixNanos(1700000000123456789);
    call.status = status;
    return call;
  };
  AnsweredCall done = answered("Done", absl::OkStatus());
  done.should_start = true;
  AnsweredCall kept = answered("done", DiegoError(ErrorType::kResourceExists));
  kept.keep_container = true;
  const AnsweredCall denied =
      answered(std::string(128, 'x'), absl::PermissionDeniedError(std::string(5000, 'y')));
  const AnsweredCall forgotten = answered("forgotten", absl::OkStatus());
  REQUIRE(handle.store
              .Commit({1, 1}, {testing::Appears(done), testing::Appears(kept),
                               testing::Appears(denied), testing::Appears(forgotten)})
              .result == CommitResult::kCommitted);
  REQUIRE(handle.store.Commit({1, 2}, {testing::Disappears(forgotten)}).result ==
          CommitResult::kCommitted);

  Handle next(*place);
  REQUIRE(next.store.Prepare(2).ok());  // what is there already is left as it is
  const auto loaded = next.store.Load(2);
  REQUIRE(loaded.ok());
  const State state = StateOf(*loaded);
  CHECK(state.answered_calls().size() == 3);
  for (const AnsweredCall& call : {done, kept, denied}) {
    INFO(call.request.id);
    REQUIRE(state.FindAnsweredCall(call.request.id) != nullptr);
    CHECK(*state.FindAnsweredCall(call.request.id) == call);
  }
}

TEST_CASE("placement refusals: kept with what waits, and not believed of what the original placed",
          "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  REQUIRE(handle.store.Prepare(1).ok());
  REQUIRE(handle.store.Load(1).ok());
  models::PlacementRefusal refusal;
  refusal.set_reason(models::PlacementRefusal::NO_ROOM);
  refusal.set_memory_short_mb(512);
  ActualLrp waits = Actual("web", 0);
  waits.state = ActualLrpState::kUnclaimed;
  waits.placement_error = "insufficient resources: memory";
  waits.placement_refusal = wire::PlacementRefusalBytes(refusal);
  ActualLrp placed = waits;
  placed.key.index = 1;
  Task task = Job("job");
  task.placement_refusal = waits.placement_refusal;
  Task started = Job("started");
  started.placement_refusal = waits.placement_refusal;
  REQUIRE(handle.store
              .Commit({1, 1}, {testing::Appears(waits), testing::Appears(placed),
                               testing::Appears(task), testing::Appears(started)})
              .result == CommitResult::kCommitted);
  // As the original does it.
  handle.Run(
      "UPDATE actual_lrps SET state = 'CLAIMED', placement_error = '', "
      "modification_tag_index = modification_tag_index + 1 WHERE instance_index = 1");
  handle.Run("UPDATE tasks SET state = 1, updated_at = updated_at + 1 WHERE guid = 'started'");

  const auto loaded = handle.store.Load(2);
  REQUIRE(loaded.ok());
  CHECK(handle.store.quarantined().empty());
  const State state = StateOf(*loaded);
  CHECK(*state.FindActual(SlotOf(waits)) == waits);
  CHECK(state.FindActual(SlotOf(placed))->placement_refusal.empty());
  CHECK(*state.FindTask(TaskGuid("job")) == task);
  CHECK(state.FindTask(TaskGuid("started"))->placement_refusal.empty());
  // What cannot be read is no reason to set the row aside.
  handle.Run(absl::StrCat("UPDATE actual_lrps SET placement_refusal = '", waits.tag.index,
                          " {' WHERE instance_index = 0"));
  const auto again = handle.store.Load(3);
  REQUIRE(again.ok());
  CHECK(handle.store.quarantined().empty());
  CHECK(StateOf(*again).FindActual(SlotOf(waits))->placement_refusal.empty());
}

TEST_CASE("commit: only the last change of a key is what stands", "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  REQUIRE(handle.store.Prepare(1).ok());
  REQUIRE(handle.store.Load(1).ok());
  ActualLrp later = Actual("web", 0);
  later.tag.index = 9;
  REQUIRE(handle.store
              .Commit({1, 1}, {Appears(Actual("web", 0)), Disappears(Actual("web", 0)),
                               Appears(later), Appears(Actual("web", 1)),
                               Disappears(Actual("web", 1)), Appears(Actual("web", 2))})
              .result == CommitResult::kCommitted);
  REQUIRE(handle.store.Commit({1, 2}, {Disappears(Actual("web", 2)), Appears(Job("job"))}).result ==
          CommitResult::kCommitted);
  const auto loaded = handle.store.Load(2);
  REQUIRE(loaded.ok());
  const State state = StateOf(*loaded);
  CHECK(loaded->rows.size() == 2);
  CHECK(loaded->revision == 2);
  CHECK(state.FindActual(SlotOf(later))->tag.index == 9);
}

TEST_CASE("fence: of two stores on one database only the later epoch writes", "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle old_master(*place);
  Handle new_master(*place);
  REQUIRE(old_master.store.Prepare(5).ok());
  REQUIRE(old_master.store.Load(5).ok());
  REQUIRE(old_master.store.Commit({5, 1}, {Appears(Actual("web", 0))}).result ==
          CommitResult::kCommitted);
  CHECK(old_master.store.Confirm(5).result == CommitResult::kCommitted);

  REQUIRE(new_master.store.Prepare(7).ok());
  REQUIRE(new_master.store.Load(7)->rows.size() == 1);
  CHECK(old_master.store.Commit({5, 2}, {Appears(Actual("web", 1))}).result ==
        CommitResult::kFenced);
  CHECK(old_master.store.Confirm(5).result == CommitResult::kFenced);
  CHECK(absl::IsAborted(old_master.store.Load(5).status()));
  CHECK(absl::IsAborted(old_master.store.Prepare(6)));

  CHECK(new_master.store.Commit({7, 1}, {Appears(Actual("web", 2))}).result ==
        CommitResult::kCommitted);
  CHECK(new_master.store.Confirm(7).result == CommitResult::kCommitted);
  const auto loaded = new_master.store.Load(8);
  REQUIRE(loaded.ok());
  CHECK(loaded->rows.size() == 2);
  CHECK(loaded->revision == 2);
}

TEST_CASE("fence: batches land in order, and a batch sent again has landed", "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  REQUIRE(handle.store.Prepare(1).ok());
  REQUIRE(handle.store.Load(1).ok());
  const Changes first = {Appears(Actual("web", 0))};
  CHECK(handle.store.Commit({1, 2}, first).result == CommitResult::kFenced);
  CHECK(handle.store.Commit({1, 1}, first).result == CommitResult::kCommitted);
  CHECK(handle.store.Commit({1, 1}, first).result == CommitResult::kCommitted);
  CHECK(handle.store.Commit({1, 2}, {Appears(Actual("web", 1))}).result ==
        CommitResult::kCommitted);
  // The one before the last may not be told from one that never landed; its sender is gone.
  CHECK(handle.store.Commit({1, 1}, first).result == CommitResult::kFenced);
  CHECK(handle.store.Load(2)->revision == 2);
}

TEST_CASE("load: taking office again before the first batch is no error", "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  REQUIRE(handle.store.Prepare(3).ok());
  CHECK(handle.store.Load(3).ok());
  CHECK(handle.store.Load(3).ok());
  REQUIRE(handle.store.Commit({3, 1}, {Appears(Apps())}).result == CommitResult::kCommitted);
  CHECK(absl::IsAborted(handle.store.Load(3).status()));
}

TEST_CASE("load: more rows than a page, in all presences", "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  REQUIRE(handle.store.Prepare(1).ok());
  REQUIRE(handle.store.Load(1).ok());
  Changes changes;
  for (int i = 0; i < 1500; ++i) {
    for (Presence presence : {Presence::kOrdinary, Presence::kEvacuating, Presence::kSuspect}) {
      ActualLrp lrp = Actual(absl::StrCat("web-", i % 2), i / 2);
      lrp.presence = presence;
      changes.push_back(Appears(lrp));
    }
  }
  REQUIRE(handle.store.Commit({1, 1}, changes).result == CommitResult::kCommitted);
  const auto loaded = handle.store.Load(2);
  REQUIRE(loaded.ok());
  CHECK(loaded->rows.size() == 4500);
  CHECK(StateOf(*loaded).actual_lrp_row_count() == 4500);
}

TEST_CASE("texts: cut to 1024 bytes with a mark, and bytes that are no UTF-8 do no harm",
          "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  REQUIRE(handle.store.Prepare(1).ok());
  REQUIRE(handle.store.Load(1).ok());
  ActualLrp lrp = Actual("web", 0);
  lrp.crash_reason = std::string(5000, 'x');
  lrp.placement_error = "bad \xff byte";
  Task task = Job("job");
  task.result = std::string("\xc3\x28 result");
  task.failure_reason = std::string(2000, 'y');
  const CommitReply reply = handle.store.Commit({1, 1}, {Appears(lrp), Appears(task)});
  INFO(reply.detail);
  REQUIRE(reply.result == CommitResult::kCommitted);
  const State state = StateOf(*handle.store.Load(2));
  const auto stored = state.FindActual(SlotOf(lrp));
  CHECK(stored->crash_reason == absl::StrCat(std::string(1013, 'x'), "(truncated)"));
  CHECK(stored->placement_error == "bad \xef\xbf\xbd byte");
  CHECK(absl::EndsWith(state.FindTask(TaskGuid("job"))->failure_reason, "y(truncated)"));
}

TEST_CASE("rows of others: NULL and empty columns read as empty", "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  REQUIRE(handle.store.Prepare(1).ok());
  REQUIRE(handle.store.Load(1).ok());
  REQUIRE(
      handle.store.Commit({1, 1}, {Appears(Desired("web")), Appears(Actual("web", 0))}).result ==
      CommitResult::kCommitted);
  handle.Run(
      "UPDATE desired_lrps SET annotation = NULL, placement_tags = NULL, "
      "metric_tags = NULL, max_pids = NULL, modification_tag_index = NULL");
  handle.Run(
      "UPDATE actual_lrps SET net_info = '', internal_routes = NULL, metric_tags = NULL, "
      "modification_tag_index = NULL, routable = NULL, since = NULL");
  const auto loaded = handle.store.Load(2);
  REQUIRE(loaded.ok());
  CHECK(handle.store.quarantined().empty());
  const State state = StateOf(*loaded);
  const auto desired = state.FindDesired(ProcessGuid("web"));
  REQUIRE(desired != nullptr);
  CHECK(desired->annotation.empty());
  CHECK(desired->placement.placement_tags.empty());
  CHECK(desired->metric_tags.empty());
  CHECK(desired->size.max_pids == 0);
  const auto actual = state.FindActual(SlotOf(Actual("web", 0)));
  REQUIRE(actual != nullptr);
  CHECK(actual->net_info == NetInfo{});
  CHECK(actual->internal_routes.empty());
  CHECK(actual->since == absl::UnixEpoch());
}

TEST_CASE("rows that cannot be read: set aside by name, kept, replaced by a new record",
          "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  REQUIRE(handle.store.Prepare(1).ok());
  REQUIRE(handle.store.Load(1).ok());
  REQUIRE(handle.store
              .Commit({1, 1}, {Appears(Desired("web")), Appears(Desired("broken")),
                               Appears(Desired("absurd")), Appears(Actual("web", 0)),
                               Appears(Job("job")), Appears(Job("broken"))})
              .result == CommitResult::kCommitted);
  handle.Run("UPDATE desired_lrps SET run_info = '02AAAA' WHERE process_guid = 'broken'");
  handle.Run("UPDATE desired_lrps SET instances = -1 WHERE process_guid = 'absurd'");
  handle.Run("UPDATE tasks SET task_definition = '00{}' WHERE guid = 'broken'");
  const auto loaded = handle.store.Load(2);
  REQUIRE(loaded.ok());
  CHECK(loaded->rows.size() == 3);
  CHECK(loaded->unreadable_desired_lrps ==
        std::vector<ProcessGuid>{ProcessGuid("absurd"), ProcessGuid("broken")});
  std::set<std::string> set_aside;
  for (const auto& row : handle.store.quarantined()) {
    set_aside.insert(row.table + " " + row.key);
    CHECK_FALSE(row.salvaged);
  }
  CHECK(set_aside ==
        std::set<std::string>{"desired_lrps absurd", "desired_lrps broken", "tasks broken"});
  CHECK(handle.Count("desired_lrps") == 3);
  REQUIRE(handle.store.Commit({2, 1}, {Appears(Desired("broken"))}).result ==
          CommitResult::kCommitted);
  CHECK(handle.store.Load(3)->rows.size() == 4);
}

TEST_CASE("rows that cannot be read: what may run is kept in sight, and reports overwrite it",
          "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  REQUIRE(handle.store.Prepare(1).ok());
  REQUIRE(handle.store.Load(1).ok());
  Task running = Job("running");
  running.state = TaskState::kRunning;
  ActualLrp waiting = Actual("web", 3);
  waiting.instance = InstanceKey();
  waiting.state = ActualLrpState::kUnclaimed;
  REQUIRE(handle.store
              .Commit({1, 1}, {Appears(Actual("web", 0)), Appears(Actual("web", 1)),
                               Appears(Actual("web", 2)), Appears(waiting), Appears(running),
                               Appears(Job("job"))})
              .result == CommitResult::kCommitted);
  handle.Run("UPDATE actual_lrps SET net_info = '00!' WHERE instance_index = 1");
  handle.Run("UPDATE actual_lrps SET state = 'DREAMING' WHERE instance_index > 1");
  handle.Run("UPDATE tasks SET task_definition = '00{}' WHERE guid = 'running'");
  const auto loaded = handle.store.Load(2);
  REQUIRE(loaded.ok());
  CHECK(handle.store.quarantined().size() == 4);
  const State state = StateOf(*loaded);
  ActualLrp blurred = Actual("web", 1);
  blurred.net_info = NetInfo();
  blurred.internal_routes.clear();
  blurred.metric_tags.clear();
  CHECK(*state.FindActual(SlotOf(blurred)) == blurred);
  CHECK(state.FindActual(SlotOf(Actual("web", 2)))->state == ActualLrpState::kClaimed);
  CHECK(state.FindActual(SlotOf(Actual("web", 2)))->instance == Actual("web", 2).instance);
  CHECK(state.FindActual(SlotOf(waiting))->state == ActualLrpState::kUnclaimed);
  REQUIRE(state.FindTask(TaskGuid("running")) != nullptr);
  CHECK(state.FindTask(TaskGuid("running"))->state == TaskState::kRunning);

  REQUIRE(
      handle.store
          .Commit({2, 1}, {Appears(Actual("web", 1)), Appears(Actual("web", 2)), Appears(waiting)})
          .result == CommitResult::kCommitted);
  const auto healed = handle.store.Load(3);
  CHECK(handle.store.quarantined().size() == 1);
  CHECK(*StateOf(*healed).FindActual(SlotOf(blurred)) == Actual("web", 1));
}

TEST_CASE("rows that cannot be read: an LRP whose rollout is under a lost key is served without",
          "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  REQUIRE(handle.store.Prepare(1).ok());
  REQUIRE(handle.store.Load(1).ok());
  const DesiredLrp rolling = Desired("web");
  REQUIRE_FALSE(rolling.rollout.empty());
  REQUIRE(handle.store.Commit({1, 1}, {Appears(rolling)}).result == CommitResult::kCommitted);
  // The original changed its key, and sealed anew what it knows.
  const std::string lost = Ring("lost", {{"lost", "passphrase"}}).Encode("00");
  handle.Run("UPDATE desired_lrps SET rollout = ?", {lost});
  const auto loaded = handle.store.Load(2);
  INFO(loaded.status());
  REQUIRE(loaded.ok());
  CHECK(loaded->unreadable_desired_lrps.empty());
  DesiredLrp plain = rolling;
  plain.rollout = SharedRollout();
  REQUIRE(StateOf(*loaded).FindDesired(ProcessGuid("web")) != nullptr);
  CHECK(*StateOf(*loaded).FindDesired(ProcessGuid("web")) == plain);
  // It is named, and a copy outlives the next write.
  REQUIRE(handle.store.quarantined().size() == 1);
  CHECK(handle.store.quarantined()[0].salvaged);
  REQUIRE(handle.store.Commit({2, 1}, {Appears(plain)}).result == CommitResult::kCommitted);
  CHECK(handle.Count("quarantined_rows") == 1);
  REQUIRE(handle.store.Load(3).ok());
  CHECK(handle.store.quarantined().empty());
}

TEST_CASE("keys: instances that no key opens are not mistaken for the whole truth",
          "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  REQUIRE(handle.store.Prepare(1).ok());
  REQUIRE(handle.store.Load(1).ok());
  REQUIRE(handle.store.Commit({1, 1}, {Appears(Actual("web", 0))}).result ==
          CommitResult::kCommitted);
  Handle wrong(*place, Ring("key-1", {{"key-1", "another passphrase"}}));
  REQUIRE(wrong.store.Prepare(2).ok());
  CHECK(IsDiegoError(wrong.store.Load(2).status(), ErrorType::kFailedToOpenEnvelope));
}

TEST_CASE("keys: a passphrase that opens nothing is refused instead of an empty state",
          "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  REQUIRE(handle.store.Prepare(1).ok());
  REQUIRE(handle.store.Load(1).ok());
  REQUIRE(handle.store.Commit({1, 1}, {Appears(Desired("web"))}).result ==
          CommitResult::kCommitted);
  Handle wrong(*place, Ring("key-1", {{"key-1", "another passphrase"}}));
  REQUIRE(wrong.store.Prepare(2).ok());
  const auto loaded = wrong.store.Load(2);
  CHECK(IsDiegoError(loaded.status(), ErrorType::kFailedToOpenEnvelope));
  CHECK(absl::StrContains(loaded.status().message(), "desired_lrps: none of 1 rows"));
}

TEST_CASE("keys: the stored label must be known; a mixed state keeps its missing label",
          "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  REQUIRE(handle.store.Prepare(1).ok());
  REQUIRE(handle.store.Load(1).ok());
  REQUIRE(handle.store.Commit({1, 1}, {Appears(Desired("web"))}).result ==
          CommitResult::kCommitted);

  Handle stranger(*place, Ring("key-2", {{"key-2", "p"}}));
  const absl::Status refused = stranger.store.Prepare(2);
  CHECK(absl::IsFailedPrecondition(refused));
  CHECK(refused.message() == "Existing encryption key version (key-1) is not among the known keys");

  Handle rotated(*place, Ring("key-2", {{"key-2", "p"}, {"key-1", "passphrase"}}));
  REQUIRE(rotated.store.Prepare(3).ok());
  CHECK(rotated.store.Load(3)->rows.size() == 1);
  CHECK(rotated.Configuration("encryption_key_label") == "key-1");

  rotated.Run("DELETE FROM configurations WHERE id = 'encryption_key_label'");
  REQUIRE(rotated.store.Prepare(4).ok());
  CHECK(rotated.Configuration("encryption_key_label") == "");
}

}  // namespace
}  // namespace diego::bbs
