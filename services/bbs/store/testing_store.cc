#include "services/bbs/store/testing_store.h"

#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/base/status_util.h"
#include "libs/wire/desired_lrp.h"
#include "libs/wire/serialize.h"
#include "libs/wire/task.h"
#include "proto/models/desired_lrp.pb.h"
#include "proto/models/task.pb.h"
#include "services/bbs/core/rows.h"
#include "services/bbs/store/additions.h"
#include "services/bbs/store/leadership.h"
#include "services/bbs/store/migrator.h"
#include "services/bbs/store/schema.h"

namespace diego::bbs::testing {
namespace {

template <typename R>
Change AppearsImpl(const R& record) {
  return bbs::Appears(std::make_shared<const R>(record));
}

std::unique_ptr<sql::Database> OpenWith(const diego::testing::TestDatabase& place,
                                        diego::testing::FaultPlan* faults) {
  sql::DatabaseOptions options = place.options();
  faults->ApplyTo(&options);
  auto database = sql::Database::Open(std::move(options));
  DIEGO_CHECK(database.ok()) << database.status().ToString();
  return *std::move(database);
}

constexpr char kEpoch[] = "4f0c4a38-5b1e-4d8e-9e57-2d5b1b0e8f6a";

}  // namespace

crypto::KeyRing Ring(absl::string_view active, const std::map<std::string, std::string>& keys) {
  auto ring = crypto::KeyRing::Make(active, keys);
  DIEGO_CHECK(ring.ok()) << ring.status().ToString();
  return *std::move(ring);
}

Handle::Handle(const diego::testing::TestDatabase& place)
    : Handle(place, Ring("key-1", {{"key-1", "passphrase"}})) {}

Handle::Handle(const diego::testing::TestDatabase& place, crypto::KeyRing ring)
    : database(place.Open()),
      keys(std::move(ring)),
      store(database.get(), &keys, log::Logger::Discard()) {}

Handle::Handle(const diego::testing::TestDatabase& place, diego::testing::FaultPlan* faults)
    : database(OpenWith(place, faults)),
      keys(Ring("key-1", {{"key-1", "passphrase"}})),
      store(database.get(), &keys, log::Logger::Discard()) {}

std::string Handle::Schema() {
  const bool mysql = database->flavor() == sql::Flavor::kMysql;
  const absl::string_view columns =
      mysql ? "SELECT table_name, column_name, CONCAT_WS(' ', column_type, is_nullable, "
              "IFNULL(column_default, '-'), column_key) FROM information_schema.columns WHERE "
              "table_schema = DATABASE() ORDER BY 1, 2"
            : "SELECT m.name, c.name, c.type || ' ' || c.\"notnull\" || ' ' || "
              "IFNULL(c.dflt_value, '-') || ' ' || c.pk FROM sqlite_master m JOIN "
              "pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY 1, 2";
  const absl::string_view indexes =
      mysql ? "SELECT table_name, index_name, CONCAT_WS(' ', seq_in_index, column_name) FROM "
              "information_schema.statistics WHERE table_schema = DATABASE() ORDER BY 1, 2, 3"
            : "SELECT tbl_name, name, '' FROM sqlite_master WHERE type = 'index' AND name LIKE "
              "'%_idx' ORDER BY 1, 2";
  std::set<std::string> ours = {kLeadershipTable};
  for (const AddedTable& table : OurAdditions().tables) ours.insert(table.name);
  for (const AddedColumn& column : OurAdditions().columns) {
    ours.insert(absl::StrCat(column.table, " ", column.name));
  }
  std::string text;
  for (absl::string_view query : {columns, indexes}) {
    const absl::Status read = database->Read([&](sql::Transaction& tx) {
      return tx.Query(query, {}, [&](const sql::Row& row) {
        const std::string name = absl::StrCat(row.Text(0), " ", row.Text(1));
        if (ours.count(row.Text(0)) == 0 && ours.count(name) == 0) {
          absl::StrAppend(&text, name, " ", row.Text(2), "\n");
        }
        return absl::OkStatus();
      });
    });
    DIEGO_CHECK(read.ok()) << read.ToString();
  }
  return text;
}

absl::Status Handle::MigrateTo(int64_t version) {
  DIEGO_RETURN_IF_ERROR(EnsureLeadershipRow(*database));
  MigrationRun run;
  run.to = version;
  DIEGO_RETURN_IF_ERROR(database->Read([&](sql::Transaction& tx) -> absl::Status {
    DIEGO_ASSIGN_OR_RETURN(const Leadership found, ReadLeadership(tx, LookMode::kPlain));
    run.epoch = found.epoch;
    return absl::OkStatus();
  }));
  const RowCodec codec(&keys);
  return Migrator(database.get(), &codec, log::Logger::Discard()).Run(run);
}

void Handle::Run(absl::string_view statement, const sql::Values& values) {
  const absl::Status status = database->Transact(
      [&](sql::Transaction& tx) { return tx.Execute(statement, values).status(); });
  DIEGO_CHECK(status.ok()) << status.ToString();
}

std::string Handle::First(absl::string_view query) {
  std::string text;
  const absl::Status status = database->Read([&](sql::Transaction& tx) {
    return tx.Query(query, {}, [&](const sql::Row& row) {
      text = row.Text(0);
      return absl::OkStatus();
    });
  });
  DIEGO_CHECK(status.ok()) << status.ToString();
  return text;
}

std::string Handle::Configuration(absl::string_view id) {
  return First(absl::StrCat("SELECT value FROM configurations WHERE id = '", id, "'"));
}

int64_t Handle::Count(absl::string_view table) {
  int64_t count = 0;
  DIEGO_CHECK(absl::SimpleAtoi(First(absl::StrCat("SELECT COUNT(*) FROM ", table)), &count));
  return count;
}

DesiredLrp Desired(absl::string_view process_guid) {
  DesiredLrp lrp;
  lrp.process_guid = ProcessGuid(process_guid);
  lrp.domain = Domain("apps");
  lrp.log_guid = "log-guid";
  lrp.instances = 3;
  lrp.annotation = "an annotation with 'quotes' and ünïcode 😀";
  lrp.size = {128, 512, 100};
  const Opaque unknown("\xc0\xb8\x02\x07");  // field 5000, the number 7
  lrp.placement = {"preloaded:stack", {"red", "blue"}, {"driver-1", "driver-2"}, unknown};
  lrp.routes = {{"cf-router", R"([{"hostnames":["a.example"],"port":8080}])"},
                {"tcp-router", R"([{"external_port":1,"container_port":2}])"}};
  lrp.metric_tags = {{"source_id", {"app-1", MetricTagValue::Dynamic::kInvalid}},
                     {"instance_id", {"", MetricTagValue::Dynamic::kIndex}}};
  lrp.image_username = "user";
  lrp.image_password = "secret";
  lrp.update_strategy = UpdateStrategy::kRecreate;
  lrp.crash_restart_policy = {0, 31, 5};
  lrp.tag = {kEpoch, 4};
  models::DesiredLRPRunInfo run_info;
  run_info.set_log_source("APP");
  run_info.add_ports(8080);
  run_info.mutable_action()->mutable_run_action()->set_path("/bin/server");
  lrp.run_info = Opaque(wire::Serialize(run_info));
  lrp.definition_id = "v2";
  Rollout rollout;
  rollout.healthy_id = rollout.base_id = "v1";
  rollout.index = 1;
  rollout.beside = true;
  rollout.index_since = absl::FromUnixNanos(1700000000123456789);
  rollout.given_up = {{0, absl::FromUnixSeconds(1700000001)}};
  rollout.kept = {
      {"v1", {64, 0, 0}, {"docker:///x", {"red"}, {}, unknown}, "user", "old", lrp.run_info}};
  lrp.rollout = SharedRollout(std::move(rollout));
  return lrp;
}

ActualLrp Actual(absl::string_view process_guid, int32_t index) {
  ActualLrp lrp;
  lrp.key = {ProcessGuid(process_guid), index, Domain("apps")};
  lrp.instance = {InstanceGuid(absl::StrCat("instance-", index)), CellId("cell-1")};
  lrp.net_info = {
      "10.0.0.1", {{8080, 61000, 61001, 61002}}, "172.16.0.2", PreferredAddress::kHost, "fd00::1"};
  lrp.state = ActualLrpState::kRunning;
  lrp.crash_count = 2;
  lrp.crash_reason = "out of memory";
  lrp.since = absl::FromUnixNanos(1700000000123456789);
  lrp.tag = {kEpoch, 7};
  lrp.internal_routes = {"a.internal", "b.internal"};
  lrp.metric_tags = {{"app", "one"}};
  lrp.routable = true;
  lrp.availability_zone = "z1";
  lrp.definition_id = "v1";
  return lrp;
}

Task Job(absl::string_view guid) {
  Task task;
  task.task_guid = TaskGuid(guid);
  task.domain = Domain("apps");
  task.created_at = absl::FromUnixNanos(1700000000000000001);
  task.updated_at = absl::FromUnixNanos(1700000000000000002);
  task.first_completed_at = absl::FromUnixNanos(1700000000000000003);
  task.state = TaskState::kCompleted;
  task.cell_id = CellId("cell-1");
  task.result = "the result";
  task.failed = true;
  task.failure_reason = "exit 1";
  task.rejection_count = 2;
  task.rejection_reason = "no room";
  models::TaskDefinition definition;
  definition.set_root_fs("preloaded:stack");
  definition.set_memory_mb(64);
  definition.set_disk_mb(128);
  definition.set_completion_callback_url("https://example.test/done");
  definition.mutable_action()->mutable_run_action()->set_path("/bin/job");
  const absl::Status set = wire::SetDefinitionBytes(wire::Serialize(definition), &task);
  DIEGO_CHECK(set.ok()) << set.ToString();
  return task;
}

DomainRecord Apps() {
  return {Domain("apps"), absl::FromUnixSeconds(1800000000), {std::nullopt, 120, 0}};
}

Change Appears(const DesiredLrp& lrp) { return AppearsImpl(lrp); }
Change Appears(const ActualLrp& lrp) { return AppearsImpl(lrp); }
Change Appears(const Task& task) { return AppearsImpl(task); }
Change Appears(const DomainRecord& domain) { return AppearsImpl(domain); }
Change Appears(const AnsweredCall& answered) { return AppearsImpl(answered); }
Change Disappears(const AnsweredCall& answered) {
  return bbs::Disappears<AnsweredCall>(std::make_shared<const AnsweredCall>(answered));
}
Change Disappears(const ActualLrp& lrp) {
  return bbs::Disappears<ActualLrp>(std::make_shared<const ActualLrp>(lrp));
}

}  // namespace diego::bbs::testing
