#include "services/bbs/server.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/clock.h"
#include "libs/base/status_util.h"
#include "libs/clients/auctioneer_client.h"
#include "libs/clients/cell_client.h"
#include "libs/clients/locket_client.h"
#include "libs/crypto/key_ring.h"
#include "libs/http/access_log.h"
#include "libs/http/health.h"
#include "libs/leadership/lock_keeper.h"
#include "libs/leadership/locket_lease.h"
#include "libs/log/file_sink.h"
#include "libs/rpc/server.h"
#include "libs/sql/database.h"
#include "libs/sync/worker.h"
#include "services/bbs/api/bbs_service.h"
#include "services/bbs/api/http_api.h"
#include "services/bbs/connections.h"
#include "services/bbs/effects/dispatcher.h"
#include "services/bbs/http_door.h"
#include "services/bbs/office.h"
#include "services/bbs/store/resealer.h"
#include "services/bbs/store/sql_store.h"

namespace diego::bbs {
namespace {

constexpr absl::Duration kShutdownGrace = absl::Milliseconds(500);
constexpr absl::Duration kPatience = absl::Milliseconds(100);

absl::StatusOr<std::unique_ptr<clients::AuctioneerClient>> ConnectToAuctioneer(
    const BbsConfig& config) {
  const bool grpc = !config.auctioneer_grpc_address.empty();
  clients::ConnectionOptions options;
  options.addresses =
      config::AddressStrings(grpc ? config.auctioneer_grpc_address : config.auctioneer_address);
  options.tls = TlsOf(config, config.auctioneer_ca_cert, config.auctioneer_client_cert,
                      config.auctioneer_client_key);
  options.timeout = config.communication_timeout;
  return grpc ? clients::AuctioneerClient::Create(options)
              : clients::AuctioneerClient::CreateHttp(options);
}

clients::CellClientOptions CellOptionsOf(const BbsConfig& config) {
  clients::CellClientOptions options;
  options.tls = TlsOf(config, config.rep_ca_cert, config.rep_client_cert, config.rep_client_key);
  options.timeout = config.communication_timeout;
  return options;
}

rpc::ServerOptions ServerOptionsOf(const BbsConfig& config) {
  rpc::ServerOptions options;
  options.address = config.grpc_listen_address.ToString();
  options.tls = {config.ca_file, config.cert_file, config.key_file};
  options.max_receive_bytes = config.max_message_bytes;
  options.health_names = {"diego.Bbs"};
  return options;
}

// The original's API: over TLS, and plain where that is asked for.
std::vector<http::ServerOptions> HttpOptionsOf(const BbsConfig& config, const log::Logger& log) {
  http::ServerOptions options;
  options.name = "bbs-http";
  options.log = log.Session("http");
  options.limits.body_bytes = static_cast<uint64_t>(config.max_message_bytes);
  std::vector<http::ServerOptions> servers;
  options.address = config.listen_address.ToString();
  options.tls = rpc::TlsFiles{config.ca_file, config.cert_file, config.key_file};
  servers.push_back(options);
  if (!config.plain_listen_address.empty()) {
    options.address = config.plain_listen_address.ToString();
    options.tls.reset();
    servers.push_back(options);
  }
  return servers;
}

absl::StatusOr<http::Handler> WithAccessLogOf(const BbsConfig& config, const http::Router& routes) {
  if (config.access_log_path.empty()) return routes.ToHandler();
  DIEGO_ASSIGN_OR_RETURN(auto sink, log::FileSink(config.access_log_path));
  log::Options options = config::LogOptions(config.logging, "bbs-access", std::move(sink));
  options.level = log::Level::kInfo;
  return http::WithAccessLog(routes.ToHandler(), log::Logger(options));
}

EngineSettings SettingsOf(const BbsConfig& config) {
  EngineSettings settings;
  settings.rules.max_task_retries = config.max_task_retries;
  settings.rules.remember_calls_for = config.remember_calls_for;
  settings.rules.remembered_calls = config.max_remembered_calls;
  settings.converge.kick_task = config.kick_task_duration;
  settings.converge.expire_pending_task = config.expire_pending_task_duration;
  settings.converge.expire_completed_task = config.expire_completed_task_duration;
  settings.converge_interval = config.converge_repeat_interval;
  settings.queue_calls = static_cast<size_t>(config.max_queued_calls);
  settings.subscriber_lag_events = static_cast<size_t>(config.max_subscriber_lag);
  settings.subscriber_beat = config.subscriber_beat;
  settings.confirmation_good_for = config.database_confirmation_good_for;
  settings.give_up_after = std::max(config.lock_ttl, 2 * config.database_confirmation_good_for);
  return settings;
}

TaskCallbacks::Options CallbackOptionsOf(const BbsConfig& config) {
  TaskCallbacks::Options options;
  options.posts_at_once = static_cast<size_t>(config.task_callback_workers);
  options.timeout = config.communication_timeout;
  options.tls = {config.ca_file, config.cert_file, config.key_file};
  return options;
}

absl::StatusOr<std::vector<CellPresence>> ReadPresences(clients::LocketClient& locket,
                                                        const log::Logger& log) {
  DIEGO_ASSIGN_OR_RETURN(auto leases, locket.FetchAll(clients::LeaseType::kPresence));
  std::vector<CellPresence> cells;
  for (const clients::Lease& lease : leases) {
    absl::StatusOr<CellPresence> cell = clients::PresenceFromValue(lease.value);
    if (cell.ok()) {
      cells.push_back(*std::move(cell));
    } else {
      log.Error("failed-to-read-presence", cell.status(), {{"key", lease.key}});
    }
  }
  return cells;
}

AuctionSender::Auctioneer AuctioneerOf(clients::AuctioneerClient& client) {
  return {[&client](const auto& requests, const std::string& trace_id) {
            return client.RequestLrpAuctions(requests, trace_id).status();
          },
          [&client](const auto& requests, const std::string& trace_id) {
            return client.RequestTaskAuctions(requests, trace_id).status();
          }};
}

void BeginCellCall(clients::CellClient& client, const std::string& address, const CellCall& call,
                   const std::string& trace_id, std::function<void(absl::Status)> done) {
  if (const auto* stop = std::get_if<StopInstance>(&call)) {
    client.StopLrp(address, stop->key, stop->instance, std::move(done), trace_id);
  } else if (const auto* update = std::get_if<UpdateInstance>(&call)) {
    client.UpdateLrp(address, update->update, std::move(done), trace_id);
  } else {
    client.CancelTask(address, std::get<CancelTaskOnCell>(call).task_guid, std::move(done),
                      trace_id);
  }
}

}  // namespace

// In order of construction; destroyed from the last to the first.
struct BbsServer::Parts {
  Parts(const BbsConfig& config, const Clock& given_clock, const log::Logger& logger,
        crypto::KeyRing ring)
      : clock(given_clock), log(logger), registry("bbs"), metrics(registry), keys(std::move(ring)) {
    settings = SettingsOf(config);
  }
  ~Parts();

  absl::Status Connect(const BbsConfig& config);
  absl::Status Serve(const BbsConfig& config, const std::function<void(int)>& end);
  void Begin(const BbsConfig& config, const std::function<void(int)>& end);
  absl::Status Prepare(uint64_t epoch);
  absl::Status Submit(Call call) {
    DIEGO_ASSIGN_OR_RETURN(const std::shared_ptr<Term> term, active.Get());
    return term->Submit(std::move(call));
  }

  const Clock& clock;
  const log::Logger log;
  metrics::Registry registry;
  BbsMetrics metrics;
  std::unique_ptr<metrics::Exposition> exposition;
  crypto::KeyRing keys;
  EngineSettings settings;
  ActiveTerm active;

  std::unique_ptr<sql::Database> database;
  std::unique_ptr<SqlStore> store;
  std::unique_ptr<clients::LocketClient> locket;
  std::unique_ptr<clients::AuctioneerClient> auctioneer;
  std::unique_ptr<CellDirectory> directory;
  std::unique_ptr<AuctionSender> auctions;
  std::unique_ptr<CellCaller> cell_caller;
  std::unique_ptr<clients::CellClient> cells;  // after cell_caller: its calls end first
  std::unique_ptr<TaskCallbacks> callbacks;
  std::unique_ptr<Dispatcher> dispatcher;
  std::unique_ptr<leadership::LocketLease> lease;
  std::unique_ptr<leadership::LockKeeper> keeper;
  std::unique_ptr<Office> office;
  std::unique_ptr<BbsCalls> calls;
  std::unique_ptr<BbsService> service;
  std::unique_ptr<HttpApi> http_api;
  std::unique_ptr<HttpDoor> http_door;
  std::unique_ptr<http::Server> health;
  std::unique_ptr<rpc::Server> server;
  std::vector<std::unique_ptr<Worker>> outward_workers;
  std::unique_ptr<Worker> keeper_worker;
  std::unique_ptr<Worker> office_worker;
  std::unique_ptr<Resealer> resealer;
  std::unique_ptr<Worker> resealer_worker;
};

absl::Status BbsServer::Parts::Connect(const BbsConfig& config) {
  DIEGO_ASSIGN_OR_RETURN(database, sql::Database::Open(DatabaseOptionsOf(config)));
  store = std::make_unique<SqlStore>(database.get(), &keys, log);
  DIEGO_ASSIGN_OR_RETURN(locket, clients::LocketClient::Create(LocketOptionsOf(config)));
  DIEGO_ASSIGN_OR_RETURN(auctioneer, ConnectToAuctioneer(config));
  CellDirectory::Options directory_options;
  directory_options.interval = config.cell_poll_interval;
  directory_options.losses.share = config.cell_loss_share;
  directory_options.losses.least_cells = config.cell_loss_least_cells;
  directory_options.losses.window = config.cell_loss_window;
  directory = std::make_unique<CellDirectory>(
      directory_options, clock, log, [this] { return ReadPresences(*locket, log); },
      [this] { active.ConvergeNow(); }, &metrics);
  auctions = std::make_unique<AuctionSender>(AuctionSender::Options(), log,
                                             AuctioneerOf(*auctioneer), &metrics);
  cell_caller = std::make_unique<CellCaller>(
      CellCaller::Options(), log, *directory,
      [this](const std::string& address, const CellCall& call, const std::string& trace_id,
             std::function<void(absl::Status)> done) {
        BeginCellCall(*cells, address, call, trace_id, std::move(done));
      },
      &metrics);
  DIEGO_ASSIGN_OR_RETURN(cells, clients::CellClient::Create(CellOptionsOf(config)));
  callbacks = std::make_unique<TaskCallbacks>(
      CallbackOptionsOf(config), clock, log, [this](Call call) { return Submit(std::move(call)); },
      &metrics);
  dispatcher = std::make_unique<Dispatcher>(auctions.get(), cell_caller.get(), callbacks.get());
  return absl::OkStatus();
}

absl::Status BbsServer::Parts::Serve(const BbsConfig& config, const std::function<void(int)>& end) {
  DIEGO_ASSIGN_OR_RETURN(const rpc::PeerRules peers,
                         rpc::PeerRules::Make(config.peers.without_role, config.cert_file));
  log.Info("peer-rules", {{"trusts_peers_without_role", peers.trusts_without_role()}});
  calls =
      std::make_unique<BbsCalls>(active, clock,
                                 BbsCalls::CellsPort{[this] { return directory->Cells(); },
                                                     [this] { return directory->held_losses(); },
                                                     [this] { return directory->AcceptLosses(); }},
                                 &metrics, log);
  service = std::make_unique<BbsService>(*calls, peers);
  http_api = std::make_unique<HttpApi>(*calls, peers, [end] { end(1); });
  DIEGO_ASSIGN_OR_RETURN(http::Handler handler, WithAccessLogOf(config, http_api->Routes()));
  http_door = std::make_unique<HttpDoor>(HttpOptionsOf(config, log), std::move(handler), log);
  if (!config.health_address.empty()) {
    DIEGO_ASSIGN_OR_RETURN(health,
                           http::ServeHealth(config.health_address.ToString(), "bbs-health"));
  }
  DIEGO_ASSIGN_OR_RETURN(server, rpc::Server::Start(ServerOptionsOf(config), {service.get()}));
  return absl::OkStatus();
}

void BbsServer::Parts::Begin(const BbsConfig& config, const std::function<void(int)>& end) {
  const auto run = [this](const char* name, std::function<absl::Duration()> step) {
    outward_workers.push_back(std::make_unique<Worker>(name, std::move(step)));
  };
  run("cell-directory", [this] { return directory->Step(); });
  run("auction-sender", [this] { return auctions->Step(kPatience); });
  run("cell-caller", [this] {
    cell_caller->Step(kPatience);
    return absl::ZeroDuration();
  });
  run("task-callbacks", [this] {
    callbacks->Step(kPatience);
    return absl::ZeroDuration();
  });

  Office::Options options;
  options.settings = settings;
  options.ports = {&clock, store.get(), dispatcher.get(), directory.get(), &metrics, log};
  options.prepare = [this](uint64_t epoch) { return Prepare(epoch); };
  options.serving = [this](bool serving) {
    server->SetServing(serving);
    if (serving) metrics.Quarantined(store->quarantined().size());
  };
  options.holding = [this, end](bool holding) {
    if (!holding) return http_door->Close();
    if (const absl::Status status = http_door->Open(); !status.ok()) {
      // Whoever cannot be reached must not hold the lock.
      log.Error("failed-to-open-http-door", status);
      end(1);
    }
  };
  options.unfit = [end](const absl::Status&) { end(1); };
  lease = std::make_unique<leadership::LocketLease>(*locket, clients::LeaseType::kLock, kLockKey,
                                                    config.uuid);
  keeper = std::make_unique<leadership::LockKeeper>(
      leadership::LockOptions{config.lock_ttl, config.lock_retry_interval}, *lease, clock, log,
      [this] { return office->able(); },
      [this](std::optional<leadership::Term>) {
        if (office_worker != nullptr) office_worker->Wake();
      });
  office = std::make_unique<Office>(std::move(options), keeper.get(), &active, &metrics);
  office_worker = std::make_unique<Worker>("office", [this] { return office->Step(); });
  resealer = std::make_unique<Resealer>(database.get(), &keys, clock, log);
  resealer_worker = std::make_unique<Worker>("resealer", [this] {
    std::optional<uint64_t> epoch;
    if (const auto term = active.Get(); term.ok()) epoch = (*term)->epoch();
    const absl::Duration pause = resealer->Step(epoch);
    const ResealProgress& progress = resealer->progress();
    metrics.Resealing(progress.running, progress.rows - progress.seen, progress.resealed,
                      progress.unreadable, progress.took);
    return pause;
  });
  keeper_worker = std::make_unique<Worker>("lock-keeper", [this] { return keeper->Step(); });
}

absl::Status BbsServer::Parts::Prepare(uint64_t epoch) {
  SqlStore::PrepareOptions options;
  // A migration stops at once when the lock is lost.
  options.may_go_on = [this, epoch]() -> absl::Status {
    const std::optional<leadership::Term> lock = keeper->current();
    if (lock && static_cast<uint64_t>(lock->token) == epoch) return absl::OkStatus();
    return absl::AbortedError("the lock was lost");
  };
  options.progress = [this](const MigrationProgress& progress) {
    active.Explain(absl::StrCat("it is ", ToText(progress), "; try again"));
    metrics.Migrating(progress.of - progress.done);
  };
  const absl::Duration began_at = clock.Monotonic();
  const absl::Status prepared = store->Prepare(epoch, options);
  active.Explain("");
  metrics.Prepared(clock.Monotonic() - began_at);
  return prepared;
}

BbsServer::Parts::~Parts() {
  // Nobody renews from here on; the term ends, and only then the lock is another's to take.
  if (keeper_worker != nullptr) keeper_worker->Stop();
  if (office_worker != nullptr) office_worker->Stop();
  if (resealer_worker != nullptr) resealer_worker->Stop();
  office.reset();
  if (keeper != nullptr) keeper->Release();
  if (server != nullptr) server->Shutdown(kShutdownGrace);
  if (auctioneer != nullptr) auctioneer->Cancel();
  for (const auto& worker : outward_workers) worker->Stop();
}

absl::StatusOr<std::unique_ptr<BbsServer>> BbsServer::Start(const BbsConfig& config,
                                                            const Clock& clock,
                                                            const log::Logger& log,
                                                            std::function<void(int)> end) {
  DIEGO_ASSIGN_OR_RETURN(crypto::KeyRing keys,
                         crypto::KeyRing::Make(config.active_key_label, config.encryption_keys));
  auto parts = std::make_unique<Parts>(config, clock, log, std::move(keys));
  DIEGO_ASSIGN_OR_RETURN(
      parts->exposition,
      metrics::Exposition::Start(config.logging.metrics_address.ToString(), parts->registry));
  DIEGO_RETURN_IF_ERROR(parts->Connect(config));
  DIEGO_RETURN_IF_ERROR(parts->Serve(config, end));
  parts->Begin(config, end);
  log.Info("started", {{"address", parts->server->address()},
                       {"metrics_port", parts->exposition->port()},
                       {"database_driver", config.database.driver}});
  return std::unique_ptr<BbsServer>(new BbsServer(std::move(parts)));
}

BbsServer::BbsServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
BbsServer::~BbsServer() = default;

int BbsServer::port() const { return parts_->server->port(); }
int BbsServer::http_port() const { return parts_->http_door->port(); }
int BbsServer::health_port() const { return parts_->health ? parts_->health->port() : 0; }
int BbsServer::metrics_port() const { return parts_->exposition->port(); }
bool BbsServer::active() const { return parts_->active.Get().ok(); }

}  // namespace diego::bbs
