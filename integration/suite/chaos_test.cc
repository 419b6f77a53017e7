// Every process of a deployment is killed in turn while an app is being scaled: the acknowledged
// scaling comes true each time, and routers learn of it.
#include <catch2/catch.hpp>

#include "integration/suite/suite.h"

namespace diego::suite {
namespace {

const ProcessGuid kApp("chaos");
constexpr char kHostname[] = "chaos.example";

TEST_CASE("chaos: an acknowledged scaling comes true whichever process is killed", "[suite]") {
  const harness::Store store = GENERATE(harness::Store::kSqlite, harness::Store::kMysql);
  INFO(StoreName(store));
  Deployment deployment({.store = store, .bbs_count = 2, .cell_count = 2});
  harness::Cluster& cluster = deployment.cluster();
  REQUIRE_OK(cluster.StartAll());
  REQUIRE_OK(cluster.bbs().UpsertDomain(Domain("suite"), absl::InfiniteDuration()));
  REQUIRE_OK(cluster.bbs().DesireLrp(MakeWebApp(kApp.value(), kHostname, 2)));
  REQUIRE_OK(WaitRouted(cluster, kApp, kHostname, 2).status());

  int instances = 2;
  for (const std::string& name : cluster.Names()) {
    INFO("killed " << name);
    REQUIRE_OK(cluster.KillHard(name));
    instances = instances == 2 ? 4 : 2;
    DesiredLrpUpdate update;
    update.instances = instances;
    update.annotation = name;
    REQUIRE_OK(cluster.bbs().UpdateDesiredLrp(kApp, update));
    REQUIRE_OK(cluster.Start(name));
    REQUIRE_OK(WaitRouted(cluster, kApp, kHostname, instances).status());
    const auto desired = cluster.bbs().DesiredLrpByProcessGuid(kApp);
    REQUIRE_OK(desired.status());
    CHECK(desired->annotation == name);
  }

  REQUIRE_OK(cluster.bbs().RemoveDesiredLrp(kApp));
  REQUIRE_OK(WaitRouted(cluster, kApp, kHostname, 0).status());
  REQUIRE_OK(cluster.StopAll());
  CHECK(cluster.Leftovers() == std::vector<std::string>());
}

}  // namespace
}  // namespace diego::suite
