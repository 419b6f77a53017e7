#include "integration/suite/suite.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "integration/harness/eventually.h"
#include "integration/harness/http.h"
#include "libs/base/check.h"
#include "libs/base/status_util.h"
#include "libs/wire/desired_lrp.h"
#include "libs/wire/task.h"
#include "proto/models/desired_lrp.pb.h"
#include "proto/models/task.pb.h"

namespace diego::suite {

std::string StoreName(harness::Store store) {
  return store == harness::Store::kMysql ? "mysql" : "sqlite";
}

DesiredLrp MakeLrp(const std::string& process_guid, int instances, const std::string& annotation) {
  models::DesiredLRP message;
  message.set_process_guid(process_guid);
  message.set_domain("suite");
  message.set_root_fs("preloaded:busybox");
  message.set_instances(instances);
  message.set_memory_mb(16);
  message.set_disk_mb(16);
  message.set_log_guid(process_guid);
  message.set_annotation(annotation);
  (*message.mutable_metric_tags())["source_id"].set_static_(process_guid);
  models::RunAction* run = message.mutable_action()->mutable_run_action();
  run->set_path("/bin/sleep");
  run->add_args("1000000");
  run->set_user("vcap");
  auto lrp = wire::FromProto(message);
  // No assertion of Catch's: writers on threads of their own call this.
  DIEGO_CHECK(lrp.ok()) << lrp.status();
  return *std::move(lrp);
}

DesiredLrp MakeScript(const std::string& process_guid, int instances, const std::string& script) {
  auto message = wire::ToProto(MakeLrp(process_guid, instances, ""));
  REQUIRE_OK(message.status());
  message->add_ports(8080);
  models::RunAction* run = message->mutable_action()->mutable_run_action();
  run->set_path("/bin/sh");
  run->clear_args();
  run->add_args("-c");
  run->add_args(script);
  const auto lrp = wire::FromProto(*message);
  REQUIRE_OK(lrp.status());
  return *lrp;
}

DesiredLrp MakeWebApp(const std::string& process_guid, const std::string& hostname, int instances) {
  auto message = wire::ToProto(MakeLrp(process_guid, instances, ""));
  REQUIRE_OK(message.status());
  message->add_ports(8080);
  models::RunAction* run = message->mutable_action()->mutable_run_action();
  run->set_path("/bin/httpd");
  run->clear_args();
  for (const char* arg : {"-f", "-p", "8080", "-h", "/home/vcap/app"}) run->add_args(arg);
  message->mutable_check_definition()->add_checks()->mutable_tcp_check()->set_port(8080);
  message->set_start_timeout_ms(30000);
  (*message->mutable_routes()->mutable_routes())["cf-router"] =
      absl::StrCat(R"([{"hostnames":[")", hostname, R"("],"port":8080}])");
  auto lrp = wire::FromProto(*message);
  REQUIRE_OK(lrp.status());
  return *lrp;
}

Task MakeTask(const std::string& task_guid, const std::string& script) {
  models::Task message;
  message.set_task_guid(task_guid);
  message.set_domain("suite");
  models::TaskDefinition* definition = message.mutable_task_definition();
  definition->set_root_fs("preloaded:busybox");
  definition->set_memory_mb(16);
  definition->set_disk_mb(16);
  definition->set_log_guid(task_guid);
  definition->set_metrics_guid(task_guid);
  definition->set_result_file("/tmp/result");
  models::RunAction* run = definition->mutable_action()->mutable_run_action();
  run->set_path("/bin/sh");
  run->add_args("-c");
  run->add_args(script);
  run->set_user("vcap");
  const auto task = wire::FromProto(message);
  REQUIRE_OK(task.status());
  return *task;
}

void Start(harness::Cluster& cluster, const std::vector<std::string>& names) {
  REQUIRE_OK(cluster.StartReady(names));
}

void Reconfigure(harness::Cluster& cluster, const std::string& name,
                 const std::string& json_patch) {
  const std::string path = cluster.Find(name).argv.back();
  std::ifstream file(path);
  nlohmann::json config =
      nlohmann::json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
  config.merge_patch(nlohmann::json::parse(json_patch));
  std::ofstream(path) << config.dump();
}

std::string EndpointOf(const ActualLrp& lrp) {
  if (lrp.net_info.ports.empty()) return "";
  return absl::StrCat(lrp.net_info.address, ":", lrp.net_info.ports.front().host_port);
}

absl::StatusOr<std::vector<ActualLrp>> WaitRouted(harness::Cluster& cluster,
                                                  const ProcessGuid& process_guid,
                                                  const std::string& hostname, int count) {
  std::vector<ActualLrp> instances;
  DIEGO_RETURN_IF_ERROR(harness::Eventually(
      absl::StrCat(count, " instances, all routed"), kPatience, [&]() -> absl::Status {
        DIEGO_ASSIGN_OR_RETURN(instances,
                               cluster.WaitRunning(process_guid, count, absl::Seconds(1)));
        std::set<std::string> want;
        for (const ActualLrp& lrp : instances) want.insert(EndpointOf(lrp));
        const std::set<std::string> have = cluster.router().Endpoints(hostname);
        if (have == want) return absl::OkStatus();
        return absl::NotFoundError(absl::StrCat("routed: ", absl::StrJoin(have, " "),
                                                "; running: ", absl::StrJoin(want, " ")));
      }));
  return instances;
}

absl::StatusOr<double> ReadMetric(harness::Cluster& cluster, const std::string& member,
                                  const std::string& metric) {
  DIEGO_ASSIGN_OR_RETURN(
      const std::string text,
      harness::HttpGet(absl::StrCat("http://", cluster.Find(member).metrics_address, "/metrics"),
                       absl::Seconds(5)));
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    double value = 0;
    if (absl::ConsumePrefix(&line, metric + " ") && absl::SimpleAtod(line, &value)) return value;
  }
  return absl::NotFoundError(absl::StrCat(member, " has no metric ", metric));
}

Deployment::Deployment(const Options& options) : exceptions_before_(std::uncaught_exceptions()) {
  char pattern[] = "/tmp/diego-suite-XXXXXX";
  REQUIRE(mkdtemp(pattern) != nullptr);
  directory_ = pattern;
  harness::ClusterOptions cluster;
  cluster.directory = directory_;
  // The test's binary is build/<preset>/integration/suite/…; the services' are in bin.
  bin_dir_ = std::filesystem::canonical("/proc/self/exe").parent_path() / "../../bin";
  cluster.bin_dir = bin_dir_;
  cluster.store = options.store;
  cluster.bbs_count = options.bbs_count;
  cluster.cell_count = options.cell_count;
  auto made = harness::Cluster::Create(cluster);
  REQUIRE_OK(made.status());
  cluster_ = std::move(*made);
  std::ofstream(directory_ + "/rootfs/home/vcap/app/index.html") << "here";
}

Deployment::~Deployment() {
  cluster_.reset();
  if (std::uncaught_exceptions() > exceptions_before_) {
    WARN("logs are kept in " << directory_ << "/logs");
    return;
  }
  std::error_code error;
  std::filesystem::remove_all(directory_, error);
}

clients::ConnectionOptions Deployment::Connection(rpc::Role role, const CellId& cell_id) {
  clients::ConnectionOptions connection;
  auto tls = cluster_->TlsFor(role, cell_id);
  REQUIRE_OK(tls.status());
  connection.tls = *tls;
  for (const std::string& name : cluster_->Names()) {
    if (absl::StartsWith(name, "bbs-"))
      connection.addresses.push_back(cluster_->Find(name).address);
  }
  return connection;
}

Deployment::Reconnected Deployment::Reconnect() {
  auto client = clients::BbsClient::Create(Connection());
  REQUIRE_OK(client.status());
  return {std::move(*client)};
}

std::unique_ptr<sql::Database> Deployment::OpenDatabase() {
  sql::DatabaseOptions options;
  testing::MariaDb* const mariadb = cluster_->mariadb();
  options.driver = mariadb != nullptr ? "mysql" : "sqlite";
  options.connection_string = mariadb != nullptr ? mariadb->ConnectionString("bbs")
                                                 : absl::StrCat(directory_, "/data/bbs.sqlite");
  auto database = sql::Database::Open(options);
  REQUIRE_OK(database.status());
  return *std::move(database);
}

absl::StatusOr<std::string> Deployment::Cfdot(const std::vector<std::string>& arguments) {
  std::vector<std::string> argv = {Binary("cfdot")};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return harness::RunCommand(argv, absl::Seconds(30), cluster_->CfdotEnvironment());
}

}  // namespace diego::suite
