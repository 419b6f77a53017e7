#include "integration/suite/suite.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <exception>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/wire/desired_lrp.h"
#include "proto/models/desired_lrp.pb.h"

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

Deployment::Deployment(const Options& options) : exceptions_before_(std::uncaught_exceptions()) {
  char pattern[] = "/tmp/diego-suite-XXXXXX";
  REQUIRE(mkdtemp(pattern) != nullptr);
  directory_ = pattern;
  harness::ClusterOptions cluster;
  cluster.directory = directory_;
  // The test's binary is build/<preset>/integration/suite/…; the services' are in bin.
  cluster.bin_dir = std::filesystem::canonical("/proc/self/exe").parent_path() / "../../bin";
  cluster.store = options.store;
  cluster.bbs_count = options.bbs_count;
  cluster.cell_count = options.cell_count;
  auto made = harness::Cluster::Create(cluster);
  REQUIRE_OK(made.status());
  cluster_ = std::move(*made);
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

Deployment::Reconnected Deployment::Reconnect() {
  clients::ConnectionOptions connection;
  auto tls = cluster_->TlsFor(rpc::Role::kOperator);
  REQUIRE_OK(tls.status());
  connection.tls = *tls;
  for (const std::string& name : cluster_->Names()) {
    if (absl::StartsWith(name, "bbs-"))
      connection.addresses.push_back(cluster_->Find(name).address);
  }
  auto client = clients::BbsClient::Create(connection);
  REQUIRE_OK(client.status());
  return {std::move(*client)};
}

}  // namespace diego::suite
