// A real BBS over mutual TLS gRPC, with its store: desires and starts a second from many clients,
// and the time to list all actual LRPs. `bbs_bench --help` says what can be set.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "integration/harness/cluster.h"
#include "integration/harness/eventually.h"
#include "libs/base/check.h"
#include "libs/base/clock.h"
#include "libs/base/status_util.h"
#include "libs/sync/worker.h"
#include "libs/wire/desired_lrp.h"
#include "proto/models/desired_lrp.pb.h"

namespace diego::bench {
namespace {

constexpr char kHelp[] =
    "Usage: bbs_bench [--store sqlite|mysql] [--lrps N] [--instances M] [--clients C] [--lists L] "
    "[--json]\n"
    "Desires N LRPs of M instances, starts every instance, lists them all L times.\n";

struct Options {
  harness::Store store = harness::Store::kSqlite;
  int lrps = 1000;
  int instances = 50;
  int clients = 50;
  int lists = 5;
  bool json = false;
};

ProcessGuid GuidOf(int lrp) { return ProcessGuid(absl::StrCat("process-", 1000000 + lrp)); }

DesiredLrp MakeLrp(int lrp, int instances) {
  models::DesiredLRP message;
  message.set_process_guid(GuidOf(lrp).value());
  message.set_domain("bench");
  message.set_root_fs("preloaded:busybox");
  message.set_instances(instances);
  message.set_memory_mb(128);
  message.set_disk_mb(512);
  message.set_log_guid("bench");
  (*message.mutable_metric_tags())["source_id"].set_static_("bench");
  models::RunAction* run = message.mutable_action()->mutable_run_action();
  run->set_path("/bin/app");
  run->set_user("vcap");
  auto record = wire::FromProto(message);
  DIEGO_CHECK(record.ok()) << record.status().ToString();
  return *record;
}

clients::RunningInstance MakeInstance(int number, int instances) {
  clients::RunningInstance running;
  running.key = {GuidOf(number / instances), number % instances, Domain("bench")};
  running.instance = {InstanceGuid(absl::StrCat("instance-", number)), CellId("bench-cell")};
  running.net_info.address = "10.0.16.12";
  running.net_info.ports = {{8080, 61000u + static_cast<uint32_t>(number % 4000), 0, 0}};
  running.net_info.instance_address = "10.255.0.12";
  running.metric_tags = {{"source_id", "bench"}};
  running.routable = true;
  running.availability_zone = "z1";
  return running;
}

// Runs calls 0..count-1 from `threads` threads; returns calls a second, or the first error.
absl::StatusOr<double> Drive(int count, int threads, const std::function<absl::Status(int)>& call) {
  std::atomic<int> next = 0;
  Guarded<absl::Status> first_error;
  const absl::Duration started = RealClock().Monotonic();
  {
    Guarded<int> finished;
    std::vector<std::unique_ptr<Worker>> workers;
    for (int i = 0; i < threads; ++i) {
      workers.push_back(std::make_unique<Worker>(absl::StrCat("client-", i), [&] {
        const int number = next.fetch_add(1);
        if (number >= count) {
          finished.With([](int& n) { ++n; });
          return absl::InfiniteDuration();
        }
        const absl::Status status = call(number);
        if (!status.ok()) first_error.With([&](absl::Status& first) { first.Update(status); });
        return absl::ZeroDuration();
      }));
    }
    finished.When([threads](const int& n) { return n == threads; }, absl::InfiniteDuration(),
                  [](int&, bool) {});
  }
  const absl::Duration took = RealClock().Monotonic() - started;
  DIEGO_RETURN_IF_ERROR(first_error.With([](const absl::Status& status) { return status; }));
  return count / absl::ToDoubleSeconds(took);
}

void Report(const Options& options, const std::string& what, double value, const char* unit) {
  if (options.json) {
    const nlohmann::ordered_json line = {
        {"bench", "bbs"},
        {"what", what},
        {"value", value},
        {"unit", unit},
        {"store", options.store == harness::Store::kMysql ? "mysql" : "sqlite"},
        {"clients", options.clients}};
    std::printf("%s\n", line.dump().c_str());
  } else {
    std::printf("%-44s %12.2f %s\n", what.c_str(), value, unit);
  }
  std::fflush(stdout);
}

absl::StatusOr<std::unique_ptr<clients::BbsClient>> ClientOf(harness::Cluster* cluster,
                                                             rpc::Role role, const CellId& cell) {
  clients::ConnectionOptions connection;
  DIEGO_ASSIGN_OR_RETURN(connection.tls, cluster->TlsFor(role, cell));
  connection.addresses = {cluster->Find("bbs-1").address};
  connection.timeout = absl::Seconds(60);
  return clients::BbsClient::Create(connection);
}

// Without its presence the cell would count as lost, and its instances as suspect.
absl::Status RegisterCell(harness::Cluster* cluster, const CellId& cell_id) {
  clients::ConnectionOptions connection;
  DIEGO_ASSIGN_OR_RETURN(connection.tls, cluster->TlsFor(rpc::Role::kRep, cell_id));
  connection.addresses = {cluster->Find("locket").address};
  DIEGO_ASSIGN_OR_RETURN(auto locket, clients::LocketClient::Create(connection));
  CellPresence presence;
  presence.cell_id = cell_id;
  presence.rep_address = "http://127.0.0.1:1";
  presence.rep_url = "https://127.0.0.1:1";
  presence.capacity = {1 << 20, 1 << 20, 100000};
  clients::Lease lease;
  lease.key = cell_id.value();
  lease.owner = "bbs_bench";
  lease.type = clients::LeaseType::kPresence;
  lease.value = clients::PresenceToValue(presence);
  return locket->Lock(lease, absl::Hours(1)).status();
}

absl::Status Measure(const Options& options, harness::Cluster* cluster) {
  for (const char* name : {"locket", "bbs-1"}) DIEGO_RETURN_IF_ERROR(cluster->Start(name));
  DIEGO_RETURN_IF_ERROR(harness::Eventually("the BBS to serve", absl::Seconds(30),
                                            [&] { return cluster->ActiveBbs().status(); }));
  DIEGO_ASSIGN_OR_RETURN(auto operators, ClientOf(cluster, rpc::Role::kOperator, CellId()));
  DIEGO_ASSIGN_OR_RETURN(auto cell, ClientOf(cluster, rpc::Role::kRep, CellId("bench-cell")));
  DIEGO_RETURN_IF_ERROR(RegisterCell(cluster, CellId("bench-cell")));
  DIEGO_RETURN_IF_ERROR(
      harness::Eventually("the cell to be present", absl::Seconds(10), [&]() -> absl::Status {
        DIEGO_ASSIGN_OR_RETURN(const auto cells, operators->Cells());
        return cells.size() == 1 ? absl::OkStatus() : absl::NotFoundError("no cell");
      }));
  DIEGO_RETURN_IF_ERROR(operators->UpsertDomain(Domain("bench"), absl::InfiniteDuration()));

  DIEGO_ASSIGN_OR_RETURN(const double desires, Drive(options.lrps, options.clients, [&](int i) {
                           return operators->DesireLrp(MakeLrp(i, options.instances));
                         }));
  Report(options, absl::StrCat("desire LRPs of ", options.instances, " instances"), desires,
         "calls/s");
  const int all = options.lrps * options.instances;
  DIEGO_ASSIGN_OR_RETURN(const double starts, Drive(all, options.clients, [&](int i) {
                           return cell->StartActualLrp(MakeInstance(i, options.instances));
                         }));
  Report(options, "start actual LRPs", starts, "calls/s");

  std::vector<double> seconds;
  for (int i = 0; i < options.lists; ++i) {
    const absl::Duration started = RealClock().Monotonic();
    DIEGO_ASSIGN_OR_RETURN(const auto listing, operators->ActualLrps({}));
    seconds.push_back(absl::ToDoubleSeconds(RealClock().Monotonic() - started));
    if (static_cast<int>(listing.records.size()) != all) {
      return absl::InternalError(
          absl::StrCat(listing.records.size(), " records listed, not ", all));
    }
  }
  std::sort(seconds.begin(), seconds.end());
  Report(options, absl::StrCat("list ", all, " actual LRPs, min"), seconds.front(), "s");
  Report(options, absl::StrCat("list ", all, " actual LRPs, median"), seconds[seconds.size() / 2],
         "s");
  Report(options, absl::StrCat("list ", all, " actual LRPs, max"), seconds.back(), "s");
  return absl::OkStatus();
}

bool ParseOptions(int argc, char** argv, Options* options) {
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    if (flag == "--json") {
      options->json = true;
      continue;
    }
    if (++i == argc) return false;
    const std::string value = argv[i];
    if (flag == "--store" && (value == "mysql" || value == "sqlite")) {
      options->store = value == "mysql" ? harness::Store::kMysql : harness::Store::kSqlite;
      continue;
    }
    int* number = flag == "--lrps"        ? &options->lrps
                  : flag == "--instances" ? &options->instances
                  : flag == "--clients"   ? &options->clients
                  : flag == "--lists"     ? &options->lists
                                          : nullptr;
    if (number == nullptr || !absl::SimpleAtoi(value, number) || *number < 1) return false;
  }
  return true;
}

int Main(int argc, char** argv) {
  Options options;
  if (!ParseOptions(argc, argv, &options)) {
    std::fputs(kHelp, stderr);
    return 2;
  }
  char directory[] = "/tmp/bbs-bench-XXXXXX";
  DIEGO_CHECK(mkdtemp(directory) != nullptr);
  harness::ClusterOptions deployment;
  deployment.directory = directory;
  deployment.bin_dir = std::filesystem::canonical("/proc/self/exe").parent_path();
  deployment.store = options.store;
  deployment.bbs_count = 1;
  deployment.cell_count = 0;
  deployment.log_level = "info";
  absl::Status status;
  {
    auto cluster = harness::Cluster::Create(deployment);
    status = cluster.ok() ? Measure(options, cluster->get()) : cluster.status();
    if (cluster.ok()) status.Update((*cluster)->StopAll());
  }
  if (!status.ok()) {
    std::fprintf(stderr, "bbs_bench: %s; logs are in %s/logs\n", status.ToString().c_str(),
                 directory);
    return 1;
  }
  std::filesystem::remove_all(directory);
  return 0;
}

}  // namespace
}  // namespace diego::bench

int main(int argc, char** argv) { return diego::bench::Main(argc, argv); }
