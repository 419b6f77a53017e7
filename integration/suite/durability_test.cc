// Nothing acknowledged is ever lost: writers write while every process that a write rests on is
// killed in turn, and what was acknowledged is there in the end.
#include <catch2/catch.hpp>

#include "integration/harness/eventually.h"
#include "integration/suite/suite.h"
#include "integration/suite/writers.h"

namespace diego::suite {
namespace {

constexpr int kWriters = 4;

TEST_CASE("durability: no acknowledged write is lost when any process is killed", "[suite]") {
  const harness::Store store = GENERATE(harness::Store::kSqlite, harness::Store::kMysql);
  INFO(StoreName(store));
  Deployment deployment({.store = store, .bbs_count = 2, .cell_count = 0});
  harness::Cluster& cluster = deployment.cluster();
  for (const char* name : {"locket", "bbs-1", "bbs-2"}) REQUIRE_OK(cluster.Start(name));
  const auto served = [&] {
    return harness::Eventually("a BBS to serve", absl::Seconds(60),
                               [&] { return cluster.ActiveBbs().status(); });
  };
  REQUIRE_OK(served());

  Writers writers(deployment.Reconnect().bbs, kWriters);
  REQUIRE_OK(writers.Progress());
  for (int round = 0; round < 2; ++round) {
    // The active BBS, in the midst of writes.
    const auto active = cluster.ActiveBbs();
    REQUIRE_OK(active.status());
    REQUIRE_OK(cluster.KillHard(*active));
    REQUIRE_OK(writers.Progress());
    REQUIRE_OK(cluster.Start(*active));
    // Locket: the active BBS goes on without it.
    REQUIRE_OK(cluster.KillHard("locket"));
    REQUIRE_OK(writers.Progress());
    REQUIRE_OK(cluster.Start("locket"));
    // The database.
    if (cluster.mariadb() != nullptr) {
      REQUIRE_OK(cluster.mariadb()->Kill());
      REQUIRE_OK(cluster.mariadb()->Restart());
      REQUIRE_OK(served());
      REQUIRE_OK(writers.Progress());
    }
    // Both BBSs at once: nobody stands by.
    REQUIRE_OK(cluster.KillHard("bbs-1"));
    REQUIRE_OK(cluster.KillHard("bbs-2"));
    REQUIRE_OK(cluster.Start("bbs-1"));
    REQUIRE_OK(cluster.Start("bbs-2"));
    REQUIRE_OK(served());
    REQUIRE_OK(writers.Progress());
  }
  writers.Check(*deployment.Reconnect().bbs);
  REQUIRE_OK(cluster.StopAll());
}

}  // namespace
}  // namespace diego::suite
