#include "services/auctioneer/server.h"

#include <utility>

#include "libs/base/clock.h"
#include "libs/base/status_util.h"
#include "libs/clients/bbs_client.h"
#include "libs/clients/cell_client.h"
#include "libs/clients/configured.h"
#include "libs/clients/locket_client.h"
#include "libs/http/server.h"
#include "libs/leadership/lock_keeper.h"
#include "libs/leadership/locket_lease.h"
#include "libs/metrics/metrics.h"
#include "libs/rpc/server.h"
#include "libs/sync/guarded.h"
#include "libs/sync/worker.h"
#include "services/auctioneer/api/auctioneer_service.h"
#include "services/auctioneer/api/http_routes.h"
#include "services/auctioneer/effects/bbs_reporter.h"
#include "services/auctioneer/effects/cell_gateway.h"
#include "services/auctioneer/engine/auction_loop.h"
#include "services/auctioneer/engine/metrics.h"

namespace diego::auctioneer {
namespace {

// Source: reference/locket-grpc-api.md "Keys and values".
constexpr char kLockKey[] = "auctioneer";
constexpr absl::Duration kShutdownGrace = absl::Seconds(1);
constexpr absl::Duration kLocketTimeout = absl::Seconds(5);

clients::ConnectionOptions BbsOptionsOf(const AuctioneerConfig& config, const log::Logger& log) {
  return clients::BbsOptions(
      config.bbs,
      {config.bbs_ca_cert_file, config.bbs_client_cert_file, config.bbs_client_key_file},
      config.communication_timeout, log);
}

clients::CellClientOptions CellOptionsOf(const AuctioneerConfig& config) {
  clients::CellClientOptions options;
  options.tls = {config.rep_ca_cert, config.rep_client_cert, config.rep_client_key};
  options.timeout = config.communication_timeout;
  options.state_timeout = config.cell_state_timeout;
  return options;
}

rpc::ServerOptions ServerOptionsOf(const AuctioneerConfig& config) {
  rpc::ServerOptions options;
  options.address = config.grpc_listen_address.ToString();
  options.tls = {config.ca_cert_file, config.server_cert_file, config.server_key_file};
  options.health_names = {"diego.Auctioneer"};
  return options;
}

http::ServerOptions HttpOptionsOf(const AuctioneerConfig& config, const log::Logger& log) {
  http::ServerOptions options;
  options.address = config.listen_address.ToString();
  options.tls = rpc::TlsFiles{config.ca_cert_file, config.server_cert_file, config.server_key_file};
  options.name = "http";
  options.threads = 1;
  options.log = log.Session("http");
  return options;
}

AuctionLoop::Options LoopOptionsOf(const AuctioneerConfig& config) {
  AuctionLoop::Options options;
  options.settings.weights = {config.starting_container_weight, config.bin_pack_first_fit_weight};
  options.settings.starting_container_count_maximum = config.starting_container_count_maximum;
  return options;
}

}  // namespace

// In order of construction; destroyed from the last to the first.
struct AuctioneerServer::Parts {
  Parts(const AuctioneerConfig& given, const log::Logger& logger)
      : config(given), log(logger), registry("auctioneer"), metrics(registry) {}

  absl::Status Connect();
  absl::Status Serve();
  bool Active() const;
  absl::Duration KeepLock();
  // Opens or closes the HTTP port. Of the lock's thread.
  void ServeHttp(bool active);
  void Stop();

  const AuctioneerConfig config;
  const log::Logger log;
  metrics::Registry registry;
  AuctioneerMetrics metrics;
  std::unique_ptr<metrics::Exposition> exposition;
  std::unique_ptr<clients::BbsClient> bbs;
  std::unique_ptr<clients::CellClient> cells;
  std::unique_ptr<clients::LocketClient> locket;
  std::unique_ptr<leadership::LocketLease> lease;
  std::unique_ptr<leadership::LockKeeper> lock;
  std::unique_ptr<ClientCellGateway> gateway;
  std::unique_ptr<BbsReporter> reporter;
  std::unique_ptr<AuctionLoop> loop;
  std::unique_ptr<AuctionCalls> calls;
  std::unique_ptr<AuctioneerService> service;
  std::unique_ptr<rpc::Server> server;
  Guarded<std::shared_ptr<http::Server>> http_server;
  bool complained_of_http = false;  // of the lock's thread
  std::unique_ptr<Worker> loop_worker;
  std::unique_ptr<Worker> lock_worker;
};

absl::Status AuctioneerServer::Parts::Connect() {
  DIEGO_ASSIGN_OR_RETURN(
      exposition, metrics::Exposition::Start(config.logging.metrics_address.ToString(), registry));
  DIEGO_ASSIGN_OR_RETURN(bbs, clients::BbsClient::Create(BbsOptionsOf(config, log)));
  DIEGO_ASSIGN_OR_RETURN(cells, clients::CellClient::Create(CellOptionsOf(config)));
  DIEGO_ASSIGN_OR_RETURN(
      locket, clients::LocketClient::Create(clients::LocketOptions(config.locket, kLocketTimeout)));
  lease = std::make_unique<leadership::LocketLease>(*locket, clients::LeaseType::kLock, kLockKey,
                                                    config.uuid);
  leadership::LockOptions options;
  options.ttl = config.lock_ttl;
  options.retry_interval = config.lock_retry_interval;
  lock = std::make_unique<leadership::LockKeeper>(
      options, *lease, RealClock(), log, [] { return true; }, nullptr);
  return absl::OkStatus();
}

absl::Status AuctioneerServer::Parts::Serve() {
  gateway = std::make_unique<ClientCellGateway>(*bbs, *cells, config.cell_state_timeout);
  reporter = std::make_unique<BbsReporter>(BbsReporter::Options{}, *bbs, metrics,
                                           log.Session("bbs-reporter"));
  loop = std::make_unique<AuctionLoop>(
      LoopOptionsOf(config), *gateway, *reporter, [this] { return Active(); }, RealClock(), metrics,
      log.Session("auction"));
  DIEGO_ASSIGN_OR_RETURN(const rpc::PeerRules peers,
                         rpc::PeerRules::Make(config.peers.without_role, config.server_cert_file));
  log.Info("peer-rules", {{"trusts_peers_without_role", peers.trusts_without_role()}});
  calls = std::make_unique<AuctionCalls>(*loop, RealClock(), metrics, peers, log);
  service = std::make_unique<AuctioneerService>(*calls);
  DIEGO_ASSIGN_OR_RETURN(server, rpc::Server::Start(ServerOptionsOf(config), {service.get()}));
  loop_worker = std::make_unique<Worker>("auction", [this] { return loop->Step(); });
  lock_worker = std::make_unique<Worker>("locket-lock", [this] { return KeepLock(); });
  log.Info("started", {{"address", server->address()}, {"metrics_port", exposition->port()}});
  return absl::OkStatus();
}

bool AuctioneerServer::Parts::Active() const {
  const std::optional<leadership::Term> term = lock->current();
  return term && RealClock().Monotonic() < term->deadline;
}

absl::Duration AuctioneerServer::Parts::KeepLock() {
  const absl::Duration wait = lock->Step();
  const bool active = Active();
  metrics.LockHeld(active);
  server->SetServing(active);
  ServeHttp(active);
  return wait;
}

void AuctioneerServer::Parts::ServeHttp(bool active) {
  const bool open = http_server.With([](const auto& current) { return current != nullptr; });
  if (open == active) return;
  if (!active) {
    std::shared_ptr<http::Server> old;
    http_server.With([&](auto& current) { old.swap(current); });
    old->Shutdown(absl::ZeroDuration());
    return;
  }
  auto started =
      http::Server::Start(HttpOptionsOf(config, log), AuctioneerRoutes(*calls).ToHandler());
  if (!started.ok()) {
    // Tried again with the lock's next renewal.
    if (!std::exchange(complained_of_http, true)) {
      log.Error("failed-to-serve-http", started.status());
    }
    return;
  }
  complained_of_http = false;
  log.Info("serving-http", {{"address", (*started)->address()}});
  http_server.With([&](auto& current) { current = *std::move(started); });
}

void AuctioneerServer::Parts::Stop() {
  server->SetServing(false);
  lock_worker->Stop();
  ServeHttp(false);
  lock->Release();
  server->Shutdown(kShutdownGrace);
  bbs->Cancel();
  loop_worker->Stop();
  reporter.reset();
}

absl::StatusOr<std::unique_ptr<AuctioneerServer>> AuctioneerServer::Start(
    const AuctioneerConfig& config, const log::Logger& log) {
  auto parts = std::make_unique<Parts>(config, log);
  DIEGO_RETURN_IF_ERROR(parts->Connect());
  DIEGO_RETURN_IF_ERROR(parts->Serve());
  return std::unique_ptr<AuctioneerServer>(new AuctioneerServer(std::move(parts)));
}

AuctioneerServer::AuctioneerServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

AuctioneerServer::~AuctioneerServer() { parts_->Stop(); }

int AuctioneerServer::port() const { return parts_->server->port(); }
int AuctioneerServer::http_port() const {
  return parts_->http_server.With([](const auto& server) { return server ? server->port() : 0; });
}
bool AuctioneerServer::active() const { return parts_->Active(); }

}  // namespace diego::auctioneer
