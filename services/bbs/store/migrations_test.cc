// Databases of every version of the history, brought up to date.
#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/sql/migrations.h"
#include "libs/wire/serialize.h"
#include "proto/models/desired_lrp.pb.h"
#include "proto/models/volume_mount.pb.h"
#include "services/bbs/core/state.h"
#include "services/bbs/store/leadership.h"
#include "services/bbs/store/migrations/history.h"
#include "services/bbs/store/schema.h"
#include "services/bbs/store/testing_store.h"
#include "services/bbs/store/version.h"

namespace diego::bbs {
namespace {

using testing::Handle;

// A desired LRP and an instance of it with only the columns that existed from the beginning.
void InsertOldRows(Handle& handle, const RowCodec& codec, bool routes_sealed) {
  models::DesiredLRPRunInfo run_info;
  run_info.set_log_source("APP");
  (*run_info.mutable_metric_tags())["source_id"].set_static_("app-1");
  const std::string routes = R"({"cf-router":[{"port":8080}]})";
  handle.Run(
      "INSERT INTO desired_lrps (process_guid, domain, log_guid, instances, memory_mb, "
      "disk_mb, rootfs, routes, volume_placement, modification_tag_epoch, "
      "modification_tag_index, run_info) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {"web", "apps", "log", int64_t{2}, int64_t{64}, int64_t{128}, "preloaded:x",
       routes_sealed ? codec.SealJson(routes) : routes,
       codec.SealProto(wire::Serialize(models::VolumePlacement())), "epoch", int64_t{3},
       codec.SealProto(wire::Serialize(run_info))});
  for (int64_t index : {0, 1}) {
    handle.Run(
        "INSERT INTO actual_lrps (process_guid, instance_index, evacuating, domain, state, "
        "instance_guid, cell_id, since, net_info, modification_tag_epoch, "
        "modification_tag_index) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {"web", index, index, "apps", index == 0 ? "RUNNING" : "CLAIMED", "instance", "cell",
         int64_t{1}, codec.SealProto(""), "epoch", int64_t{1}});
  }
}

void CheckMigrated(Handle& handle, bool presence_known) {
  const auto loaded = handle.store.Load(1);
  INFO(loaded.status());
  REQUIRE(loaded.ok());
  CHECK(handle.store.quarantined().empty());
  State state;
  for (const Change& row : loaded->rows) state.Apply(row);
  const auto desired = state.FindDesired(ProcessGuid("web"));
  REQUIRE(desired != nullptr);
  CHECK(desired->routes == Routes{{"cf-router", R"([{"port":8080}])"}});
  CHECK(desired->metric_tags.at("source_id").static_value == "app-1");
  CHECK(desired->update_strategy == UpdateStrategy::kRolling);
  const auto running = state.FindActuals(ProcessGuid("web"), 0).ordinary();
  REQUIRE(running != nullptr);
  CHECK(running->routable == true);
  // Before presence there was the flag: an evacuating row becomes presence 1.
  const auto second = state.FindActuals(ProcessGuid("web"), 1);
  const auto& claimed = presence_known ? second.ordinary() : second.evacuating();
  REQUIRE(claimed != nullptr);
  CHECK(claimed->routable == false);
}

TEST_CASE("migrate: a database that stands at any version of the history is brought up to date",
          "[bbs][store]") {
  constexpr int64_t kRoutesSealed = 1474993971;
  constexpr int64_t kPresence = 1529530809;
  constexpr int64_t kMetricTags = 1722634733;
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  const RowCodec codec(&handle.keys);
  const auto history = SchemaHistory(&codec);
  const size_t at = GENERATE(range(size_t{0}, size_t{19}));
  REQUIRE(history.size() == 19);
  const int64_t version = history[at].version;
  INFO("from version " << version);
  REQUIRE(handle.MigrateTo(version).ok());
  if (version >= kMetricTags) return;  // rows of that time have their tags beside the run info
  InsertOldRows(handle, codec, version >= kRoutesSealed);
  if (version >= 1686692176) handle.Run("UPDATE actual_lrps SET routable = (state = 'RUNNING')");
  const absl::Status prepared = handle.store.Prepare(1);
  INFO(prepared);
  REQUIRE(prepared.ok());
  CheckMigrated(handle, version >= kPresence);
}

TEST_CASE("migrate: stopped before any of its steps, the next run finishes what was left",
          "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  const RowCodec codec(&handle.keys);
  REQUIRE(handle.MigrateTo(1472757022).ok());
  InsertOldRows(handle, codec, false);
  // Each run gets one step further than the one before, until one gets through.
  int stops = 0;
  for (int steps_allowed = 0;; ++steps_allowed) {
    int steps = 0;
    SqlStore::PrepareOptions options;
    options.may_go_on = [&] {
      return steps++ < steps_allowed ? absl::OkStatus() : absl::CancelledError("lock lost");
    };
    const absl::Status prepared = handle.store.Prepare(1, options);
    INFO(prepared);
    if (prepared.ok()) break;
    REQUIRE(absl::IsCancelled(prepared));
    REQUIRE(++stops < 100);
  }
  CHECK(stops > 5);
  CheckMigrated(handle, false);
}

TEST_CASE("migrate: a newer database is refused and left alone", "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  REQUIRE(handle.store.Prepare(1).ok());
  handle.Run(
      "UPDATE configurations SET value = '{\"CurrentVersion\":1999999999}' "
      "WHERE id = 'version'");
  handle.Run("DROP TABLE leadership");
  const absl::Status refused = handle.store.Prepare(2);
  CHECK(absl::IsFailedPrecondition(refused));
  CHECK(absl::StrContains(refused.message(),
                          "Existing DB version (1999999999) exceeds bbs version (1772581987)"));
  CHECK(handle.Configuration("version") == "{\"CurrentVersion\":1999999999}");
  // Not even the leadership row's table was made.
  CHECK(
      handle.database
          ->Read([](sql::Transaction& tx) { return ReadLeadership(tx, LookMode::kPlain).status(); })
          .code() != absl::StatusCode::kOk);
}

TEST_CASE("migrate: one who lost office meanwhile does not write the version", "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle slow(*place);
  Handle quick(*place);
  int steps = 0;
  SqlStore::PrepareOptions options;
  options.may_go_on = [&] {
    // SQLite's only writer is under way here; take office between two migrations there.
    const bool may_write = slow.database->flavor() == sql::Flavor::kMysql;
    if (++steps == 3 && may_write) REQUIRE(quick.store.Prepare(2).ok());
    return absl::OkStatus();
  };
  const absl::Status outrun = slow.store.Prepare(1, options);
  if (slow.database->flavor() == sql::Flavor::kMysql) {
    CHECK(absl::IsAborted(outrun));
  } else {
    CHECK(outrun.ok());
    REQUIRE(quick.store.Prepare(2).ok());
  }
  CHECK(quick.Configuration("version") == VersionJson({SchemaVersion(), std::nullopt}));
}

TEST_CASE("schema: the indexes of the reference are there", "[bbs][store]") {
  const auto place = diego::testing::FreshDatabase();
  Handle handle(*place);
  REQUIRE(handle.store.Prepare(1).ok());
  const std::string query =
      handle.database->flavor() == sql::Flavor::kMysql
          ? "SELECT COUNT(DISTINCT index_name) FROM information_schema.statistics "
            "WHERE table_schema = DATABASE() AND index_name LIKE '%_idx'"
          : "SELECT COUNT(*) FROM sqlite_master WHERE type = 'index' AND name LIKE '%_idx'";
  CHECK(handle.First(query) == "13");
}

}  // namespace
}  // namespace diego::bbs
