#include "services/route-emitter/server.h"

#include <atomic>
#include <map>
#include <optional>
#include <utility>

#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/base/status_util.h"
#include "libs/clients/bbs_client.h"
#include "libs/clients/configured.h"
#include "libs/clients/locket_client.h"
#include "libs/http/health.h"
#include "libs/http/server.h"
#include "libs/leadership/lock_keeper.h"
#include "libs/leadership/locket_lease.h"
#include "libs/metrics/metrics.h"
#include "libs/rpc/server.h"
#include "libs/sync/worker.h"
#include "services/route-emitter/effects/client_bbs_feed.h"
#include "services/route-emitter/effects/nats_bus.h"
#include "services/route-emitter/engine/emit_loop.h"
#include "services/route-emitter/engine/emitter_metrics.h"
#include "services/route-emitter/engine/route_state.h"
#include "services/route-emitter/engine/watch_loop.h"

namespace diego::route_emitter {
namespace {

// Source: reference/route-emitter.md "Modes, lock, unregistration".
constexpr char kLockKey[] = "route_emitter";
constexpr absl::Duration kShutdownGrace = absl::Seconds(1);
constexpr absl::Duration kLocketTimeout = absl::Seconds(5);

clients::ConnectionOptions BbsOptionsOf(const RouteEmitterConfig& config, const log::Logger& log) {
  return clients::BbsOptions(
      config.bbs,
      {config.bbs_ca_cert_file, config.bbs_client_cert_file, config.bbs_client_key_file},
      config.communication_timeout, log);
}

rpc::ServerOptions GrpcOptionsOf(const RouteEmitterConfig& config) {
  rpc::ServerOptions options;
  options.address = config.grpc_listen_address.ToString();
  options.tls = {config.bbs_ca_cert_file, config.bbs_client_cert_file, config.bbs_client_key_file};
  options.max_receive_bytes = 1 << 20;
  return options;
}

NatsOptions NatsOptionsOf(const RouteEmitterConfig& config) {
  NatsOptions options;
  options.addresses = config::AddressStrings(config.nats_addresses);
  options.username = config.nats_username;
  options.password = config.nats_password;
  options.tls = config.nats_tls_enabled;
  options.ca_file = config.nats_ca_cert_file;
  options.cert_file = config.nats_client_cert_file;
  options.key_file = config.nats_client_key_file;
  return options;
}

RouteStateOptions StateOptionsOf(const RouteEmitterConfig& config) {
  RouteStateOptions options;
  options.table = {config.register_direct_instance_routes, config.enable_internal_emitter};
  options.unregistration_send_count = config.unregistration_send_count;
  return options;
}

// One kind of routers: who greets it and emits to it.
struct Emitting {
  std::unique_ptr<EmitLoop> loop;
  std::unique_ptr<Worker> worker;
};

}  // namespace

// In order of construction; destroyed from the last to the first.
struct RouteEmitterServer::Parts {
  Parts(const RouteEmitterConfig& given, const log::Logger& logger, std::function<void(int)> ending)
      : config(given),
        log(logger),
        end(std::move(ending)),
        registry("route_emitter"),
        metrics(registry),
        state(StateOptionsOf(config)) {}

  absl::Status Connect();
  absl::Status ServeHealth();
  void SetServing(bool is_serving) {
    if (grpc_health) grpc_health->SetServing(is_serving);
  }
  // Everything that an emitter with the lock, or of one cell, does.
  absl::Status BeginEmitting();
  absl::Status StartEmitter(RouterKind kind);
  void OnTerm(const std::optional<leadership::Term>& term);
  // In the order in which nothing is called that is gone.
  void Stop();

  const RouteEmitterConfig config;
  const log::Logger log;
  const std::function<void(int)> end;
  metrics::Registry registry;
  EmitterMetrics metrics;
  std::unique_ptr<metrics::Exposition> exposition;
  std::unique_ptr<http::Server> health;
  std::unique_ptr<rpc::Server> grpc_health;  // none unless it is asked for
  std::unique_ptr<clients::BbsClient> bbs;
  std::unique_ptr<clients::LocketClient> locket;
  std::unique_ptr<leadership::LocketLease> lease;
  std::unique_ptr<leadership::LockKeeper> lock;
  RouteState state;
  std::unique_ptr<ClientBbsFeed> feed;
  std::unique_ptr<WatchLoop> watch;
  std::map<RouterKind, Emitting> emitting;
  std::unique_ptr<NatsBus> bus;
  std::unique_ptr<PublishLoop> publish;
  std::unique_ptr<Worker> watch_worker;
  std::unique_ptr<Worker> publish_worker;
  std::unique_ptr<Worker> repeat_worker;
  std::unique_ptr<Worker> lock_worker;
  bool serving = false;  // of the watch thread
  std::atomic<bool> stopping{false};
};

absl::Status RouteEmitterServer::Parts::Connect() {
  DIEGO_ASSIGN_OR_RETURN(
      exposition, metrics::Exposition::Start(config.logging.metrics_address.ToString(), registry));
  DIEGO_ASSIGN_OR_RETURN(bbs, clients::BbsClient::Create(BbsOptionsOf(config, log)));
  if (!config.cell_id.empty()) return absl::OkStatus();
  DIEGO_ASSIGN_OR_RETURN(
      locket, clients::LocketClient::Create(clients::LocketOptions(config.locket, kLocketTimeout)));
  return absl::OkStatus();
}

absl::Status RouteEmitterServer::Parts::ServeHealth() {
  if (!config.healthcheck_address.empty()) {
    DIEGO_ASSIGN_OR_RETURN(health,
                           http::ServeHealth(config.healthcheck_address.ToString(), "health"));
  }
  if (config.grpc_listen_address.empty()) return absl::OkStatus();
  DIEGO_ASSIGN_OR_RETURN(grpc_health, rpc::Server::Start(GrpcOptionsOf(config), {}));
  return absl::OkStatus();
}

absl::Status RouteEmitterServer::Parts::BeginEmitting() {
  DIEGO_ASSIGN_OR_RETURN(bus, NatsBus::Connect(NatsOptionsOf(config), log));
  DIEGO_RETURN_IF_ERROR(StartEmitter(RouterKind::kRouter));
  if (config.enable_internal_emitter) {
    DIEGO_RETURN_IF_ERROR(StartEmitter(RouterKind::kServiceDiscovery));
  }
  publish = std::make_unique<PublishLoop>(*bus, state, metrics, log);
  publish_worker = std::make_unique<Worker>("publish", [this] { return publish->Step(); });
  repeat_worker = std::make_unique<Worker>("unregister", [this] {
    state.QueueUnregistrations();
    return config.unregistration_interval;
  });
  feed = std::make_unique<ClientBbsFeed>(*bbs, CellId(config.cell_id), log);
  WatchOptions watch_options;
  watch_options.sync_interval = config.sync_interval;
  watch = std::make_unique<WatchLoop>(watch_options, *feed, state, RealClock(), metrics, log);
  watch_worker = std::make_unique<Worker>("watch", [this] {
    const absl::Duration wait = watch->Step();
    if (watch->synced() && !std::exchange(serving, true)) {
      SetServing(true);
      log.Info("serving");
    }
    return wait;
  });
  return absl::OkStatus();
}

absl::Status RouteEmitterServer::Parts::StartEmitter(RouterKind kind) {
  Emitting& entry = emitting[kind];
  entry.loop =
      std::make_unique<EmitLoop>(kind, config.jitter_factor, *bus, state, RealClock(),
                                 EntropySeed(), metrics, log, [this](const absl::Status& why) {
                                   log.Error("no-router-answers", why);
                                   end(1);
                                 });
  entry.worker = std::make_unique<Worker>("emit", [&entry] { return entry.loop->Step(); });
  return bus->Listen(kind, [&entry](const RouterStart& start) {
    entry.loop->OnRouterStart(start);
    entry.worker->Wake();
  });
}

void RouteEmitterServer::Parts::OnTerm(const std::optional<leadership::Term>& term) {
  if (stopping) return;  // we give the lock up ourselves
  if (!term) {
    log.Error("lost-lock", absl::AbortedError("another route-emitter has taken the lock"));
    end(1);
    return;
  }
  if (bus) return;  // a greater token after a gap: nobody else emitted
  if (const absl::Status status = BeginEmitting(); !status.ok()) {
    log.Error("failed-to-start-emitting", status);
    end(1);
  }
}

void RouteEmitterServer::Parts::Stop() {
  stopping = true;
  SetServing(false);
  // The lock's thread may be starting the others: it ends first.
  if (lock_worker) lock_worker->Stop();
  for (auto& [kind, entry] : emitting) {
    if (entry.worker) entry.worker->Stop();
  }
  bbs->Cancel();
  for (Worker* worker : {watch_worker.get(), repeat_worker.get(), publish_worker.get()}) {
    if (worker != nullptr) worker->Stop();
  }
  feed.reset();
  bus.reset();
  if (lock) lock->Release();
  if (grpc_health) grpc_health->Shutdown(kShutdownGrace);
}

absl::StatusOr<std::unique_ptr<RouteEmitterServer>> RouteEmitterServer::Start(
    const RouteEmitterConfig& config, const log::Logger& log, std::function<void(int)> end) {
  auto parts = std::make_unique<Parts>(config, log, std::move(end));
  DIEGO_RETURN_IF_ERROR(parts->Connect());
  DIEGO_RETURN_IF_ERROR(parts->ServeHealth());
  Parts* raw = parts.get();
  std::unique_ptr<RouteEmitterServer> server(new RouteEmitterServer(std::move(parts)));
  if (raw->locket) {
    raw->lease = std::make_unique<leadership::LocketLease>(*raw->locket, clients::LeaseType::kLock,
                                                           kLockKey, config.uuid);
    raw->lock = std::make_unique<leadership::LockKeeper>(
        leadership::LockOptions{config.lock_ttl, config.lock_retry_interval}, *raw->lease,
        RealClock(), log, [] { return true; },
        [raw](std::optional<leadership::Term> term) { raw->OnTerm(term); });
    raw->lock_worker = std::make_unique<Worker>("lock", [raw] { return raw->lock->Step(); });
  } else {
    DIEGO_RETURN_IF_ERROR(raw->BeginEmitting());
  }
  log.Info("started", {{"health_address", raw->health ? raw->health->address() : ""},
                       {"grpc_address", raw->grpc_health ? raw->grpc_health->address() : ""},
                       {"metrics_port", raw->exposition->port()},
                       {"mode", config.cell_id.empty() ? "global" : "local"}});
  return server;
}

RouteEmitterServer::RouteEmitterServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

RouteEmitterServer::~RouteEmitterServer() { parts_->Stop(); }

int RouteEmitterServer::health_port() const { return parts_->health ? parts_->health->port() : 0; }
int RouteEmitterServer::grpc_port() const {
  return parts_->grpc_health ? parts_->grpc_health->port() : 0;
}
int RouteEmitterServer::metrics_port() const { return parts_->exposition->port(); }

}  // namespace diego::route_emitter
