// The key that payloads are sealed with is changed, as services/bbs/README.md says, while writers
// write and masters come and go.
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "integration/harness/eventually.h"
#include "integration/suite/suite.h"
#include "integration/suite/writers.h"

namespace diego::suite {
namespace {

constexpr char kBothKeys[] =
    R"({"encryption_keys":{"key-1":"a passphrase of the demo","key-2":"another"}})";
constexpr char kNewKeyActive[] = R"({"active_key_label":"key-2"})";
constexpr char kNewKeyOnly[] = R"({"encryption_keys":{"key-1":null}})";
constexpr char kOldKeyOnly[] =
    R"({"active_key_label":"key-1",
        "encryption_keys":{"key-1":"a passphrase of the demo","key-2":null}})";
// Rows enough that it can be watched: 10,000.
constexpr int kLrps = 10;
constexpr int kInstances = 1000;

std::string OtherThan(const std::string& bbs) { return bbs == "bbs-1" ? "bbs-2" : "bbs-1"; }

class Rotation {
 public:
  explicit Rotation(harness::Cluster* cluster) : cluster_(*cluster) {}

  std::string Active() {
    std::string active;
    REQUIRE_OK(harness::Eventually("a BBS to serve", kPatience, [&]() -> absl::Status {
      const auto name = cluster_.ActiveBbs();
      if (name.ok()) active = *name;
      return name.status();
    }));
    return active;
  }

  void Restart(const std::string& bbs, const std::string& patch) {
    Reconfigure(cluster_, bbs, patch);
    // One that has only just been started may not take SIGTERM for more than a signal yet.
    REQUIRE_OK(harness::Eventually(bbs + " to be up", kPatience, [&] {
      return ReadMetric(cluster_, bbs, "diego_bbs_active_state").status();
    }));
    CHECK(cluster_.Find(bbs).process->Stop(absl::Seconds(30)) == 0);
    REQUIRE_OK(cluster_.Start(bbs));
  }

  // The standby first.
  void RestartBoth(const std::string& patch) {
    const std::string active = Active();
    Restart(OtherThan(active), patch);
    Restart(active, patch);
    Active();
  }

  // Until the rows that are left have been seen to become fewer, and are not yet none.
  void WatchProgress(const std::string& bbs) {
    double most = 0;
    REQUIRE_OK(harness::Eventually("the rows left to fall", kPatience, [&]() -> absl::Status {
      const auto left = ReadMetric(cluster_, bbs, "diego_bbs_encryption_rows_left_count");
      if (!left.ok()) return left.status();
      most = std::max(most, *left);
      if (*left > 0 && *left < most) return absl::OkStatus();
      return absl::NotFoundError(absl::StrCat(*left, " left of ", most));
    }));
    const auto state = ReadMetric(cluster_, bbs, "diego_bbs_encryption_state");
    REQUIRE_OK(state.status());
    CHECK(*state == 1);
  }

 private:
  harness::Cluster& cluster_;
};

std::string KeyLabel(sql::Database& database) {
  std::string label;
  REQUIRE_OK(database.Read([&](sql::Transaction& tx) {
    return tx.Query("SELECT value FROM configurations WHERE id = 'encryption_key_label'", {},
                    [&](const sql::Row& row) {
                      label = row.Text(0);
                      return absl::OkStatus();
                    });
  }));
  return label;
}

TEST_CASE("key rotation: under writes, through takeovers, until the old key can go", "[suite]") {
  const harness::Store store = GENERATE(harness::Store::kSqlite, harness::Store::kMysql);
  INFO(StoreName(store));
  Deployment deployment({.store = store, .bbs_count = 2, .cell_count = 0});
  harness::Cluster& cluster = deployment.cluster();
  Rotation rotation(&cluster);
  Start(cluster, {"locket", "bbs-1", "bbs-2"});
  for (int i = 0; i < kLrps; ++i) {
    REQUIRE_OK(cluster.bbs().DesireLrp(MakeLrp(absl::StrCat("lrp-", i), kInstances, "old")));
  }
  const auto database = deployment.OpenDatabase();
  CHECK(KeyLabel(*database) == "key-1");

  Writers writers(deployment.Reconnect().bbs, 4);
  REQUIRE_OK(writers.Progress());
  rotation.RestartBoth(kBothKeys);
  REQUIRE_OK(writers.Progress());
  CHECK(KeyLabel(*database) == "key-1");

  // The first master under the new key dies in the middle of it.
  const std::string first = rotation.Active();
  const std::string second = OtherThan(first);
  rotation.Restart(second, kNewKeyActive);
  rotation.Restart(first, kNewKeyActive);
  const std::string active = rotation.Active();
  rotation.WatchProgress(active);
  CHECK(KeyLabel(*database) == "key-1");
  REQUIRE_OK(cluster.KillHard(active));
  REQUIRE_OK(writers.Progress());
  REQUIRE_OK(cluster.Start(active));
  REQUIRE_OK(harness::Eventually("all to be under the new key", kPatience, [&] {
    const std::string label = KeyLabel(*database);
    return label == "key-2" ? absl::OkStatus() : absl::NotFoundError(label);
  }));
  const auto unreadable =
      ReadMetric(cluster, rotation.Active(), "diego_bbs_encryption_unreadable_rows_count");
  REQUIRE_OK(unreadable.status());
  CHECK(*unreadable == 0);

  rotation.RestartBoth(kNewKeyOnly);
  REQUIRE_OK(writers.Progress());
  const auto quarantined =
      ReadMetric(cluster, rotation.Active(), "diego_bbs_quarantined_rows_count");
  REQUIRE_OK(quarantined.status());
  CHECK(*quarantined == 0);
  const auto reader = deployment.Reconnect();
  writers.Check(*reader.bbs);
  for (int i = 0; i < kLrps; ++i) {
    const auto lrp = reader.bbs->DesiredLrpByProcessGuid(ProcessGuid(absl::StrCat("lrp-", i)));
    REQUIRE_OK(lrp.status());
    CHECK(lrp->annotation == "old");
  }

  // Who has the old key alone refuses, and says which one it lacks.
  REQUIRE(cluster.Find("bbs-1").process->Stop(absl::Seconds(30)) == 0);
  REQUIRE(cluster.Find("bbs-2").process->Stop(absl::Seconds(30)) == 0);
  Reconfigure(cluster, "bbs-1", kOldKeyOnly);
  REQUIRE_OK(cluster.Start("bbs-1"));
  CHECK(cluster.Find("bbs-1").process->Wait(kPatience) == 1);
  std::ifstream log(cluster.Find("bbs-1").log_file);
  CHECK(absl::StrContains(std::string(std::istreambuf_iterator<char>(log), {}),
                          "Existing encryption key version (key-2) is not among the known keys"));
  REQUIRE_OK(cluster.StopAll());
}

}  // namespace
}  // namespace diego::suite
