#include "services/bbs/server.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/status_util.h"
#include "libs/clients/auctioneer_client.h"
#include "libs/clients/cell_client.h"
#include "libs/clients/locket_client.h"
#include "libs/crypto/key_ring.h"
#include "libs/leadership/lock_keeper.h"
#include "libs/leadership/locket_lease.h"
#include "libs/rpc/server.h"
#include "libs/sql/database.h"
#include "libs/sync/worker.h"
#include "services/bbs/api/bbs_service.h"
#include "services/bbs/effects/dispatcher.h"
#include "services/bbs/office.h"
#include "services/bbs/store/sql_store.h"

namespace diego::bbs {
namespace {

constexpr absl::Duration kShutdownGrace = absl::Milliseconds(500);
constexpr absl::Duration kPatience = absl::Milliseconds(100);
// A lock that was given up is taken within a second, however seldom it is renewed.
constexpr absl::Duration kStandbyBeat = absl::Milliseconds(300);
constexpr char kLockKey[] = "bbs";

sql::DatabaseOptions DatabaseOptionsOf(const BbsConfig& config) {
  sql::DatabaseOptions options;
  options.driver = config.database_driver;
  options.connection_string = config.database_connection_string;
  options.ca_file = config.sql_ca_cert_file;
  options.connect_timeout = std::min(config.db_connection_timeout, config.db_operation_timeout);
  options.read_timeout = std::min(config.db_read_timeout, config.db_operation_timeout);
  options.write_timeout = std::min(config.db_write_timeout, config.db_operation_timeout);
  options.max_open_connections = config.max_open_database_connections;
  // Everybody waits behind the transaction that is tried again: soon, or not at all.
  options.retry_pause = absl::Milliseconds(50);
  return options;
}

// The identity for one kind of peer; what is not given is that of the server.
rpc::TlsFiles TlsOf(const BbsConfig& config, const std::string& ca, const std::string& cert,
                    const std::string& key) {
  return {ca.empty() ? config.ca_file : ca, cert.empty() ? config.cert_file : cert,
          key.empty() ? config.key_file : key};
}

clients::ConnectionOptions LocketOptionsOf(const BbsConfig& config) {
  clients::ConnectionOptions options;
  options.addresses = config::AddressStrings(config.locket.addresses);
  options.tls = TlsOf(config, config.locket.ca_cert_file, config.locket.client_cert_file,
                      config.locket.client_key_file);
  options.timeout = std::max<absl::Duration>(config.lock_retry_interval, absl::Seconds(1));
  options.rounds = 1;
  options.keepalive_time = absl::Seconds(config.locket.keepalive_time_seconds);
  options.keepalive_timeout = absl::Seconds(config.locket.keepalive_timeout_seconds);
  return options;
}

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

EngineSettings SettingsOf(const BbsConfig& config) {
  EngineSettings settings;
  settings.rules.max_task_retries = config.max_task_retries;
  settings.converge.kick_task = config.kick_task_duration;
  settings.converge.expire_pending_task = config.expire_pending_task_duration;
  settings.converge.expire_completed_task = config.expire_completed_task_duration;
  settings.converge_interval = config.converge_repeat_interval;
  settings.queue_calls = static_cast<size_t>(config.max_queued_calls);
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
  return {
      [&client](const auto& requests) { return client.RequestLrpAuctions(requests).status(); },
      [&client](const auto& requests) { return client.RequestTaskAuctions(requests).status(); }};
}

void BeginCellCall(clients::CellClient& client, const std::string& address, const CellCall& call,
                   std::function<void(absl::Status)> done) {
  if (const auto* stop = std::get_if<StopInstance>(&call)) {
    client.StopLrp(address, stop->key, stop->instance, std::move(done));
  } else if (const auto* update = std::get_if<UpdateInstance>(&call)) {
    client.UpdateLrp(address, update->update, std::move(done));
  } else {
    client.CancelTask(address, std::get<CancelTaskOnCell>(call).task_guid, std::move(done));
  }
}

}  // namespace

// In order of construction; destroyed from the last to the first.
struct BbsServer::Parts {
  Parts(const BbsConfig& config, const log::Logger& logger, crypto::KeyRing ring)
      : log(logger), registry("bbs"), metrics(registry), keys(std::move(ring)) {
    settings = SettingsOf(config);
  }
  ~Parts();

  absl::Status Connect(const BbsConfig& config);
  absl::Status Serve(const BbsConfig& config);
  void Begin(const BbsConfig& config, const std::function<void(int)>& end);
  absl::Status Submit(Call call) {
    DIEGO_ASSIGN_OR_RETURN(const std::shared_ptr<Term> term, active.Get());
    return term->Submit(std::move(call));
  }

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
  std::unique_ptr<BbsService> service;
  std::unique_ptr<rpc::Server> server;
  std::vector<std::unique_ptr<Worker>> outward_workers;
  std::unique_ptr<Worker> keeper_worker;
  std::unique_ptr<Worker> office_worker;
};

absl::Status BbsServer::Parts::Connect(const BbsConfig& config) {
  DIEGO_ASSIGN_OR_RETURN(database, sql::Database::Open(DatabaseOptionsOf(config)));
  store = std::make_unique<SqlStore>(database.get(), &keys, log.Session("store"));
  DIEGO_ASSIGN_OR_RETURN(locket, clients::LocketClient::Create(LocketOptionsOf(config)));
  DIEGO_ASSIGN_OR_RETURN(auctioneer, ConnectToAuctioneer(config));
  CellDirectory::Options directory_options;
  directory_options.interval = config.cell_poll_interval;
  directory = std::make_unique<CellDirectory>(
      directory_options, RealClock(), log, [this] { return ReadPresences(*locket, log); },
      [this] {
        if (const auto term = active.Get(); term.ok()) (*term)->ConvergeNow();
      });
  auctions = std::make_unique<AuctionSender>(AuctionSender::Options(), log,
                                             AuctioneerOf(*auctioneer), &metrics);
  cell_caller = std::make_unique<CellCaller>(
      CellCaller::Options(), log, *directory,
      [this](const std::string& address, const CellCall& call,
             std::function<void(absl::Status)> done) {
        BeginCellCall(*cells, address, call, std::move(done));
      },
      &metrics);
  DIEGO_ASSIGN_OR_RETURN(cells, clients::CellClient::Create(CellOptionsOf(config)));
  callbacks = std::make_unique<TaskCallbacks>(
      CallbackOptionsOf(config), log, [this](Call call) { return Submit(std::move(call)); },
      &metrics);
  dispatcher = std::make_unique<Dispatcher>(auctions.get(), cell_caller.get(), callbacks.get());
  return absl::OkStatus();
}

absl::Status BbsServer::Parts::Serve(const BbsConfig& config) {
  DIEGO_ASSIGN_OR_RETURN(const rpc::PeerRules peers,
                         rpc::PeerRules::Make(config.peers.without_role, config.cert_file));
  service = std::make_unique<BbsService>(
      active, RealClock(), [this] { return directory->Cells(); }, peers, &metrics, log);
  log.Info("peer-rules", {{"trusts_peers_without_role", peers.trusts_without_role()}});
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
  options.ports = {&RealClock(), store.get(), dispatcher.get(), directory.get(), &metrics, log};
  options.prepare = [this](uint64_t epoch) {
    // A migration stops at once when the lock is lost.
    return store->Prepare(epoch, [this, epoch]() -> absl::Status {
      const std::optional<leadership::Term> lock = keeper->current();
      if (lock && static_cast<uint64_t>(lock->token) == epoch) return absl::OkStatus();
      return absl::AbortedError("the lock was lost");
    });
  };
  options.serving = [this](bool serving) { server->SetServing(serving); };
  options.unfit = [end](const absl::Status&) { end(1); };
  lease = std::make_unique<leadership::LocketLease>(*locket, clients::LeaseType::kLock, kLockKey,
                                                    config.uuid);
  keeper = std::make_unique<leadership::LockKeeper>(
      leadership::LockOptions{config.lock_ttl, config.lock_retry_interval}, *lease, RealClock(),
      log, [this] { return office->able(); },
      [this](std::optional<leadership::Term>) {
        if (office_worker != nullptr) office_worker->Wake();
      });
  office = std::make_unique<Office>(std::move(options), keeper.get(), &active, &metrics);
  office_worker = std::make_unique<Worker>("office", [this] { return office->Step(); });
  keeper_worker = std::make_unique<Worker>("lock-keeper", [this] {
    const absl::Duration wait = keeper->Step();
    return keeper->current() ? wait : std::min(wait, kStandbyBeat);
  });
}

BbsServer::Parts::~Parts() {
  // Nobody renews from here on; the term ends, and only then the lock is another's to take.
  if (keeper_worker != nullptr) keeper_worker->Stop();
  if (office_worker != nullptr) office_worker->Stop();
  office.reset();
  if (keeper != nullptr) keeper->Release();
  if (server != nullptr) server->Shutdown(kShutdownGrace);
  if (auctioneer != nullptr) auctioneer->Cancel();
  for (const auto& worker : outward_workers) worker->Stop();
}

absl::StatusOr<std::unique_ptr<BbsServer>> BbsServer::Start(const BbsConfig& config,
                                                            const log::Logger& log,
                                                            std::function<void(int)> end) {
  DIEGO_ASSIGN_OR_RETURN(crypto::KeyRing keys,
                         crypto::KeyRing::Make(config.active_key_label, config.encryption_keys));
  auto parts = std::make_unique<Parts>(config, log, std::move(keys));
  DIEGO_ASSIGN_OR_RETURN(
      parts->exposition,
      metrics::Exposition::Start(config.logging.metrics_address.ToString(), parts->registry));
  DIEGO_RETURN_IF_ERROR(parts->Connect(config));
  DIEGO_RETURN_IF_ERROR(parts->Serve(config));
  parts->Begin(config, end);
  log.Info("started", {{"address", parts->server->address()},
                       {"metrics_port", parts->exposition->port()},
                       {"database_driver", config.database_driver}});
  return std::unique_ptr<BbsServer>(new BbsServer(std::move(parts)));
}

BbsServer::BbsServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
BbsServer::~BbsServer() = default;

int BbsServer::port() const { return parts_->server->port(); }
int BbsServer::metrics_port() const { return parts_->exposition->port(); }
bool BbsServer::active() const { return parts_->active.Get().ok(); }

}  // namespace diego::bbs
