#include "services/rep/server.h"

#include <algorithm>
#include <atomic>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/base/status_util.h"
#include "libs/clients/bbs_client.h"
#include "libs/clients/configured.h"
#include "libs/clients/locket_client.h"
#include "libs/http/server.h"
#include "libs/leadership/locket_lease.h"
#include "libs/leadership/presence_keeper.h"
#include "libs/metrics/metrics.h"
#include "libs/rpc/server.h"
#include "libs/rpc/tls.h"
#include "libs/sync/worker.h"
#include "services/rep/api/cell_service.h"
#include "services/rep/api/http_doors.h"
#include "services/rep/api/log_stream.h"
#include "services/rep/core/capacity.h"
#include "services/rep/effects/client_records.h"
#include "services/rep/effects/machine_capacity.h"
#include "services/rep/engine/cell.h"
#include "services/rep/engine/container_cleanup.h"
#include "services/rep/engine/evacuation.h"
#include "services/rep/engine/reconcile_loop.h"
#include "services/rep/engine/rep_metrics.h"
#include "services/rep/machine.h"

namespace diego::rep {
namespace {

// How many containers are looked at at a time; each look waits for the BBS now and then.
constexpr int kReconcilers = 8;
constexpr size_t kMostLogReaders = 100;
constexpr absl::Duration kShutdownGrace = absl::Seconds(2);
constexpr absl::Duration kLocketTimeout = absl::Seconds(5);
// Between two looks at whether the cell id is ours yet.
constexpr absl::Duration kOwnershipBeat = absl::Milliseconds(100);
// Beyond the grace interval. Source: reference/behaviours.md section 9 "cleanup on exit".
constexpr absl::Duration kShutdownSlack = absl::Seconds(5);
// For a BBS that does not answer, once no process runs any more.
constexpr absl::Duration kReportPatience = absl::Seconds(3);

clients::ConnectionOptions BbsOptionsOf(const RepConfig& config, const log::Logger& log) {
  return clients::BbsOptions(config.bbs, {config.ca_cert_file, config.cert_file, config.key_file},
                             config.communication_timeout, log);
}

rpc::ServerOptions ServerOptionsOf(const RepConfig& config) {
  rpc::ServerOptions options;
  options.address = config.grpc_listen_address.ToString();
  options.tls = {config.ca_cert_file, config.cert_file, config.key_file};
  options.health_names = {"diego.Cell"};
  return options;
}

http::ServerOptions HttpOptionsOf(const RepConfig& config, const config::Address& address,
                                  const char* name, const log::Logger& log) {
  http::ServerOptions options;
  options.address = address.ToString();
  options.tls = rpc::TlsFiles{config.ca_cert_file, config.cert_file, config.key_file};
  options.name = name;
  options.threads = 1;
  options.log = log.Session(name);
  return options;
}

ReconcileOptions ReconcileOptionsOf(const RepConfig& config) {
  ReconcileOptions options;
  options.polling_interval = config.polling_interval;
  options.evacuation_polling_interval = config.evacuation_polling_interval;
  options.retry.longest_pause = config.polling_interval;
  return options;
}

absl::StatusOr<Resources> CapacityOf(const RepConfig& config) {
  Resources total;
  total.containers = OfferedContainers(config.max_containers);
  if (!absl::SimpleAtoi(config.memory_mb, &total.memory_mb)) {
    DIEGO_ASSIGN_OR_RETURN(total.memory_mb, MachineMemoryMb());
  }
  if (!absl::SimpleAtoi(config.disk_mb, &total.disk_mb)) {
    DIEGO_ASSIGN_OR_RETURN(total.disk_mb, MachineDiskMb(config.work_dir));
    total.disk_mb = std::max<int64_t>(0, total.disk_mb - config.auto_disk_capacity_overhead_mb);
  }
  return total;
}

absl::StatusOr<CellFacts> FactsOf(const RepConfig& config, const std::string& external_address) {
  CellFacts facts;
  facts.cell_id = CellId(config.cell_id);
  facts.cell_index = config.cell_index;
  facts.zone = config.zone;
  facts.placement_tags = config.placement_tags;
  facts.optional_placement_tags = config.optional_placement_tags;
  DIEGO_ASSIGN_OR_RETURN(const auto stacks, ParsePreloadedRootFs(config.preloaded_root_fs));
  for (const auto& [stack, path] : stacks) facts.stacks.push_back(stack);
  DIEGO_ASSIGN_OR_RETURN(facts.total, CapacityOf(config));
  // Source: reference/locket-grpc-api.md "CellPresence JSON".
  const auto here = [&](const config::Address& listener) {
    return config::Address{external_address, listener.port}.ToString();
  };
  facts.rep_address = absl::StrCat("http://", here(config.listen_addr));
  facts.rep_url = absl::StrCat("https://", absl::StrReplaceAll(config.cell_id, {{"_", "-"}}), ".",
                               config.advertise_domain, ":", config.listen_addr_securable.port);
  facts.rep_grpc_address = here(config.grpc_listen_address);
  return facts;
}

CellIdentity IdentityOf(const RepConfig& config) {
  return {CellId(config.cell_id), config.zone, config.advertise_preference_for_instance_address};
}

}  // namespace

// In order of construction; destroyed from the last to the first.
struct RepServer::Parts {
  Parts(const RepConfig& given, const log::Logger& logger, std::function<void(int)> on_end)
      : config(given),
        log(logger),
        registry("rep"),
        metrics(registry),
        streams(logs, kMostLogReaders),
        end(std::move(on_end)) {}

  absl::Status StartMachine();
  absl::Status StartCell();
  absl::Status Serve();
  absl::Status StartPresence();
  void StartReconciling();
  void Stop();
  void EndContainers();

  const RepConfig config;
  const log::Logger log;
  metrics::Registry registry;
  RepMetrics metrics;
  std::unique_ptr<metrics::Exposition> exposition;
  std::string external_address;
  LogStore logs{{}};
  LogStreams streams;
  const std::function<void(int)> end;
  CellNotes notes;
  std::unique_ptr<clients::BbsClient> bbs;
  std::unique_ptr<ClientRecords> records;
  std::unique_ptr<Machine> machine;
  std::unique_ptr<ReconcileLoop> reconcile;
  std::unique_ptr<Cell> cell;
  std::unique_ptr<Evacuation> evacuation;
  std::unique_ptr<CellCalls> calls;
  std::unique_ptr<CellService> service;
  std::unique_ptr<rpc::Server> server;
  std::unique_ptr<http::Server> network_http;
  std::unique_ptr<http::Server> local_http;
  std::unique_ptr<clients::LocketClient> locket;
  std::unique_ptr<leadership::LocketLease> lease;
  std::unique_ptr<leadership::PresenceKeeper> presence;
  std::vector<std::unique_ptr<Worker>> reconcilers;
  std::unique_ptr<Worker> bulk_worker;
  std::unique_ptr<Worker> evacuation_worker;
  std::unique_ptr<Worker> log_worker;
  std::unique_ptr<Worker> presence_worker;
  bool serving = false;  // of the presence's thread
  std::atomic<bool> leaving = false;
  std::atomic<bool> owns_cell_id = false;
};

absl::Status RepServer::Parts::StartMachine() {
  DIEGO_ASSIGN_OR_RETURN(
      exposition, metrics::Exposition::Start(config.logging.metrics_address.ToString(), registry));
  external_address = config.external_address;
  if (external_address.empty()) {
    DIEGO_ASSIGN_OR_RETURN(external_address, MachineAddress());
  }
  DIEGO_ASSIGN_OR_RETURN(bbs, clients::BbsClient::Create(BbsOptionsOf(config, log)));
  DIEGO_ASSIGN_OR_RETURN(locket, clients::LocketClient::Create(clients::LocketOptions(
                                     config.locket, std::min(config.lock_ttl, kLocketTimeout))));
  DIEGO_ASSIGN_OR_RETURN(machine, Machine::Start(config, external_address, logs, metrics, log));
  return absl::OkStatus();
}

absl::Status RepServer::Parts::StartCell() {
  DIEGO_ASSIGN_OR_RETURN(const CellFacts facts, FactsOf(config, external_address));
  records = std::make_unique<ClientRecords>(*bbs, facts.cell_id);
  reconcile = std::make_unique<ReconcileLoop>(ReconcileOptionsOf(config), IdentityOf(config),
                                              machine->executor(), *records, notes, RealClock(),
                                              metrics, log);
  machine->executor().Subscribe(
      [this](const ContainerEvent& event) { reconcile->OnContainerEvent(event); });
  cell = std::make_unique<Cell>(facts, machine->executor(), notes, *reconcile, EntropySeed(),
                                metrics, log);
  return absl::OkStatus();
}

absl::Status RepServer::Parts::Serve() {
  DIEGO_ASSIGN_OR_RETURN(const rpc::PeerRules peers,
                         rpc::PeerRules::Make(config.peers.without_role, config.cert_file));
  log.Info("peer-rules", {{"trusts_peers_without_role", peers.trusts_without_role()}});
  calls = std::make_unique<CellCalls>(*cell, metrics, peers, log);
  service = std::make_unique<CellService>(*calls, streams);
  log_worker = std::make_unique<Worker>("log-streams", [this] { return streams.Step(); });
  DIEGO_ASSIGN_OR_RETURN(server, rpc::Server::Start(ServerOptionsOf(config), {service.get()}));
  DIEGO_ASSIGN_OR_RETURN(
      network_http,
      http::Server::Start(HttpOptionsOf(config, config.listen_addr_securable, "network-http", log),
                          NetworkRoutes(*calls).ToHandler()));
  if (config.listen_addr.empty()) return absl::OkStatus();
  // Whoever calls it from this machine dials 127.0.0.1 and checks the name.
  DIEGO_RETURN_IF_ERROR(Annotate(rpc::RequireAddressInCertificate(config.cert_file, "127.0.0.1"),
                                 "listen_addr needs it, or set listen_addr to \"\""));
  const auto leave = [this] { cell->BeginEvacuation(); };
  DIEGO_ASSIGN_OR_RETURN(
      local_http, http::Server::Start(HttpOptionsOf(config, config.listen_addr, "local-http", log),
                                      LocalRoutes(*calls, leave).ToHandler()));
  return absl::OkStatus();
}

void RepServer::Parts::StartReconciling() {
  for (int i = 0; i < kReconcilers; ++i) {
    reconcilers.push_back(
        std::make_unique<Worker>("reconcile", [this] { return reconcile->Step(); }));
  }
  bulk_worker = std::make_unique<Worker>("bulk", [this] {
    cell->State();  // for its metrics
    // A pass removes records of containers that are not here: they may be another cell's that has
    // our id.
    if (!owns_cell_id) return kOwnershipBeat;
    return reconcile->BulkStep();
  });
  EvacuationOptions options;
  options.timeout = config.evacuation_timeout;
  evacuation = std::make_unique<Evacuation>(options, cell->facts().cell_id, *cell,
                                            machine->executor(), *records, RealClock(), metrics,
                                            log, [this](bool complete) { end(complete ? 0 : 1); });
  evacuation_worker = std::make_unique<Worker>("evacuation", [this] { return evacuation->Step(); });
}

absl::Status RepServer::Parts::StartPresence() {
  const std::string value = clients::PresenceToValue(PresenceOf(cell->facts()));
  lease = std::make_unique<leadership::LocketLease>(*locket, clients::LeaseType::kPresence,
                                                    config.cell_id, RandomUuid());
  presence = std::make_unique<leadership::PresenceKeeper>(
      leadership::PresenceOptions{config.lock_ttl, config.lock_retry_interval}, *lease, RealClock(),
      log, [value] { return value; });
  presence_worker = std::make_unique<Worker>("presence", [this] {
    const absl::Duration wait = presence->Step();
    owns_cell_id = presence->owns_id();
    const bool serves = presence->registered() && !leaving;
    if (std::exchange(serving, serves) != serves) server->SetServing(serves);
    return wait;
  });
  return absl::OkStatus();
}

void RepServer::Parts::EndContainers() {
  ContainerCleanup cleanup({config.graceful_shutdown_interval + kShutdownSlack, kReportPatience},
                           machine->executor(), *reconcile, RealClock(), log);
  Guarded<bool> waiting;
  while (!cleanup.Step()) {
    waiting.When([](bool) { return false; }, absl::Milliseconds(50), [](bool, bool) {});
  }
  cell->DeleteAll();
}

void RepServer::Parts::Stop() {
  if (cell) cell->TurnAway();
  leaving = true;
  if (presence_worker) presence_worker->Wake();
  if (bulk_worker) EndContainers();
  // Not before: a cell that is missing while its containers end has its instances suspected.
  if (presence_worker) {
    presence_worker->Stop();
    presence->Release();
  }
  // A pass may be waiting for a BBS that is away: cancelled first, stopped then.
  if (bbs) bbs->Cancel();
  if (evacuation_worker) evacuation_worker->Stop();
  if (bulk_worker) bulk_worker->Stop();
  if (reconcile) reconcile->Close();
  for (const auto& worker : reconcilers) worker->Stop();
  streams.Close();
  if (network_http) network_http->Shutdown(kShutdownGrace);
  if (server) server->Shutdown(kShutdownGrace);
  if (log_worker) log_worker->Stop();
  // Its containers' last events go to the loop, which therefore outlives it.
  machine.reset();
  // Whoever asked us to leave pings until nobody answers.
  if (local_http) local_http->Shutdown(absl::ZeroDuration());
}

absl::StatusOr<std::unique_ptr<RepServer>> RepServer::Start(const RepConfig& config,
                                                            const log::Logger& log,
                                                            std::function<void(int)> end) {
  std::unique_ptr<RepServer> rep(
      new RepServer(std::make_unique<Parts>(config, log, std::move(end))));
  Parts& parts = *rep->parts_;
  DIEGO_RETURN_IF_ERROR(parts.StartMachine());
  DIEGO_RETURN_IF_ERROR(parts.StartCell());
  DIEGO_RETURN_IF_ERROR(parts.Serve());
  parts.StartReconciling();
  DIEGO_RETURN_IF_ERROR(parts.StartPresence());
  const CellFacts& facts = parts.cell->facts();
  log.Info("started", {{"cell_id", config.cell_id},
                       {"address", facts.rep_grpc_address},
                       {"http_address", parts.network_http->address()},
                       {"metrics_port", parts.exposition->port()},
                       {"memory_mb", facts.total.memory_mb},
                       {"disk_mb", facts.total.disk_mb},
                       {"containers", facts.total.containers}});
  return rep;
}

RepServer::RepServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

RepServer::~RepServer() { parts_->Stop(); }

int RepServer::port() const { return parts_->server->port(); }
int RepServer::metrics_port() const { return parts_->exposition->port(); }

}  // namespace diego::rep
