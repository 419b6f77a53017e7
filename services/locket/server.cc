#include "services/locket/server.h"

#include <utility>

#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/base/status_util.h"
#include "libs/metrics/metrics.h"
#include "libs/rpc/server.h"
#include "libs/sql/configured.h"
#include "libs/sync/worker.h"
#include "services/locket/api/locket_service.h"
#include "services/locket/engine/expiry_loop.h"
#include "services/locket/engine/lease_engine.h"
#include "services/locket/engine/lease_reader.h"
#include "services/locket/engine/metrics.h"
#include "services/locket/store/schema.h"
#include "services/locket/store/sql_lease_store.h"

namespace diego::locket {
namespace {

constexpr absl::Duration kShutdownGrace = absl::Seconds(2);
// Refreshes wait behind a group that is tried again: soon, or not at all.
constexpr absl::Duration kRetryPause = absl::Milliseconds(20);

rpc::ServerOptions ServerOptionsOf(const LocketConfig& config) {
  rpc::ServerOptions options;
  options.address = config.listen_address.ToString();
  options.tls = {config.ca_file, config.cert_file, config.key_file};
  options.max_receive_bytes = 4 << 20;  // as in the original; a value has at most 4096 characters
  options.health_names = {"models.Locket"};
  return options;
}

}  // namespace

// In order of construction; destroyed from the last to the first.
struct LocketServer::Parts {
  Parts(std::unique_ptr<sql::Database> opened, rpc::PeerRules peers, const log::Logger& log,
        const std::function<void(int)>& end)
      : registry("locket"),
        metrics(registry),
        database(std::move(opened)),
        store(*database),
        give_up([log, end](const absl::Status& status) {
          log.Error("unrecoverable", status);
          end(1);
        }),
        engine({.seed = EntropySeed()}, store, watch, RealClock(), metrics, log.Session("engine"),
               give_up),
        reader({}, store, log.Session("reader"), give_up),
        expiry({}, store, engine, watch, RealClock(), metrics, log.Session("expiry")),
        service(engine, reader, RealClock(), metrics, peers, log.Session("api")) {}

  metrics::Registry registry;
  LocketMetrics metrics;
  std::unique_ptr<metrics::Exposition> exposition;
  std::unique_ptr<sql::Database> database;
  SqlLeaseStore store;
  Guarded<ExpiryWatch> watch;
  std::function<void(const absl::Status&)> give_up;
  LeaseEngine engine;
  LeaseReader reader;
  ExpiryLoop expiry;
  LocketService service;
  std::unique_ptr<Worker> engine_worker;
  std::unique_ptr<Worker> reader_worker;
  std::unique_ptr<Worker> expiry_worker;
  std::unique_ptr<rpc::Server> server;
};

absl::StatusOr<std::unique_ptr<LocketServer>> LocketServer::Start(const LocketConfig& config,
                                                                  const log::Logger& log,
                                                                  std::function<void(int)> end) {
  DIEGO_ASSIGN_OR_RETURN(auto database,
                         sql::Database::Open(sql::OptionsOf(config.database, kRetryPause)));
  DIEGO_ASSIGN_OR_RETURN(const rpc::PeerRules peers,
                         rpc::PeerRules::Make(config.peers.without_role, config.cert_file));
  auto parts = std::make_unique<Parts>(std::move(database), peers, log, end);

  DIEGO_ASSIGN_OR_RETURN(
      parts->exposition,
      metrics::Exposition::Start(config.logging.metrics_address.ToString(), parts->registry));
  DIEGO_RETURN_IF_ERROR(CreateTables(*parts->database));

  Parts* raw = parts.get();
  parts->engine_worker =
      std::make_unique<Worker>("lease-engine", [raw] { return raw->engine.Step(); });
  parts->reader_worker =
      std::make_unique<Worker>("lease-reader", [raw] { return raw->reader.Step(); });
  parts->expiry_worker =
      std::make_unique<Worker>("lease-expiry", [raw] { return raw->expiry.Step(); });

  DIEGO_ASSIGN_OR_RETURN(parts->server,
                         rpc::Server::Start(ServerOptionsOf(config), {&parts->service}));
  parts->server->SetServing(true);
  log.Info("started", {{"address", parts->server->address()},
                       {"metrics_port", parts->exposition->port()},
                       {"trusts_peers_without_role", peers.trusts_without_role()},
                       {"database_driver", config.database.driver}});
  return std::unique_ptr<LocketServer>(new LocketServer(std::move(parts)));
}

LocketServer::LocketServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

LocketServer::~LocketServer() {
  parts_->expiry_worker->Stop();
  parts_->server->Shutdown(kShutdownGrace);
  parts_->engine_worker->Stop();
  parts_->reader_worker->Stop();
  parts_->engine.Close();
  parts_->reader.Close();
}

int LocketServer::port() const { return parts_->server->port(); }
int LocketServer::metrics_port() const { return parts_->exposition->port(); }

}  // namespace diego::locket
