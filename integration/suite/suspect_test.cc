// A cell vanishes and returns. Source: reference/design-notes.md section 7.
#include <signal.h>

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <set>
#include <variant>

#include "absl/strings/str_cat.h"
#include "integration/harness/eventually.h"
#include "integration/harness/http.h"
#include "integration/suite/gap_watch.h"
#include "integration/suite/suite.h"
#include "integration/suite/traffic.h"
#include "libs/clients/cell_client.h"

namespace diego::suite {
namespace {

const ProcessGuid kApp("suspect");
constexpr char kHostname[] = "suspect.example";
constexpr int kInstances = 2;

using ByIndex = std::map<int32_t, InstanceKey>;

ByIndex InstancesOf(const std::vector<ActualLrp>& lrps) {
  ByIndex instances;
  for (const ActualLrp& lrp : lrps) instances[lrp.key.index] = lrp.instance;
  return instances;
}

// Waits until these are suspect, each with a replacement that no cell would have, and returns why.
std::set<std::string> WaitSuspect(harness::Cluster& cluster, const ByIndex& originals) {
  std::set<std::string> placement_errors;
  clients::ActualLrpFilter filter;
  filter.process_guid = kApp;
  REQUIRE_OK(harness::Eventually("all to be suspect", kPatience, [&]() -> absl::Status {
    const auto rows = cluster.bbs().ActualLrps(filter);
    if (!rows.ok()) return rows.status();
    ByIndex suspect;
    placement_errors.clear();
    size_t waiting = 0;
    for (const ActualLrp& lrp : rows->records) {
      if (lrp.presence == Presence::kSuspect && lrp.state == ActualLrpState::kRunning) {
        suspect[lrp.key.index] = lrp.instance;
      } else if (lrp.state == ActualLrpState::kUnclaimed && !lrp.placement_error.empty()) {
        ++waiting;
        placement_errors.insert(lrp.placement_error);
      }
    }
    if (suspect == originals && waiting == originals.size()) return absl::OkStatus();
    return absl::NotFoundError(absl::StrCat(suspect.size(), " suspect, ", waiting, " waiting"));
  }));
  return placement_errors;
}

// Waits until every instance runs on that cell.
void WaitOn(harness::Cluster& cluster, const CellId& cell_id) {
  REQUIRE_OK(harness::Eventually("all to run on " + cell_id.value(), kPatience, [&] {
    const auto running = cluster.WaitRunning(kApp, kInstances, absl::Seconds(1));
    if (!running.ok()) return running.status();
    for (const ActualLrp& lrp : *running) {
      if (lrp.instance.cell_id != cell_id) return absl::NotFoundError(lrp.instance.cell_id.value());
    }
    return absl::OkStatus();
  }));
}

// What a cell itself says of what runs in it.
absl::StatusOr<size_t> ContainersOf(harness::Cluster& cluster, const std::string& cell) {
  const auto tls = cluster.TlsFor(rpc::Role::kOperator);
  if (!tls.ok()) return tls.status();
  const auto client = clients::CellClient::Create({.tls = *tls});
  if (!client.ok()) return client.status();
  const auto state = (*client)->State(cluster.Find(cell).address);
  if (!state.ok()) return state.status();
  return state->lrps.size();
}

TEST_CASE("suspect: routes stay; the original wins if it is back first, else its replacement",
          "[suite]") {
  const harness::Store store = GENERATE(harness::Store::kSqlite, harness::Store::kMysql);
  INFO(StoreName(store));
  Deployment deployment({.store = store, .bbs_count = 1, .cell_count = 2});
  harness::Cluster& cluster = deployment.cluster();
  Start(cluster, {"nats", "locket", "bbs-1", "auctioneer", "cell-1", "route-emitter"});
  REQUIRE_OK(cluster.bbs().UpsertDomain(Domain("suite"), absl::InfiniteDuration()));
  REQUIRE_OK(cluster.bbs().DesireLrp(MakeWebApp(kApp.value(), kHostname, kInstances)));
  const auto running = WaitRouted(cluster, kApp, kHostname, kInstances);
  REQUIRE_OK(running.status());
  const ByIndex originals = InstancesOf(*running);
  const std::set<std::string> endpoints = cluster.router().Endpoints(kHostname);
  auto watch = std::make_unique<GapWatch>(deployment.Reconnect().bbs, cluster.router(), kApp,
                                          kHostname, kInstances);
  auto traffic = std::make_unique<Traffic>(cluster.router(), kHostname);
  harness::Process& rep = *cluster.Find("cell-1").process;

  // No cell has room for a replacement when the original returns.
  rep.Signal(SIGSTOP);
  CHECK(WaitSuspect(cluster, originals) ==
        std::set<std::string>{"unable to communicate to compatible cells"});
  CHECK(cluster.router().Endpoints(kHostname) == endpoints);
  rep.Signal(SIGCONT);
  const auto returned = WaitRouted(cluster, kApp, kHostname, kInstances);
  REQUIRE_OK(returned.status());
  CHECK(InstancesOf(*returned) == originals);
  CHECK(cluster.router().Endpoints(kHostname) == endpoints);

  // The replacement runs first.
  Start(cluster, {"cell-2"});
  rep.Signal(SIGSTOP);
  WaitOn(cluster, CellId("cell-2"));
  const auto replaced = WaitRouted(cluster, kApp, kHostname, kInstances);
  REQUIRE_OK(replaced.status());
  rep.Signal(SIGCONT);
  REQUIRE_OK(harness::Eventually("cell-1 to stop what was replaced", kPatience, [&] {
    const auto containers = ContainersOf(cluster, "cell-1");
    if (!containers.ok()) return containers.status();
    return *containers == 0 ? absl::OkStatus() : absl::NotFoundError(absl::StrCat(*containers));
  }));
  const auto settled = WaitRouted(cluster, kApp, kHostname, kInstances);
  REQUIRE_OK(settled.status());
  CHECK(InstancesOf(*settled) == InstancesOf(*replaced));

  CHECK(watch->InstanceGaps() == std::vector<std::string>());
  CHECK(watch->RouteGaps() == std::vector<std::string>());
  CHECK(traffic->lost() == std::vector<std::string>());
  CHECK(traffic->answered() > 20);
  traffic.reset();  // before the router that they look at
  watch.reset();
  REQUIRE_OK(cluster.StopAll());
  CHECK(cluster.Leftovers() == std::vector<std::string>());
}

// Follows the app's events until both indices run on that cell; returns who was suspect meanwhile.
std::set<std::string> SuspectsUntilAllRunOn(const CellId& cell_id,
                                            clients::BbsSubscription& events) {
  std::set<std::string> suspects;
  std::set<int32_t> moved;
  const absl::Duration deadline = RealClock().Monotonic() + kPatience;
  while (moved.size() < kInstances) {
    REQUIRE(RealClock().Monotonic() < deadline);
    const auto group = events.Next();
    REQUIRE_OK(group.status());
    for (const clients::BbsEvent& event : group->events) {
      const ActualLrp* lrp = nullptr;
      if (const auto* created = std::get_if<clients::ActualLrpCreated>(&event)) lrp = &created->lrp;
      if (const auto* changed = std::get_if<clients::ActualLrpChanged>(&event)) {
        lrp = &changed->after;
      }
      if (lrp == nullptr) continue;
      if (lrp->presence == Presence::kSuspect) {
        suspects.insert(absl::StrCat(lrp->key.index, " at revision ", group->revision));
      }
      if (lrp->state == ActualLrpState::kRunning && lrp->instance.cell_id == cell_id) {
        moved.insert(lrp->key.index);
      }
    }
  }
  return suspects;
}

TEST_CASE("suspect: nobody, when a cell is told to end", "[suite]") {
  Deployment deployment({.store = harness::Store::kSqlite, .bbs_count = 1, .cell_count = 2});
  harness::Cluster& cluster = deployment.cluster();
  Start(cluster, {"locket", "bbs-1", "auctioneer", "cell-1"});
  REQUIRE_OK(cluster.bbs().UpsertDomain(Domain("suite"), absl::InfiniteDuration()));
  // They take as long to end as they may: long enough for a cell that is missing to be noticed.
  REQUIRE_OK(
      cluster.bbs().DesireLrp(MakeScript(kApp.value(), kInstances, "trap '' TERM; sleep 1000000")));
  WaitOn(cluster, CellId("cell-1"));
  Start(cluster, {"cell-2"});
  REQUIRE_OK(harness::Eventually("both cells to be there", kPatience, [&]() -> absl::Status {
    const auto cells = cluster.bbs().Cells();
    if (!cells.ok()) return cells.status();
    return cells->size() == 2 ? absl::OkStatus() : absl::NotFoundError("one");
  }));
  const auto listing = cluster.bbs().ActualLrps({});
  REQUIRE_OK(listing.status());
  clients::EventFilter filter;
  filter.desired_lrps = false;
  const auto events = cluster.bbs().Subscribe(filter, listing->revision);
  cluster.Find("cell-1").process->Signal(SIGTERM);
  CHECK(SuspectsUntilAllRunOn(CellId("cell-2"), *events) == std::set<std::string>());
  CHECK(cluster.Find("cell-1").process->Wait(kPatience) == 0);
  REQUIRE_OK(cluster.StopAll());
  CHECK(cluster.Leftovers() == std::vector<std::string>());
}

}  // namespace
}  // namespace diego::suite
