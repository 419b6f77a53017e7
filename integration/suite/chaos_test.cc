// Every process of a deployment is killed in turn while an app is being scaled: the acknowledged
// scaling comes true each time, and routers learn of it.
#include <catch2/catch.hpp>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "integration/harness/eventually.h"
#include "integration/suite/suite.h"

namespace diego::suite {
namespace {

const ProcessGuid kApp("chaos");
constexpr char kHostname[] = "chaos.example";
constexpr absl::Duration kPatience = absl::Seconds(90);

// Waits until exactly `count` instances run and the router sends traffic to just those.
absl::Status Settled(harness::Cluster& cluster, int count) {
  return harness::Eventually(
      absl::StrCat(count, " instances, all routed"), kPatience, [&]() -> absl::Status {
        const auto running = cluster.WaitRunning(kApp, count, absl::Seconds(1));
        if (!running.ok()) return running.status();
        std::set<std::string> want;
        for (const ActualLrp& lrp : *running) {
          if (lrp.net_info.ports.empty()) return absl::InternalError("no port");
          want.insert(
              absl::StrCat(lrp.net_info.address, ":", lrp.net_info.ports.front().host_port));
        }
        const std::set<std::string> have = cluster.router().Endpoints(kHostname);
        if (have == want) return absl::OkStatus();
        return absl::NotFoundError(absl::StrCat("routed: ", absl::StrJoin(have, " "),
                                                "; running: ", absl::StrJoin(want, " ")));
      });
}

TEST_CASE("chaos: an acknowledged scaling comes true whichever process is killed", "[suite]") {
  const harness::Store store = GENERATE(harness::Store::kSqlite, harness::Store::kMysql);
  INFO(StoreName(store));
  Deployment deployment({.store = store, .bbs_count = 2, .cell_count = 2});
  harness::Cluster& cluster = deployment.cluster();
  REQUIRE_OK(cluster.StartAll());
  REQUIRE_OK(cluster.bbs().UpsertDomain(Domain("suite"), absl::InfiniteDuration()));
  REQUIRE_OK(cluster.bbs().DesireLrp(MakeWebApp(kApp.value(), kHostname, 2)));
  REQUIRE_OK(Settled(cluster, 2));

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
    REQUIRE_OK(Settled(cluster, instances));
    const auto desired = cluster.bbs().DesiredLrpByProcessGuid(kApp);
    REQUIRE_OK(desired.status());
    CHECK(desired->annotation == name);
  }

  REQUIRE_OK(cluster.bbs().RemoveDesiredLrp(kApp));
  REQUIRE_OK(Settled(cluster, 0));
  REQUIRE_OK(cluster.StopAll());
  CHECK(cluster.Leftovers() == std::vector<std::string>());
}

}  // namespace
}  // namespace diego::suite
