#include "services/rep/api/cell_service.h"

#include <catch2/catch.hpp>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "libs/clients/cell_client.h"
#include "libs/rpc/server.h"
#include "libs/rpc/testing/test_certificates.h"
#include "libs/sync/worker.h"
#include "libs/testing/fake_clock.h"
#include "services/rep/engine/fake_executor.h"
#include "services/rep/engine/fake_records.h"

namespace diego::rep {
namespace {

using rpc::Role;

// A cell's door on a real port, with nothing behind it but fakes.
struct World {
  World() {
    CellFacts facts;
    facts.cell_id = CellId("cell-1");
    facts.stacks = {"busybox"};
    facts.total = {100, 100, 10};
    cell = std::make_unique<Cell>(facts, executor, notes, loop, 1, metrics, log);
    calls = std::make_unique<CellCalls>(*cell, metrics, rpc::PeerRules(), log);
    service = std::make_unique<CellService>(*calls, streams);
    rpc::ServerOptions options;
    options.address = "127.0.0.1:0";
    options.tls = certificates.For(Role::kRep, "cell-1");
    auto started = rpc::Server::Start(options, {service.get()});
    REQUIRE(started.ok());
    server = *std::move(started);
    pump = std::make_unique<Worker>("logs", [this] { return streams.Step(); });
  }
  ~World() {
    streams.Close();
    server->Shutdown(absl::Seconds(1));
    pump->Stop();
  }
  std::unique_ptr<clients::CellClient> As(Role role) {
    clients::CellClientOptions options;
    options.tls = certificates.For(role);
    auto client = clients::CellClient::Create(options);
    REQUIRE(client.ok());
    return *std::move(client);
  }

  rpc::TestCertificates certificates;
  FakeClock clock;
  metrics::Registry registry{"rep"};
  RepMetrics metrics{registry};
  log::Logger log = log::Logger::Discard();
  FakeExecutor executor;
  FakeRecords records{CellId("cell-1")};
  CellNotes notes;
  ReconcileLoop loop{{}, {CellId("cell-1"), "", false}, executor, records, notes, clock, metrics,
                     log};
  LogStore store{{}};
  LogStreams streams{store, 2};
  std::unique_ptr<Cell> cell;
  std::unique_ptr<CellCalls> calls;
  std::unique_ptr<CellService> service;
  std::unique_ptr<rpc::Server> server;
  std::unique_ptr<Worker> pump;
};

TEST_CASE("cell api: each call is for those who have business making it", "[rep][api]") {
  struct Case {
    CellCall call;
    std::set<Role> allowed;
  };
  const Case cases[] = {
      {CellCall::kState, {Role::kAuctioneer, Role::kOperator}},
      {CellCall::kWork, {Role::kAuctioneer}},
      {CellCall::kStopLrp, {Role::kBbs}},
      {CellCall::kUpdateLrp, {Role::kBbs}},
      {CellCall::kCancelTask, {Role::kBbs}},
      {CellCall::kMetrics, {Role::kOperator}},
      {CellCall::kLogs, {Role::kOperator}},
      {CellCall::kEvacuate, {Role::kOperator}},
  };
  for (const Case& c : cases) {
    for (const Role role : {Role::kNone, Role::kBbs, Role::kAuctioneer, Role::kRep,
                            Role::kRouteEmitter, Role::kLocket, Role::kOperator}) {
      INFO(static_cast<int>(c.call) << " by " << rpc::RoleName(role));
      rpc::PeerIdentity peer;
      peer.role = role;
      CHECK(MayCall(peer, c.call).ok() == (c.allowed.count(role) > 0));
    }
  }
}

TEST_CASE("cell api: work is taken, shown in the state, and stopped", "[rep][api]") {
  World world;
  const std::string address = world.server->address();
  const auto auctioneer = world.As(Role::kAuctioneer);
  Work work;
  work.cell_id = CellId("cell-1");
  CellLrp lrp;
  lrp.key = {ProcessGuid("web"), 0, Domain("d")};
  lrp.placement.root_fs = "preloaded:busybox";
  lrp.size.memory_mb = 60;
  work.lrps = {lrp, lrp};
  work.lrps[1].key.index = 1;
  const auto rejected = auctioneer->PerformWork(address, work);
  REQUIRE(rejected.ok());
  CHECK(rejected->lrps.size() == 1);
  const auto state = auctioneer->State(address);
  REQUIRE(state.ok());
  CHECK(state->lrps.size() == 1);
  CHECK(state->available.memory_mb == 40);

  const InstanceKey instance{state->lrps[0].instance_guid, CellId("cell-1")};
  CHECK(absl::IsPermissionDenied(auctioneer->StopLrp(address, lrp.key, instance)));
  const auto bbs = world.As(Role::kBbs);
  CHECK(bbs->StopLrp(address, lrp.key, instance).ok());
  CHECK(absl::IsNotFound(bbs->StopLrp(address, lrp.key, {InstanceGuid("x"), CellId()})));
  CHECK(absl::IsPermissionDenied(bbs->PerformWork(address, work).status()));
  CHECK(bbs->CancelTask(address, TaskGuid("none")).ok());
}

TEST_CASE("cell api: malformed work changes nothing and names its faults", "[rep][api]") {
  World world;
  const auto auctioneer = world.As(Role::kAuctioneer);
  Work work;
  work.cell_id = CellId("cell-1");
  CellTask task;
  task.task_guid = TaskGuid("../../etc");
  work.tasks = {task};
  CellLrp lrp;
  lrp.key = {ProcessGuid("web"), -1, Domain("")};
  work.lrps = {lrp};
  const auto answer = auctioneer->PerformWork(world.server->address(), work);
  CHECK(absl::IsInvalidArgument(answer.status()));
  CHECK(answer.status().message() ==
        "Invalid field: index, Invalid field: domain, Invalid field: task_guid");
  work = {};
  work.cell_id = CellId("cell-2");
  CHECK(absl::IsInvalidArgument(auctioneer->PerformWork(world.server->address(), work).status()));
  CHECK(world.executor.List().empty());
}

TEST_CASE("cell api: logs are read and followed to their end", "[rep][api]") {
  World world;
  const std::string address = world.server->address();
  const auto operator_client = world.As(Role::kOperator);
  for (int i = 0; i < 200; ++i) {
    LogLine line;
    line.source = "APP";
    line.text = std::to_string(i);
    world.store.Write({"a", {}}, line);
  }
  std::vector<std::string> read;
  const auto take = [&](const clients::LogLine& line) {
    read.push_back(line.text);
    return true;
  };
  CHECK(operator_client->Logs(address, {"a", 0, false}, take).ok());
  CHECK(read.size() == 200);
  read.clear();
  const auto follow = [&](const clients::LogLine& line) {
    read.push_back(line.text);
    if (read.size() == 2) {  // everything there was has come: now more comes, then the end
      LogLine more;
      more.text = "more";
      world.store.Write({"a", {}}, more);
      world.store.Close("a");
    }
    return true;
  };
  CHECK(operator_client->Logs(address, {"a", 2, true}, follow).ok());
  CHECK(read == std::vector<std::string>{"198", "199", "more"});
  CHECK(absl::IsNotFound(operator_client->Logs(address, {"nobody", 0, false}, take)));
  CHECK(absl::IsPermissionDenied(world.As(Role::kBbs)->Logs(address, {"a", 0, false}, take)));
}

}  // namespace
}  // namespace diego::rep
