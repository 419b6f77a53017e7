// The whole route-emitter and who asks how it is. No router is there, and a BBS only where one is
// made.
#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "grpcpp/grpcpp.h"
#include "libs/base/clock.h"
#include "libs/http/testing/raw_client.h"
#include "libs/rpc/server.h"
#include "libs/rpc/testing/health.h"
#include "libs/rpc/testing/test_certificates.h"
#include "libs/sync/guarded.h"
#include "proto/diego/bbs.grpc.pb.h"
#include "services/route-emitter/server.h"

namespace diego::route_emitter {
namespace {

using rpc::Role;

// Answers once it is opened: there is a domain, and no LRP.
class FakeBbs final : public diego::Bbs::Service {
 public:
  Guarded<bool> open;

  grpc::Status StreamActualLRPs(grpc::ServerContext*, const models::ActualLRPsRequest*,
                                grpc::ServerWriter<models::ActualLRPsResponse>* writer) override {
    if (!open.With([](bool is_open) { return is_open; })) {
      return {grpc::StatusCode::UNAVAILABLE, "standing by"};
    }
    models::ActualLRPsResponse chunk;
    chunk.set_revision(1);
    writer->Write(chunk);
    return grpc::Status::OK;
  }
  grpc::Status Domains(grpc::ServerContext*, const DomainsRequest*,
                       models::DomainsResponse* response) override {
    response->add_domains("apps");
    return grpc::Status::OK;
  }
};

struct World {
  World() {
    rpc::ServerOptions options;
    options.address = "127.0.0.1:0";
    options.tls = certificates.For(Role::kBbs);
    auto server = rpc::Server::Start(options, {&bbs});
    REQUIRE(server.ok());
    bbs_server = *std::move(server);
  }
  // Of a cell, or in global mode, where it goes on seeking its lock.
  RouteEmitterConfig ConfigFor(const std::string& cell_id) {
    const config::Address nobody{"127.0.0.1", 1};
    const rpc::TlsFiles tls = certificates.For(Role::kRouteEmitter);
    RouteEmitterConfig config;
    config.cell_id = cell_id;
    config.uuid = "emitter";
    config.healthcheck_address = {"127.0.0.1", 0};
    config.nats_addresses = config.locket.addresses = {nobody};
    config.bbs.bbs_address = {{"127.0.0.1", static_cast<uint16_t>(bbs_server->port())}};
    config.bbs_ca_cert_file = config.locket.ca_cert_file = tls.ca_file;
    config.bbs_client_cert_file = config.locket.client_cert_file = tls.cert_file;
    config.bbs_client_key_file = config.locket.client_key_file = tls.key_file;
    return config;
  }
  static std::unique_ptr<RouteEmitterServer> Start(const RouteEmitterConfig& config) {
    auto server = RouteEmitterServer::Start(config, log::Logger::Discard(), [](int) {});
    INFO(server.status());
    REQUIRE(server.ok());
    return *std::move(server);
  }

  rpc::TestCertificates certificates;
  FakeBbs bbs;
  std::unique_ptr<rpc::Server> bbs_server;
};

TEST_CASE("route-emitter: plain HTTP says 200 at any path, before a table is read and to a standby",
          "[route-emitter]") {
  World world;
  const auto server = World::Start(world.ConfigFor(GENERATE("cell-1", "")));
  auto client = http::RawClient::Plain(server->health_port());
  REQUIRE(client.ok());
  for (const char* path : {"/", "/any/path"}) {
    REQUIRE((*client)->Send(absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: a\r\n\r\n")).ok());
    const auto reply = (*client)->ReadReply();
    REQUIRE(reply.ok());
    CHECK(reply->status == 200);
  }
  CHECK(server->grpc_port() == 0);
}

TEST_CASE("route-emitter: gRPC, where asked for, says SERVING once the table is read",
          "[route-emitter]") {
  World world;
  RouteEmitterConfig config = world.ConfigFor("cell-1");
  config.grpc_listen_address = {"127.0.0.1", 0};
  const auto server = World::Start(config);
  const auto channel = world.certificates.Channel(server->grpc_port(), Role::kOperator);
  CHECK(rpc::HealthOf(channel) == "NOT_SERVING");
  world.bbs.open.With([](bool& is_open) { is_open = true; });
  const absl::Duration deadline = RealClock().Monotonic() + absl::Seconds(20);
  std::string health = rpc::HealthOf(channel);
  while (health != "SERVING" && RealClock().Monotonic() < deadline) health = rpc::HealthOf(channel);
  CHECK(health == "SERVING");
}

}  // namespace
}  // namespace diego::route_emitter
