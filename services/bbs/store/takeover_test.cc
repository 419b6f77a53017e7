// A database of the original is opened in place, served, and handed back.
#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <vector>

#include "services/bbs/core/state.h"
#include "services/bbs/store/additions.h"
#include "services/bbs/store/testing_original.h"

namespace diego::bbs {
namespace {

using testing::Actual;
using testing::Appears;
using testing::ComplaintsOfOriginal;
using testing::Desired;
using testing::Disappears;
using testing::Handle;
using testing::Job;
using testing::kOriginal2022;
using testing::kOriginalLatest;

State Take(Handle& handle, uint64_t epoch) {
  const absl::Status prepared = handle.store.Prepare(epoch);
  INFO(prepared);
  REQUIRE(prepared.ok());
  const auto loaded = handle.store.Load(epoch);
  REQUIRE(loaded.ok());
  for (const QuarantinedRow& row : handle.store.quarantined()) {
    FAIL_CHECK(row.table << " " << row.key << ": " << row.reason);
  }
  State state;
  for (const Change& row : loaded->rows) state.Apply(row);
  return state;
}

TEST_CASE("takeover: every record of the original is read for what it is", "[bbs][store]") {
  const int64_t version = GENERATE(kOriginalLatest, kOriginal2022);
  INFO("version " << version);
  const bool latest = version == kOriginalLatest;
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  MakeOriginalDatabase(handle, version);
  FillOriginalDatabase(handle, version);
  const State state = Take(handle, 1);
  const auto desired = state.FindDesired(ProcessGuid("web"));
  REQUIRE(desired != nullptr);
  CHECK(desired->domain == Domain("apps"));
  CHECK(desired->annotation == "note");
  CHECK(desired->instances == 2);
  CHECK(desired->size.memory_mb == 128);
  CHECK(desired->size.disk_mb == 512);
  CHECK(desired->size.max_pids == 100);
  CHECK(desired->placement.root_fs == "preloaded:stack");
  CHECK(desired->placement.placement_tags.empty());
  CHECK(desired->placement.volume_drivers == std::vector<std::string>{"driver-1"});
  CHECK(desired->routes == Routes{{"cf-router", R"([{"hostnames":["a.example"],"port":8080}])"}});
  CHECK(desired->metric_tags.at("source_id").static_value == "app-1");
  CHECK(desired->update_strategy ==
        (latest ? UpdateStrategy::kRecreate : UpdateStrategy::kRolling));
  CHECK(desired->tag.index == 4);
  for (const Presence presence : {Presence::kOrdinary, Presence::kEvacuating}) {
    const auto actual = state.FindActual({ProcessGuid("web"), 0, presence});
    REQUIRE(actual != nullptr);
    CHECK(actual->state == ActualLrpState::kRunning);
    CHECK(actual->net_info.address == "10.0.0.1");
    REQUIRE(actual->net_info.ports.size() == 1);
    CHECK(actual->net_info.ports[0].host_tls_proxy_port == 61002);
    CHECK(actual->net_info.preferred_address == PreferredAddress::kHost);
    CHECK(actual->internal_routes == std::vector<std::string>{"a.internal"});
    CHECK(actual->metric_tags.size() == (latest ? 1 : 0));
    CHECK(actual->routable == true);
    CHECK(actual->availability_zone == (latest ? "z1" : ""));
  }
  const auto task = state.FindTask(TaskGuid("job"));
  REQUIRE(task != nullptr);
  CHECK(task->state == TaskState::kRunning);
  CHECK(task->completion_callback_url == "https://example.test/done");
  CHECK(state.FindDomain(Domain("forever"))->expire_time == absl::InfiniteFuture());
}

// SQLite has no widths to change.
TEST_CASE("takeover: a 2022 schema becomes the original's latest, column for column",
          "[bbs][store][mariadb]") {
  const auto schema_of = [](int64_t version) {
    const auto place = diego::testing::FreshDatabase();
    Handle handle(*place);
    MakeOriginalDatabase(handle, version);
    REQUIRE(handle.store.Prepare(1).ok());
    return handle.Schema();
  };
  CHECK(schema_of(kOriginal2022) == schema_of(kOriginalLatest));
}

TEST_CASE("hand back: whatever we wrote, the original reads", "[bbs][store]") {
  const int64_t version = GENERATE(kOriginalLatest, kOriginal2022);
  INFO("version " << version);
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  MakeOriginalDatabase(handle, version);
  FillOriginalDatabase(handle, version);
  if (version == kOriginalLatest) REQUIRE(ComplaintsOfOriginal(handle) == "");
  const State state = Take(handle, 1);
  // Records of ours, full and bare, and the original's own, written anew.
  DesiredLrp bare = Desired("bare");
  bare.routes.clear();
  bare.metric_tags.clear();
  bare.annotation = "";
  bare.placement = {};
  bare.placement.root_fs = "x";
  ActualLrp unclaimed = Actual("bare", 0);
  unclaimed.state = ActualLrpState::kUnclaimed;
  unclaimed.instance = {};
  unclaimed.net_info = {};
  unclaimed.internal_routes.clear();
  unclaimed.metric_tags.clear();
  unclaimed.routable = std::nullopt;
  const auto theirs = state.FindDesired(ProcessGuid("web"));
  DesiredLrp more = *theirs;
  more.instances = 3;
  const auto running = state.FindActual({ProcessGuid("web"), 0, Presence::kEvacuating});
  const CommitReply reply = handle.store.Commit(
      {1, 1},
      {Appears(Desired("full")), Appears(bare), Appears(Actual("full", 0)), Appears(unclaimed),
       Appears(Job("ours")), Appears(testing::Apps()), Appears(more), Disappears(*running)});
  INFO(reply.detail);
  REQUIRE(reply.result == CommitResult::kCommitted);
  CHECK(ComplaintsOfOriginal(handle) == "");

  // The original takes it, writes as it does, and we take it again.
  handle.Run("UPDATE desired_lrps SET instances = 5 WHERE process_guid = 'web'");
  handle.Run("DELETE FROM tasks WHERE guid = 'ours'");
  handle.Run(
      "INSERT INTO actual_lrps (process_guid, instance_index, domain, state, since, net_info, "
      "internal_routes, metric_tags, modification_tag_epoch, modification_tag_index) SELECT "
      "process_guid, 7, domain, 'UNCLAIMED', 1, net_info, internal_routes, metric_tags, 'e', 0 "
      "FROM actual_lrps WHERE process_guid = 'bare'");
  Handle again(*place);
  const State later = Take(again, 2);
  CHECK(later.FindDesired(ProcessGuid("web"))->instances == 5);
  CHECK(later.FindTask(TaskGuid("ours")) == nullptr);
  CHECK(later.FindActual({ProcessGuid("bare"), 7, Presence::kOrdinary}) != nullptr);
}

TEST_CASE(
    "hand back: beyond the original's schema there are whole tables and nullable columns only",
    "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  MakeOriginalDatabase(handle, kOriginalLatest);
  const std::string before = handle.Schema();
  Take(handle, 1);
  // Schema() leaves out what is declared as ours: so nothing else came.
  CHECK(handle.Schema() == before);
  REQUIRE(DropAdditions(*handle.database, OurAdditions(), nullptr).ok());
  CHECK(handle.Schema() == before);
}

}  // namespace
}  // namespace diego::bbs
