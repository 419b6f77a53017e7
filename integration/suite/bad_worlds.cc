#include "integration/suite/bad_worlds.h"

#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "libs/base/clock.h"
#include "libs/rpc/channel.h"
#include "libs/sync/guarded.h"
#include "libs/wire/serialize.h"

namespace diego::suite {
namespace {

template <typename Response, typename Method, typename Request>
std::string Listing(Bbs::Stub& stub, Method method, const Request& request) {
  Response response;
  const grpc::Status status = (stub.*method)(rpc::MakeContext().get(), request, &response);
  INFO(status.error_message());
  REQUIRE(status.ok());
  response.clear_revision();
  return wire::Serialize(response);
}

}  // namespace

void WaitUntil(const std::function<bool()>& condition) {
  Guarded<bool> never;
  const absl::Duration deadline = RealClock().Monotonic() + absl::Seconds(60);
  while (!condition()) {
    REQUIRE(RealClock().Monotonic() < deadline);
    never.When([](bool) { return false; }, absl::Milliseconds(10), [](bool, bool) {});
  }
}

World::World() : tls(certificates.For(rpc::Role::kNone)) {
  char path[] = "/tmp/diego-bad-requests-XXXXXX";
  REQUIRE(mkdtemp(path) != nullptr);
  directory = path;
  StartLocket();
}

World::~World() {
  auctioneer.reset();
  bbs.reset();
  locket.reset();
  std::filesystem::remove_all(directory);
}

void World::StartLocket() {
  locket::LocketConfig config;
  config.listen_address = {"127.0.0.1", 0};
  config.ca_file = tls.ca_file;
  config.cert_file = tls.cert_file;
  config.key_file = tls.key_file;
  config.database.driver = "sqlite";
  config.database.connection_string = directory + "/locket.db";
  auto started = locket::LocketServer::Start(config, log::Logger::Discard(), [](int) {});
  REQUIRE(started.ok());
  locket = *std::move(started);
}

void World::StartBbs() {
  bbs::BbsConfig config;
  config.uuid = "bbs-1";
  config.grpc_listen_address = {"127.0.0.1", 0};
  config.listen_address = config.health_address = {"127.0.0.1", 0};
  config.ca_file = tls.ca_file;
  config.cert_file = tls.cert_file;
  config.key_file = tls.key_file;
  config.locket.addresses = {{"127.0.0.1", static_cast<uint16_t>(locket->port())}};
  config.auctioneer_address = {{"127.0.0.1", 1}};  // nobody: no placements of their own accord
  config.converge_repeat_interval = absl::Hours(1);
  config.database.driver = "sqlite";
  config.database.connection_string = directory + "/bbs.db";
  config.active_key_label = "key";
  config.encryption_keys = {{"key", "a passphrase"}};
  auto started = bbs::BbsServer::Start(config, RealClock(), log::Logger::Discard(), [](int) {});
  REQUIRE(started.ok());
  bbs = *std::move(started);
  WaitUntil([&] { return bbs->active(); });
}

void World::StartAuctioneer() {
  auctioneer::AuctioneerConfig config;
  config.listen_address = config.grpc_listen_address = {"127.0.0.1", 0};
  config.uuid = "auctioneer-1";
  config.ca_cert_file = config.bbs_ca_cert_file = config.rep_ca_cert = config.locket.ca_cert_file =
      tls.ca_file;
  config.server_cert_file = config.bbs_client_cert_file = config.rep_client_cert =
      config.locket.client_cert_file = tls.cert_file;
  config.server_key_file = config.bbs_client_key_file = config.rep_client_key =
      config.locket.client_key_file = tls.key_file;
  config.bbs.bbs_address = {{"127.0.0.1", static_cast<uint16_t>(bbs->port())}};
  config.locket.addresses = {{"127.0.0.1", static_cast<uint16_t>(locket->port())}};
  auto started = auctioneer::AuctioneerServer::Start(config, log::Logger::Discard());
  REQUIRE(started.ok());
  auctioneer = *std::move(started);
  WaitUntil([&] { return auctioneer->active(); });
}

std::string World::BbsRecords() {
  if (onlooker_ == nullptr) {
    onlooker_ = Bbs::NewStub(certificates.Channel(bbs->port(), rpc::Role::kNone));
  }
  return Listing<models::DesiredLRPsResponse>(*onlooker_, &Bbs::Stub::DesiredLRPs,
                                              models::DesiredLRPsRequest()) +
         Listing<models::ActualLRPsResponse>(*onlooker_, &Bbs::Stub::ActualLRPs,
                                             models::ActualLRPsRequest()) +
         Listing<models::TasksResponse>(*onlooker_, &Bbs::Stub::Tasks, models::TasksRequest());
}

CellWorld::CellWorld() : tls(certificates.For(rpc::Role::kNone)) {
  rep::CellFacts facts;
  facts.cell_id = CellId("cell-1");
  facts.stacks = {"busybox"};
  facts.total = {100, 100, 10};
  const auto peers = rpc::PeerRules::Make("auto", tls.cert_file);
  REQUIRE(peers.ok());
  cell = std::make_unique<rep::Cell>(facts, executor, notes, loop, 1, metrics, log);
  calls = std::make_unique<rep::CellCalls>(*cell, metrics, *peers, log);
  service = std::make_unique<rep::CellService>(*calls, streams);
  auto started = rpc::Server::Start({.address = "127.0.0.1:0", .tls = tls}, {service.get()});
  REQUIRE(started.ok());
  server = *std::move(started);
  pump = std::make_unique<Worker>("logs", [this] { return streams.Step(); });
}

CellWorld::~CellWorld() {
  streams.Close();
  server->Shutdown(absl::Seconds(1));
  pump->Stop();
}

std::unique_ptr<http::Server> CellWorld::Serve(const http::Router& routes) {
  // One thread, as the fake executor wants it.
  auto started =
      http::Server::Start({.address = "127.0.0.1:0", .tls = tls, .threads = 1}, routes.ToHandler());
  REQUIRE(started.ok());
  return *std::move(started);
}

}  // namespace diego::suite
