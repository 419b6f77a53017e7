#include "integration/harness/cluster.h"

#include <signal.h>

#include <algorithm>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "integration/harness/cluster_config.h"
#include "integration/harness/eventually.h"
#include "integration/harness/leftovers.h"
#include "integration/harness/rootfs.h"
#include "libs/base/check.h"
#include "libs/base/clock.h"
#include "libs/base/status_util.h"

namespace diego::harness {
namespace {

namespace fs = std::filesystem;
constexpr absl::Duration kReadyTimeout = absl::Seconds(30);

rpc::Role RoleOf(const std::string& name) {
  if (name == "locket") return rpc::Role::kLocket;
  if (name == "auctioneer") return rpc::Role::kAuctioneer;
  if (name == "route-emitter") return rpc::Role::kRouteEmitter;
  return absl::StartsWith(name, "cell-") ? rpc::Role::kRep : rpc::Role::kBbs;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Cluster>> Cluster::Create(const ClusterOptions& options) {
  std::unique_ptr<Cluster> cluster(new Cluster(options));
  DIEGO_RETURN_IF_ERROR(cluster->Prepare());
  DIEGO_RETURN_IF_ERROR(cluster->PrepareStore());
  DIEGO_RETURN_IF_ERROR(cluster->Configure());
  DIEGO_RETURN_IF_ERROR(cluster->Connect());
  return cluster;
}

Cluster::~Cluster() {
  if (!options_.outlive_parent) {
    CleanUp();
    return;
  }
  for (Member& member : members_) {
    if (member.process) member.process->Detach();
  }
  static_cast<void>(mariadb_.release());  // stays with the deployment
}

absl::Status Cluster::Prepare() {
  std::error_code error;
  for (const char* folder : {"certs", "config", "logs", "data", "assets"}) {
    fs::create_directories(fs::path(options_.directory) / folder, error);
    if (error) {
      return absl::InternalError(
          absl::StrCat("cannot make ", options_.directory, "/", folder, ": ", error.message()));
    }
  }
  const absl::Time now = RealClock().Now();
  DIEGO_ASSIGN_OR_RETURN(auto authority,
                         rpc::CertificateAuthority::Create("diego demo CA", now - absl::Hours(1),
                                                           now + absl::Hours(24 * 365)));
  DIEGO_RETURN_IF_ERROR(authority.Save(options_.directory + "/certs"));
  authority_ = std::make_unique<rpc::CertificateAuthority>(std::move(authority));
  return MakeBusyboxRootFs(options_.directory + "/rootfs");
}

absl::Status Cluster::PrepareStore() {
  if (options_.store == Store::kSqlite) return absl::OkStatus();
  testing::MariaDbOptions database;
  database.directory = options_.directory + "/mariadb";
  DIEGO_ASSIGN_OR_RETURN(mariadb_, testing::MariaDb::Start(database));
  DIEGO_RETURN_IF_ERROR(mariadb_->CreateDatabase("bbs"));
  return mariadb_->CreateDatabase("locket");
}

std::string Cluster::DatabaseDriver() const { return mariadb_ ? "mysql" : "sqlite"; }

std::string Cluster::ConnectionString(const std::string& database) const {
  return mariadb_ ? mariadb_->ConnectionString(database)
                  : absl::StrCat(options_.directory, "/data/", database, ".sqlite");
}

absl::StatusOr<rpc::TlsFiles> Cluster::TlsFor(rpc::Role role, const CellId& cell_id) {
  const std::string certs = options_.directory + "/certs";
  const std::string name = cell_id.empty() ? std::string(rpc::RoleName(role)) : cell_id.value();
  const rpc::TlsFiles files{certs + "/ca.crt", absl::StrCat(certs, "/", name, ".crt"),
                            absl::StrCat(certs, "/", name, ".key")};
  if (fs::exists(files.cert_file)) return files;
  rpc::CertificateRequest request;
  request.role = role;
  request.cell_id = cell_id;
  request.hosts = {"127.0.0.1", "localhost"};
  request.not_before = RealClock().Now() - absl::Hours(1);
  request.not_after = RealClock().Now() + absl::Hours(24 * 364);
  DIEGO_ASSIGN_OR_RETURN(const rpc::KeyPair pair, authority_->Issue(request));
  return rpc::SaveKeyPair(certs, name, pair);
}

void Cluster::Add(const std::string& name, const std::string& binary, int port) {
  Member member;
  member.name = name;
  member.address = absl::StrCat("127.0.0.1:", port);
  member.metrics_address = absl::StrCat("127.0.0.1:", FreePort());
  if (binary == "bbs" || binary == "auctioneer" || binary == "rep") {
    member.http_address = absl::StrCat("127.0.0.1:", FreePort());
  }
  if (binary == "bbs" || binary == "route-emitter") {
    member.health_address = absl::StrCat("127.0.0.1:", FreePort());
  }
  if (binary == "rep") member.local_address = absl::StrCat("127.0.0.1:", FreePort());
  member.log_file = absl::StrCat(options_.directory, "/logs/", name, ".log");
  if (name == "nats") {
    member.argv = {"nats-server", "-a", "127.0.0.1", "-p", absl::StrCat(port)};
  } else {
    member.argv = {absl::StrCat(options_.bin_dir, "/", binary), "--config",
                   absl::StrCat(options_.directory, "/config/", name, ".json")};
  }
  members_.push_back(std::move(member));
}

absl::Status Cluster::Configure() {
  Add("nats", "", FreePort());
  Add("locket", "locket", FreePort());
  for (int i = 1; i <= options_.bbs_count; ++i) Add(absl::StrCat("bbs-", i), "bbs", FreePort());
  Add("auctioneer", "auctioneer", FreePort());
  for (int i = 1; i <= options_.cell_count; ++i) Add(absl::StrCat("cell-", i), "rep", FreePort());
  Add("route-emitter", "route-emitter", FreePort());

  DeploymentFacts facts;
  facts.directory = options_.directory;
  facts.database_driver = DatabaseDriver();
  facts.bbs_database = ConnectionString("bbs");
  facts.locket_database = ConnectionString("locket");
  facts.log_level = options_.log_level;
  facts.network_number = FreePort() % 4096;
  for (const Member& member : members_) {
    facts.addresses[member.name] = member.address;
    facts.metrics_addresses[member.name] = member.metrics_address;
    facts.http_addresses[member.name] = member.http_address;
    facts.health_addresses[member.name] = member.health_address;
    facts.local_addresses[member.name] = member.local_address;
    if (absl::StartsWith(member.name, "bbs-")) facts.bbs_addresses.push_back(member.address);
  }
  for (const Member& member : members_) {
    if (member.name == "nats") continue;
    const rpc::Role role = RoleOf(member.name);
    const CellId cell(role == rpc::Role::kRep ? member.name : "");
    DIEGO_ASSIGN_OR_RETURN(const rpc::TlsFiles tls, TlsFor(role, cell));
    DIEGO_RETURN_IF_ERROR(WriteConfig(member, ConfigOf(member.name, facts, tls)));
  }
  return absl::OkStatus();
}

absl::Status Cluster::WriteConfig(const Member& member, const std::string& json) {
  return rpc::WriteFileAtomically(member.argv.back(), json, 0600);
}

absl::Status Cluster::Connect() {
  DIEGO_ASSIGN_OR_RETURN(const rpc::TlsFiles tls, TlsFor(rpc::Role::kOperator));
  clients::ConnectionOptions options;
  options.tls = tls;
  options.timeout = absl::Seconds(20);
  options.rounds = 40;
  for (const Member& member : members_) {
    if (absl::StartsWith(member.name, "bbs-")) options.addresses.push_back(member.address);
  }
  DIEGO_ASSIGN_OR_RETURN(bbs_, clients::BbsClient::Create(options));
  options.addresses = {Find("locket").address};
  DIEGO_ASSIGN_OR_RETURN(locket_, clients::LocketClient::Create(options));
  return absl::OkStatus();
}

std::vector<std::string> Cluster::Names() const {
  std::vector<std::string> names;
  for (const Member& member : members_) names.push_back(member.name);
  return names;
}

Member& Cluster::Find(const std::string& name) {
  for (Member& member : members_) {
    if (member.name == name) return member;
  }
  DIEGO_CHECK(false) << "no member " << name;
  return members_.front();
}

absl::Status Cluster::Start(const std::string& name) {
  Member& member = Find(name);
  ProcessOptions process;
  process.name = name;
  process.argv = member.argv;
  process.log_file = member.log_file;
  process.outlive_parent = options_.outlive_parent;
  DIEGO_ASSIGN_OR_RETURN(member.process, Process::Start(process));
  if (name == "nats") {
    return Eventually("nats to answer", kReadyTimeout, [&]() -> absl::Status {
      DIEGO_ASSIGN_OR_RETURN(router_, Router::Connect("nats://" + member.address, 5));
      return absl::OkStatus();
    });
  }
  return absl::OkStatus();
}

absl::Status Cluster::WaitReady(const Member& member) {
  return Eventually(member.name + " to be ready", kReadyTimeout, [&]() -> absl::Status {
    if (!member.process->Running()) {
      return absl::AbortedError(absl::StrCat(member.name, " has ended; see ", member.log_file));
    }
    if (member.name == "locket") return locket_->FetchAll(clients::LeaseType::kLock).status();
    if (absl::StartsWith(member.name, "bbs-")) return ActiveBbs().status();
    if (member.name == "auctioneer") return locket_->Fetch("auctioneer").status();
    if (member.name == "route-emitter") return locket_->Fetch("route_emitter").status();
    if (!absl::StartsWith(member.name, "cell-")) return absl::OkStatus();
    DIEGO_ASSIGN_OR_RETURN(const auto cells, bbs_->Cells());
    for (const CellPresence& cell : cells) {
      if (cell.cell_id.value() == member.name) return absl::OkStatus();
    }
    return absl::NotFoundError("no presence yet");
  });
}

absl::Status Cluster::StartReady(const std::vector<std::string>& names,
                                 const std::function<void(const std::string&)>& started) {
  for (const std::string& name : names) {
    DIEGO_RETURN_IF_ERROR(Start(name));
    DIEGO_RETURN_IF_ERROR(WaitReady(Find(name)));
    if (started) started(name);
  }
  return absl::OkStatus();
}

absl::Status Cluster::KillHard(const std::string& name) {
  Member& member = Find(name);
  if (!member.process || !member.process->Running()) {
    return absl::FailedPreconditionError(
        absl::StrCat(name, " does not run; see ", member.log_file));
  }
  member.process->Signal(SIGKILL);
  member.process->Wait(absl::InfiniteDuration());
  return absl::OkStatus();
}

absl::Status Cluster::StopAll() {
  absl::Status first;
  router_.reset();
  for (auto member = members_.rbegin(); member != members_.rend(); ++member) {
    if (!member->process || !member->process->Running()) continue;
    const int exit_status = member->process->Stop(absl::Seconds(30));
    // nats-server ends with 1 on TERM.
    if (exit_status != 0 && member->name != "nats" && first.ok()) {
      first = absl::InternalError(absl::StrCat(member->name, " ended with status ", exit_status,
                                               "; see ", member->log_file));
    }
  }
  mariadb_.reset();
  return first;
}

void Cluster::CleanUp() {
  (void)StopAll();
  for (Member& member : members_) {
    if (!absl::StartsWith(member.name, "cell-") || Leftovers().empty()) continue;
    // A cell that was killed left its containers; one that starts removes them.
    if (Start(member.name).ok()) member.process->Stop(absl::Seconds(30));
  }
}

absl::StatusOr<std::string> Cluster::ActiveBbs() {
  DIEGO_ASSIGN_OR_RETURN(const rpc::TlsFiles tls, TlsFor(rpc::Role::kOperator));
  for (Member& member : members_) {
    if (!absl::StartsWith(member.name, "bbs-") || !member.process || !member.process->Running())
      continue;
    clients::ConnectionOptions options;
    options.addresses = {member.address};
    options.tls = tls;
    options.timeout = absl::Seconds(1);
    options.connect_timeout = absl::Seconds(1);
    options.rounds = 1;
    auto client = clients::BbsClient::Create(options);
    if (client.ok() && (*client)->Ping().ok()) return member.name;
  }
  return absl::UnavailableError("no BBS is active");
}

absl::StatusOr<std::vector<ActualLrp>> Cluster::WaitRunning(const ProcessGuid& process_guid,
                                                            int count, absl::Duration timeout) {
  std::vector<ActualLrp> running;
  clients::ActualLrpFilter filter;
  filter.process_guid = process_guid;
  const std::string what = absl::StrCat(count, " running instances of ", process_guid.value());
  DIEGO_RETURN_IF_ERROR(Eventually(what, timeout, [&]() -> absl::Status {
    DIEGO_ASSIGN_OR_RETURN(auto listing, bbs_->ActualLrps(filter));
    std::string seen;
    for (const ActualLrp& lrp : listing.records) {
      if (lrp.state == ActualLrpState::kRunning && lrp.presence == Presence::kOrdinary) continue;
      absl::StrAppend(&seen, " ", lrp.key.index, ":", ActualLrpStateName(lrp.state), "/",
                      PresenceName(lrp.presence), " ", lrp.placement_error, lrp.crash_reason);
    }
    if (!seen.empty() || static_cast<int>(listing.records.size()) != count) {
      return absl::NotFoundError(absl::StrCat(listing.records.size(), " records;", seen));
    }
    running = std::move(listing.records);
    return absl::OkStatus();
  }));
  return running;
}

std::vector<std::string> Cluster::CfdotEnvironment() {
  std::vector<std::string> bbs_addresses;
  for (const Member& member : members_) {
    if (absl::StartsWith(member.name, "bbs-")) bbs_addresses.push_back(member.address);
  }
  const auto tls = TlsFor(rpc::Role::kOperator);
  if (!tls.ok()) return {};
  return {absl::StrCat("BBS_URL=https://", absl::StrJoin(bbs_addresses, ",")),
          absl::StrCat("LOCKET_API_LOCATION=", Find("locket").address),
          absl::StrCat("CA_CERT_FILE=", tls->ca_file),
          absl::StrCat("CLIENT_CERT_FILE=", tls->cert_file),
          absl::StrCat("CLIENT_KEY_FILE=", tls->key_file)};
}

std::vector<std::string> Cluster::Leftovers() const { return LeftoversOf(options_.directory); }

}  // namespace diego::harness
