// A cell is ready while it is known, and only then. Source: reference/design-notes.md section 1
// "rep cannot register its presence".
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "integration/harness/eventually.h"
#include "integration/suite/suite.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/testing/health.h"
#include "libs/rpc/tls.h"

namespace diego::suite {
namespace {

using Channel = std::shared_ptr<grpc::Channel>;

// As a server, and as the one service it has.
std::string HealthOf(const Channel& cell) {
  const std::string whole = rpc::HealthOf(cell);
  const std::string service = rpc::HealthOf(cell, "diego.Cell");
  return whole == service ? whole : absl::StrCat(whole, ", but diego.Cell: ", service);
}

void WaitFor(const std::string& wanted, const Channel& cell) {
  REQUIRE_OK(harness::Eventually("the cell to be " + wanted, kPatience, [&] {
    const std::string health = HealthOf(cell);
    return health == wanted ? absl::OkStatus() : absl::NotFoundError(health);
  }));
}

TEST_CASE("readiness: a cell serves while Locket keeps its presence, and not before", "[suite]") {
  Deployment deployment({.store = harness::Store::kSqlite, .bbs_count = 1, .cell_count = 1});
  harness::Cluster& cluster = deployment.cluster();
  const harness::Member& member = cluster.Find("cell-1");
  const auto credentials = rpc::MakeChannelCredentials(deployment.Connection().tls);
  REQUIRE_OK(credentials.status());
  const Channel cell = rpc::MakeChannel(member.address, *credentials);

  // All of it is up, and it has tried.
  REQUIRE_OK(cluster.Start("cell-1"));
  REQUIRE_OK(harness::Eventually("the cell to seek its presence", kPatience, [&]() -> absl::Status {
    const auto log = harness::RunCommand({"cat", member.log_file}, absl::Seconds(5));
    if (!log.ok()) return log.status();
    if (absl::StrContains(*log, "failed-to-set-presence")) return absl::OkStatus();
    return absl::NotFoundError("it has not tried");
  }));
  CHECK(HealthOf(cell) == "NOT_SERVING");

  Start(cluster, {"locket"});
  WaitFor("SERVING", cell);
  REQUIRE_OK(cluster.locket().Fetch("cell-1").status());

  REQUIRE_OK(cluster.KillHard("locket"));
  WaitFor("NOT_SERVING", cell);
  Start(cluster, {"locket"});
  WaitFor("SERVING", cell);
  REQUIRE_OK(cluster.StopAll());
  CHECK(cluster.Leftovers() == std::vector<std::string>());
}

TEST_CASE("readiness: a second cell of the same id leaves the first one's instances alone",
          "[suite]") {
  Deployment deployment({.store = harness::Store::kSqlite, .bbs_count = 1, .cell_count = 2});
  harness::Cluster& cluster = deployment.cluster();
  Start(cluster, {"locket", "bbs-1", "auctioneer", "cell-1"});
  REQUIRE_OK(cluster.bbs().DesireLrp(MakeLrp("web", 2, "")));
  const auto before = cluster.WaitRunning(ProcessGuid("web"), 2, kPatience);
  REQUIRE_OK(before.status());

  const auto tls = cluster.TlsFor(rpc::Role::kRep, CellId("cell-1"));
  REQUIRE_OK(tls.status());
  Reconfigure(
      cluster, "cell-2",
      absl::StrCat(R"({"cell_id":"cell-1","cert_file":")", tls->cert_file, R"(","key_file":")",
                   tls->key_file, R"(","locket_client_cert_file":")", tls->cert_file,
                   R"(","locket_client_key_file":")", tls->key_file, R"("})"));
  REQUIRE_OK(cluster.Start("cell-2"));
  harness::Member& second = cluster.Find("cell-2");
  REQUIRE_OK(harness::Eventually("the collision to be told", kPatience, [&]() -> absl::Status {
    const auto log = harness::RunCommand({"cat", second.log_file}, absl::Seconds(5));
    if (!log.ok()) return log.status();
    if (absl::StrContains(*log, "presence-collision")) return absl::OkStatus();
    return absl::NotFoundError("it is not");
  }));
  // Once it has gone, all that it would ever do is done.
  CHECK(second.process->Stop(absl::Seconds(30)) == 0);
  second.process.reset();
  const auto after = cluster.WaitRunning(ProcessGuid("web"), 2, kPatience);
  REQUIRE_OK(after.status());
  CHECK(*after == *before);
  REQUIRE_OK(cluster.StopAll());
  CHECK(cluster.Leftovers() == std::vector<std::string>());
}

}  // namespace
}  // namespace diego::suite
