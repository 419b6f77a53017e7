// An app is updated, an update is cancelled, and it is rolled back, in real containers: at no
// moment an index has no running instance, whoever is asked.
#include <catch2/catch.hpp>
#include <memory>
#include <set>

#include "absl/strings/str_cat.h"
#include "integration/harness/eventually.h"
#include "integration/suite/gap_watch.h"
#include "integration/suite/suite.h"
#include "libs/models/error.h"
#include "libs/wire/desired_lrp.h"
#include "proto/models/desired_lrp.pb.h"

namespace diego::suite {
namespace {

const ProcessGuid kApp("rolling");
constexpr char kHostname[] = "rolling.example";
constexpr int kInstances = 2;

// The app with another program in it.
LrpDefinition DefinitionOf(const std::string& id, const std::string& path) {
  auto message = wire::ToProto(MakeWebApp(kApp.value(), kHostname, kInstances));
  REQUIRE_OK(message.status());
  message->set_definition_id(id);
  message->mutable_action()->mutable_run_action()->set_path(path);
  auto definition = wire::DefinitionFromProto(*message);
  REQUIRE_OK(definition.status());
  return *std::move(definition);
}

absl::Status Update(harness::Cluster& cluster, LrpDefinition definition) {
  DesiredLrpUpdate update;
  update.definition = std::move(definition);
  return cluster.bbs().UpdateDesiredLrp(kApp, update);
}

// Waits until the roll is done, every instance runs that definition and traffic goes to just those.
std::set<std::string> Settled(harness::Cluster& cluster, const std::string& definition_id) {
  std::set<std::string> guids;
  REQUIRE_OK(harness::Eventually(
      absl::StrCat("all to run ", definition_id), kPatience, [&]() -> absl::Status {
        const auto list = cluster.bbs().DesiredLrpDefinitions(kApp);
        if (!list.ok()) return list.status();
        if (list->rolling) return absl::UnavailableError("it rolls");
        const auto running = cluster.WaitRunning(kApp, kInstances, absl::Seconds(1));
        if (!running.ok()) return running.status();
        std::set<std::string> want;
        guids.clear();
        for (const ActualLrp& lrp : *running) {
          if (lrp.definition_id != definition_id) return absl::NotFoundError(lrp.definition_id);
          guids.insert(lrp.instance.instance_guid.value());
          if (lrp.net_info.ports.empty()) return absl::InternalError("no port");
          want.insert(
              absl::StrCat(lrp.net_info.address, ":", lrp.net_info.ports.front().host_port));
        }
        if (cluster.router().Endpoints(kHostname) == want) return absl::OkStatus();
        return absl::NotFoundError("traffic goes elsewhere");
      }));
  return guids;
}

TEST_CASE("rolling update: replaced, cancelled and rolled back without a gap", "[suite]") {
  const harness::Store store = GENERATE(harness::Store::kSqlite, harness::Store::kMysql);
  INFO(StoreName(store));
  Deployment deployment({.store = store, .bbs_count = 2, .cell_count = 2});
  harness::Cluster& cluster = deployment.cluster();
  REQUIRE_OK(cluster.StartAll());
  REQUIRE_OK(cluster.bbs().UpsertDomain(Domain("suite"), absl::InfiniteDuration()));
  DesiredLrp app = MakeWebApp(kApp.value(), kHostname, kInstances);
  app.definition_id = "v1";
  REQUIRE_OK(cluster.bbs().DesireLrp(app));
  const std::set<std::string> first = Settled(cluster, "v1");

  auto watch = std::make_unique<GapWatch>(deployment.Reconnect().bbs, cluster.router(), kApp,
                                          kHostname, kInstances);
  REQUIRE_OK(Update(cluster, DefinitionOf("v2", "/bin/httpd")));
  const std::set<std::string> second = Settled(cluster, "v2");
  for (const std::string& guid : second) CHECK(first.count(guid) == 0);

  // One that does not come up, and a BBS that dies meanwhile.
  REQUIRE_OK(Update(cluster, DefinitionOf("v3", "/bin/false")));
  REQUIRE_OK(harness::Eventually("the new instance to crash", kPatience, [&]() -> absl::Status {
    clients::ActualLrpFilter filter;
    filter.process_guid = kApp;
    const auto rows = cluster.bbs().ActualLrps(filter);
    if (!rows.ok()) return rows.status();
    for (const ActualLrp& lrp : rows->records) {
      if (lrp.definition_id == "v3" && lrp.crash_count > 0) return absl::OkStatus();
    }
    return absl::NotFoundError("not yet");
  }));
  const auto active = cluster.ActiveBbs();
  REQUIRE_OK(active.status());
  REQUIRE_OK(cluster.KillHard(*active));
  REQUIRE_OK(harness::Eventually("the other BBS to know", kPatience, [&]() -> absl::Status {
    const auto list = cluster.bbs().DesiredLrpDefinitions(kApp);
    if (!list.ok()) return list.status();
    CHECK(list->rolling);
    CHECK(list->cancel_returns_to == "v2");
    CHECK(list->definitions.front().id == "v3");
    return absl::OkStatus();
  }));
  REQUIRE_OK(cluster.bbs().CancelDesiredLrpUpdate(kApp));
  CHECK(Settled(cluster, "v2") == second);
  CHECK(IsDiegoError(cluster.bbs().CancelDesiredLrpUpdate(kApp), ErrorType::kResourceConflict));
  REQUIRE_OK(cluster.Start(*active));

  REQUIRE_OK(cluster.bbs().RollBackDesiredLrp(kApp, "v1"));
  Settled(cluster, "v1");
  CHECK(watch->revisions() > 2 * kInstances);
  CHECK(watch->InstanceGaps() == std::vector<std::string>());
  CHECK(watch->RouteGaps() == std::vector<std::string>());
  watch.reset();  // before the router and the BBS that it looks at

  REQUIRE_OK(cluster.bbs().RemoveDesiredLrp(kApp));
  REQUIRE_OK(cluster.WaitRunning(kApp, 0, kPatience).status());
  REQUIRE_OK(cluster.StopAll());
  CHECK(cluster.Leftovers() == std::vector<std::string>());
}

}  // namespace
}  // namespace diego::suite
