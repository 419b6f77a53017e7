// A BBS over mutual TLS and SQLite, with a real Locket, for tests of the whole server.
#pragma once

#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "grpcpp/grpcpp.h"
#include "libs/base/clock.h"
#include "libs/clients/bbs_client.h"
#include "libs/clients/locket_client.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/testing/test_certificates.h"
#include "libs/sync/guarded.h"
#include "proto/diego/bbs.grpc.pb.h"
#include "services/bbs/server.h"
#include "services/locket/server.h"

namespace diego::bbs {

// Waits for something that threads bring about.
template <typename Condition>
bool Eventually(Condition condition, absl::Duration longest = absl::Seconds(20)) {
  Guarded<bool> never;
  const absl::Duration deadline = RealClock().Monotonic() + longest;
  while (!condition()) {
    if (RealClock().Monotonic() > deadline) return false;
    never.When([](bool) { return false; }, absl::Milliseconds(10), [](bool, bool) {});
  }
  return true;
}

class Fixture {
 public:
  Fixture() {
    char path[] = "/tmp/diego-bbs-server-XXXXXX";
    REQUIRE(mkdtemp(path) != nullptr);
    directory_ = path;
    StartLocket();
  }
  ~Fixture() {
    servers.clear();
    locket.reset();
    std::filesystem::remove_all(directory_);
  }
  void StartLocket() {
    const rpc::TlsFiles tls = certificates.For(rpc::Role::kLocket);
    locket::LocketConfig config;
    config.listen_address = {"127.0.0.1", locket_port_};
    config.ca_file = tls.ca_file;
    config.cert_file = tls.cert_file;
    config.key_file = tls.key_file;
    config.database.driver = "sqlite";
    config.database.connection_string = directory_ + "/locket.db";
    auto started = locket::LocketServer::Start(config, log::Logger::Discard(), [](int) {});
    INFO(started.status().ToString());
    REQUIRE(started.ok());
    locket = *std::move(started);
    locket_port_ = static_cast<uint16_t>(locket->port());
  }
  BbsServer& StartBbs(const std::string& uuid) {
    const rpc::TlsFiles tls = certificates.For(rpc::Role::kBbs);
    BbsConfig config;
    config.uuid = uuid;
    config.grpc_listen_address = {"127.0.0.1", 0};
    config.listen_address = {"127.0.0.1", 0};
    config.health_address = {"127.0.0.1", 0};
    config.ca_file = tls.ca_file;
    config.cert_file = tls.cert_file;
    config.key_file = tls.key_file;
    config.locket.addresses = {{"127.0.0.1", locket_port_}};
    config.auctioneer_grpc_address = {{"127.0.0.1", 1}};  // nobody
    config.lock_ttl = absl::Seconds(3);
    config.lock_retry_interval = absl::Milliseconds(300);
    config.cell_poll_interval = absl::Milliseconds(100);
    config.database.driver = "sqlite";
    config.database.connection_string = directory_ + "/bbs.db";
    config.max_subscriber_lag = max_subscriber_lag;
    config.subscriber_beat = subscriber_beat;
    config.active_key_label = "key";
    config.encryption_keys = {{"key", "a passphrase"}};
    auto started = BbsServer::Start(config, RealClock(), log::Logger::Discard(), [](int) {});
    INFO(started.status().ToString());
    REQUIRE(started.ok());
    servers.push_back(*std::move(started));
    return *servers.back();
  }
  BbsServer& StartActiveBbs(const std::string& uuid) {
    BbsServer& server = StartBbs(uuid);
    REQUIRE(Eventually([&] { return server.active(); }));
    return server;
  }
  std::unique_ptr<Bbs::Stub> As(const BbsServer& server, rpc::Role role,
                                const std::string& cell_id = "") {
    return Bbs::NewStub(certificates.Channel(server.port(), role, cell_id));
  }
  std::unique_ptr<clients::BbsClient> ClientAs(rpc::Role role, const std::string& cell_id = "") {
    clients::ConnectionOptions options;
    for (const auto& server : servers) {
      options.addresses.push_back(absl::StrCat("127.0.0.1:", server->port()));
    }
    options.tls = certificates.For(role, cell_id);
    auto client = clients::BbsClient::Create(options);
    REQUIRE(client.ok());
    return *std::move(client);
  }

  std::unique_ptr<clients::LocketClient> LocketAs(rpc::Role role, const std::string& cell_id = "") {
    clients::ConnectionOptions options;
    options.addresses = {absl::StrCat("127.0.0.1:", locket_port_)};
    options.tls = certificates.For(role, cell_id);
    auto client = clients::LocketClient::Create(options);
    REQUIRE(client.ok());
    return *std::move(client);
  }
  // A cell comes, or goes cleanly.
  void Register(const std::string& cell_id) {
    CellPresence presence;
    presence.cell_id = CellId(cell_id);
    REQUIRE(LocketAs(rpc::Role::kRep, cell_id)
                ->Lock({cell_id, cell_id, clients::PresenceToValue(presence),
                        clients::LeaseType::kPresence},
                       absl::Hours(1))
                .ok());
  }
  void Unregister(const std::string& cell_id) {
    REQUIRE(LocketAs(rpc::Role::kRep, cell_id)->Release(cell_id, cell_id).ok());
  }

  rpc::TestCertificates certificates;
  std::unique_ptr<locket::LocketServer> locket;
  std::vector<std::unique_ptr<BbsServer>> servers;
  int32_t max_subscriber_lag = 65536;
  absl::Duration subscriber_beat = absl::Seconds(10);

 private:
  std::string directory_;
  uint16_t locket_port_ = 0;
};

inline models::DesireLRPRequest DesireRequest(const std::string& guid, int instances) {
  models::DesireLRPRequest request;
  models::DesiredLRP& lrp = *request.mutable_desired_lrp();
  lrp.set_process_guid(guid);
  lrp.set_domain("cf-apps");
  lrp.set_root_fs("preloaded:cflinuxfs4");
  lrp.set_instances(instances);
  lrp.mutable_action()->mutable_run_action()->set_path("/bin/true");
  lrp.mutable_action()->mutable_run_action()->set_user("vcap");
  (*lrp.mutable_metric_tags())["source_id"].set_static_(guid);
  return request;
}

inline grpc::Status Desire(Bbs::Stub& stub, const models::DesireLRPRequest& request) {
  const auto context = rpc::MakeContext();
  models::DesiredLRPLifecycleResponse response;
  return stub.DesireLRP(context.get(), request, &response);
}

inline models::StartActualLRPRequest StartRequest(const std::string& guid, int index,
                                                  const std::string& cell_id) {
  models::StartActualLRPRequest request;
  request.mutable_actual_lrp_key()->set_process_guid(guid);
  request.mutable_actual_lrp_key()->set_index(index);
  request.mutable_actual_lrp_key()->set_domain("cf-apps");
  request.mutable_actual_lrp_instance_key()->set_instance_guid(absl::StrCat("instance-", index));
  request.mutable_actual_lrp_instance_key()->set_cell_id(cell_id);
  request.mutable_actual_lrp_net_info()->set_address("10.0.0.1");
  return request;
}

inline grpc::Status Start(Bbs::Stub& stub, const models::StartActualLRPRequest& request) {
  const auto context = rpc::MakeContext();
  models::ActualLRPLifecycleResponse response;
  return stub.StartActualLRP(context.get(), request, &response);
}

}  // namespace diego::bbs
