#include "integration/harness/cluster_config.h"

#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace diego::harness {
namespace {

using Json = nlohmann::ordered_json;

// Leases short enough that a death is noticed while somebody watches.
constexpr char kLockTtl[] = "3s";
constexpr char kLockRetry[] = "500ms";

Json Common(const std::string& name, const DeploymentFacts& facts) {
  return {{"log_level", facts.log_level}, {"metrics_address", facts.metrics_addresses.at(name)}};
}

// The identity as server (and everywhere else, for the original's keys are many).
void AddTls(Json* json, const rpc::TlsFiles& tls, const std::string& ca_key,
            const std::string& cert_key, const std::string& key_key) {
  (*json)[ca_key] = tls.ca_file;
  (*json)[cert_key] = tls.cert_file;
  (*json)[key_key] = tls.key_file;
}

void AddLocket(Json* json, const DeploymentFacts& facts, const rpc::TlsFiles& tls) {
  (*json)["locket_address"] = facts.addresses.at("locket");
  AddTls(json, tls, "locket_ca_cert_file", "locket_client_cert_file", "locket_client_key_file");
}

void AddLock(Json* json, const std::string& name) {
  (*json)["uuid"] = name;
  (*json)["lock_ttl"] = kLockTtl;
  (*json)["lock_retry_interval"] = kLockRetry;
}

Json LocketConfig(const DeploymentFacts& facts, const rpc::TlsFiles& tls) {
  Json json = Common("locket", facts);
  json["listen_address"] = facts.addresses.at("locket");
  AddTls(&json, tls, "ca_file", "cert_file", "key_file");
  json["database_driver"] = facts.database_driver;
  json["database_connection_string"] = facts.locket_database;
  return json;
}

Json BbsConfig(const std::string& name, const DeploymentFacts& facts, const rpc::TlsFiles& tls) {
  Json json = Common(name, facts);
  json["grpc_listen_address"] = facts.addresses.at(name);
  json["listen_address"] = facts.http_addresses.at(name);
  json["health_address"] = facts.health_addresses.at(name);
  json["access_log_path"] = absl::StrCat(facts.directory, "/logs/", name, ".access.log");
  AddTls(&json, tls, "ca_file", "cert_file", "key_file");
  AddLocket(&json, facts, tls);
  AddLock(&json, name);
  json["auctioneer_grpc_address"] = facts.addresses.at("auctioneer");
  AddTls(&json, tls, "auctioneer_ca_cert", "auctioneer_client_cert", "auctioneer_client_key");
  AddTls(&json, tls, "rep_ca_cert", "rep_client_cert", "rep_client_key");
  json["database_driver"] = facts.database_driver;
  json["database_connection_string"] = facts.bbs_database;
  json["active_key_label"] = "key-1";
  json["encryption_keys"] = {{"key-1", "a passphrase of the demo"}};
  json["converge_repeat_interval"] = "2s";
  return json;
}

Json AuctioneerConfig(const DeploymentFacts& facts, const rpc::TlsFiles& tls) {
  Json json = Common("auctioneer", facts);
  json["grpc_listen_address"] = facts.addresses.at("auctioneer");
  json["listen_address"] = facts.http_addresses.at("auctioneer");
  AddTls(&json, tls, "ca_cert_file", "server_cert_file", "server_key_file");
  AddLocket(&json, facts, tls);
  AddLock(&json, "auctioneer");
  json["bbs_address"] = absl::StrJoin(facts.bbs_addresses, ",");
  AddTls(&json, tls, "bbs_ca_cert_file", "bbs_client_cert_file", "bbs_client_key_file");
  AddTls(&json, tls, "rep_ca_cert", "rep_client_cert", "rep_client_key");
  return json;
}

Json CellConfig(const std::string& name, const DeploymentFacts& facts, const rpc::TlsFiles& tls) {
  int number = 0;
  (void)absl::SimpleAtoi(name.substr(name.rfind('-') + 1), &number);
  Json json = Common(name, facts);
  json["grpc_listen_address"] = facts.addresses.at(name);
  json["listen_addr_securable"] = facts.http_addresses.at(name);
  json["listen_addr"] = facts.local_addresses.at(name);
  AddTls(&json, tls, "ca_cert_file", "cert_file", "key_file");
  AddLocket(&json, facts, tls);
  json["lock_ttl"] = kLockTtl;
  json["lock_retry_interval"] = kLockRetry;
  json["cell_id"] = name;
  json["cell_index"] = number - 1;
  json["zone"] = absl::StrCat("z", number);
  json["bbs_address"] = absl::StrJoin(facts.bbs_addresses, ",");
  json["preloaded_root_fs"] = {absl::StrCat("busybox:", facts.directory, "/rootfs")};
  json["memory_mb"] = "1024";
  json["disk_mb"] = "4096";
  json["external_address"] = "127.0.0.1";
  json["work_dir"] = absl::StrCat(facts.directory, "/data/", name);
  // 10.160.0.0 to 10.255.255.255 holds 24,576 networks of 256: six for each deployment.
  const int network = facts.network_number * 6 + number % 6;
  json["subnet"] = absl::StrCat("10.", 160 + network / 256, ".", network % 256, ".0/24");
  json["bridge_name"] = absl::StrCat("dg", facts.network_number, "c", number);
  // Below the kernel's ephemeral ports. 299 has no factor in common with 6: deployments that run at
  // the same time hardly ever meet.
  json["first_host_port"] = 20000 + network % 299 * 40;
  json["host_port_count"] = 40;
  json["polling_interval"] = "5s";
  json["unhealthy_monitoring_interval"] = "200ms";
  json["healthy_monitoring_interval"] = "5s";
  json["graceful_shutdown_interval"] = "5s";
  return json;
}

Json RouteEmitterConfig(const DeploymentFacts& facts, const rpc::TlsFiles& tls) {
  Json json = Common("route-emitter", facts);
  AddLocket(&json, facts, tls);
  AddLock(&json, "route-emitter");
  json["bbs_address"] = absl::StrJoin(facts.bbs_addresses, ",");
  AddTls(&json, tls, "bbs_ca_cert_file", "bbs_client_cert_file", "bbs_client_key_file");
  json["nats_addresses"] = facts.addresses.at("nats");
  json["grpc_listen_address"] = facts.addresses.at("route-emitter");
  json["healthcheck_address"] = facts.health_addresses.at("route-emitter");
  json["sync_interval"] = "10s";
  return json;
}

}  // namespace

std::string ConfigOf(const std::string& name, const DeploymentFacts& facts,
                     const rpc::TlsFiles& tls) {
  Json json;
  if (name == "locket") {
    json = LocketConfig(facts, tls);
  } else if (name == "auctioneer") {
    json = AuctioneerConfig(facts, tls);
  } else if (name == "route-emitter") {
    json = RouteEmitterConfig(facts, tls);
  } else if (absl::StartsWith(name, "cell-")) {
    json = CellConfig(name, facts, tls);
  } else {
    json = BbsConfig(name, facts, tls);
  }
  return json.dump(2) + "\n";
}

}  // namespace diego::harness
