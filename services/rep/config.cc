#include "services/rep/config.h"

#include <arpa/inet.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/rep/containers/command_words.h"

namespace diego::rep {
namespace {

using C = RepConfig;

// "auto" or a number of megabytes.
std::string AutoOrNumber(const config::Target& target) {
  const std::string& text = **std::get_if<std::string*>(&target);
  int64_t number = 0;
  if (text == "auto" || (absl::SimpleAtoi(text, &number) && number > 0)) return "";
  return "is neither \"auto\" nor a number of megabytes above zero";
}

// A cell id names directories and certificates.
std::string GoodCellId(const config::Target& target) {
  const std::string& text = **std::get_if<std::string*>(&target);
  const bool good = text.size() <= 255 && std::all_of(text.begin(), text.end(), [](char c) {
                      return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' ||
                             c == '_' || c == '.';
                    });
  return good ? "" : "has other characters than letters, digits, '-', '_' and '.'";
}

// "10.254.7.0/24": what the CNI plugins take, with room for some containers.
std::string GoodSubnet(const config::Target& target) {
  const std::string& text = **std::get_if<std::string*>(&target);
  const size_t slash = text.find('/');
  in_addr address{};
  int bits = 0;
  const bool good = slash != std::string::npos &&
                    inet_pton(AF_INET, text.substr(0, slash).c_str(), &address) == 1 &&
                    absl::SimpleAtoi(text.substr(slash + 1), &bits) && bits >= 8 && bits <= 29;
  if (good) return "";
  return absl::StrCat("is \"", text, "\"; give a network like \"10.254.7.0/24\", of 8 to 29 bits");
}

std::string GoodAddress(const config::Target& target) {
  const std::string& text = **std::get_if<std::string*>(&target);
  in_addr address{};
  if (text.empty() || inet_pton(AF_INET, text.c_str(), &address) == 1) return "";
  return absl::StrCat("is \"", text,
                      "\"; give an IPv4 address, or nothing for that of the default "
                      "route");
}

// Source: reference/design-notes.md section 5.
std::string GoodTags(const config::Target& target) {
  for (const std::string& tag : **std::get_if<std::vector<std::string>*>(&target)) {
    if (tag.empty()) return "has an empty tag";
    if (tag.size() >= 64) return absl::StrCat("has a tag of 64 characters or more: \"", tag, "\"");
  }
  return "";
}

void AddIdentity(config::Table<C>* table) {
  table->Key("cell_id", &C::cell_id, "name of this cell").Required().Check(GoodCellId);
  table->Key("cell_index", &C::cell_index, "its number, for filling cells in order")
      .Bounded(0, 1000000);
  table->Key("zone", &C::zone, "availability zone");
  table->Key("advertise_domain", &C::advertise_domain, "domain of the cell's rep_url");
  table->Key("placement_tags", &C::placement_tags, "workloads must ask for all of them")
      .Check(GoodTags);
  table->Key("optional_placement_tags", &C::optional_placement_tags, "workloads may ask for them")
      .Check(GoodTags);
}

void AddConnections(config::Table<C>* table) {
  table->Key("grpc_listen_address", &C::grpc_listen_address, "where diego.Cell is served");
  table->Key("listen_addr_securable", &C::listen_addr_securable,
             "where HTTP is served for a BBS and an auctioneer of the original");
  table->Key("listen_addr", &C::listen_addr,
             "where /ping and /evacuate are served, for this machine alone; empty: nowhere");
  table
      ->Key("external_address", &C::external_address,
            "address of this cell for routers and apps; empty: that of its default route")
      .Check(GoodAddress);
  table->Key("ca_cert_file", &C::ca_cert_file, "the CA that every peer must show")
      .Required()
      .File();
  table->Key("cert_file", &C::cert_file, "our certificate, as server and client").Required().File();
  table->Key("key_file", &C::key_file, "its private key").Required().File();
  table->Embed(&C::bbs, config::BbsAddressTable());
  table->Key("communication_timeout", &C::communication_timeout, "for one call to the BBS")
      .ZeroMeans(config::kNoTimeoutSeconds);
  table->Key("polling_interval", &C::polling_interval, "between two passes over everything")
      .ZeroMeans(30);
  table
      ->Key("evacuation_polling_interval", &C::evacuation_polling_interval,
            "the same while the cell evacuates")
      .ZeroMeans(10);
  table
      ->Key("evacuation_timeout", &C::evacuation_timeout,
            "when an evacuation cuts off what has not moved")
      .NotNegative();
  table->Key("lock_ttl", &C::lock_ttl, "how long the presence stays when we die").Positive();
  table->Key("lock_retry_interval", &C::lock_retry_interval, "between two renewals of the presence")
      .Positive();
  table->Key("advertise_preference_for_instance_address",
             &C::advertise_preference_for_instance_address,
             "ask routers to use containers' own addresses");
}

void AddCapacity(config::Table<C>* table) {
  table->Key("preloaded_root_fs", &C::preloaded_root_fs, "root filesystems, items stack:path")
      .Required();
  table->Key("memory_mb", &C::memory_mb, "memory to offer, or auto").Check(AutoOrNumber);
  table->Key("disk_mb", &C::disk_mb, "disk to offer, or auto").Check(AutoOrNumber);
  table
      ->Key("auto_disk_capacity_overhead_mb", &C::auto_disk_capacity_overhead_mb,
            "taken off an automatic disk_mb")
      .Bounded(0, 1e9);
  table->Key("max_containers", &C::max_containers, "containers at most; one is kept back")
      .Between(2, 10000);
}

void AddMachine(config::Table<C>* table) {
  table->Key("work_dir", &C::work_dir, "where containers, images and logs are kept; one rep each");
  table->Key("runc_path", &C::runc_path, "the program runc");
  table->Key("cni_plugin_dir", &C::cni_plugin_dir, "where bridge, host-local and portmap are")
      .Directory();
  table->Key("bridge_name", &C::bridge_name, "network bridge of this cell, at most 15 characters");
  table->Key("subnet", &C::subnet, "addresses of containers; this cell's alone").Check(GoodSubnet);
  table->Key("first_host_port", &C::first_host_port, "first port of this cell's range")
      .Between(1024, 65535);
  table->Key("host_port_count", &C::host_port_count, "ports in the range").Between(1, 64512);
  table->Key("dns_servers", &C::dns_servers, "for containers; empty: those of the host");
}

void AddExecution(config::Table<C>* table) {
  table
      ->Key("reserved_expiration_time", &C::reserved_expiration_time,
            "how long a reservation waits to be run")
      .ZeroMeans(60);
  table
      ->Key("container_reap_interval", &C::container_reap_interval,
            "between two looks for lost containers")
      .ZeroMeans(60);
  table->Key("graceful_shutdown_interval", &C::graceful_shutdown_interval, "between TERM and KILL")
      .NotNegative();
  table
      ->Key("healthy_monitoring_interval", &C::healthy_monitoring_interval,
            "between checks of a healthy instance")
      .Positive();
  table
      ->Key("unhealthy_monitoring_interval", &C::unhealthy_monitoring_interval,
            "between checks of one that starts")
      .Positive();
  table
      ->Key("declarative_healthcheck_default_timeout", &C::declarative_healthcheck_default_timeout,
            "of a check that names none")
      .Positive();
  table->Key("container_max_cpu_shares", &C::container_max_cpu_shares, "at a cpu_weight of 100")
      .Positive()
      .Bounded(0, 262144);
  table->Key("max_log_lines_per_second", &C::max_log_lines_per_second, "of an app; 0: no limit")
      .Bounded(0, 1e9);
  table->Key("post_setup_hook", &C::post_setup_hook, "command run after setup");
  table->Key("post_setup_user", &C::post_setup_user, "who runs it");
  table
      ->Key("trusted_system_certificates_path", &C::trusted_system_certificates_path,
            "directory of the host mounted into containers")
      .Directory();
  table->Key("create_work_pool_size", &C::create_work_pool_size, "containers made at a time")
      .Bounded(1, 256);
  table->Key("delete_work_pool_size", &C::delete_work_pool_size, "containers removed at a time")
      .Bounded(1, 256);
}

void AddTransfers(config::Table<C>* table) {
  table->Key("cache_path", &C::cache_path, "cache of downloads; emptied at start");
  table
      ->Key("max_cache_size_in_bytes", &C::max_cache_size_in_bytes,
            "of that cache; 0: nothing is kept")
      .NotNegative();
  table->Key("max_concurrent_downloads", &C::max_concurrent_downloads, "and as many uploads")
      .Bounded(1, 100);
  table->Key("skip_cert_verify", &C::skip_cert_verify, "download from any https server");
  table
      ->Key("path_to_ca_certs_for_downloads", &C::path_to_ca_certs_for_downloads,
            "CAs to trust for downloads, beside the system's")
      .File();
  table->Key("path_to_tls_ca_cert", &C::path_to_tls_ca_cert, "more of them").File();
  table->Key("path_to_tls_cert", &C::path_to_tls_cert, "our certificate for downloads").File();
  table->Key("path_to_tls_key", &C::path_to_tls_key, "its private key").File();
}

void AddIgnored(config::Table<C>* table) {
  table->Ignored({"bbs_client_session_cache_size", "bbs_max_idle_conns_per_host"},
                 "there is one gRPC connection to the BBS");
  table->Ignored({"report_interval", "container_metrics_report_interval"},
                 "metrics are read from metrics_address at any time");
  table->Ignored({"session_name"}, "log sessions have fixed names");
  table->Ignored({"garden_network", "garden_addr", "container_owner_name",
                  "healthcheck_container_owner_name", "garden_healthcheck_interval",
                  "garden_healthcheck_timeout", "garden_healthcheck_command_retry_pause",
                  "garden_healthcheck_emission_interval", "garden_healthcheck_process_path",
                  "garden_healthcheck_process_args", "garden_healthcheck_process_user",
                  "garden_healthcheck_process_env", "garden_healthcheck_process_dir"},
                 "containers are made by runc, there is no garden");
  table->Ignored({"declarative_healthcheck_path", "enable_declarative_healthcheck",
                  "sidecar_root_fs_path", "sidecar_root_fs", "healthcheck_work_pool_size"},
                 "the cell checks by itself, without a process in the container");
  table->Ignored({"extra_root_fs_dir", "supported_providers"},
                 "root filesystems are those of preloaded_root_fs");
  table->Ignored({"layering_mode"}, "layers are downloaded into the container either way");
  table->Ignored({"use_node_port_for_pod_service", "use_schedulable_disk_size", "set_cpu_weight",
                  "container_inode_limit"},
                 "limits are those of the workload");
  table->Ignored({"volman_driver_paths", "volume_mounted_files"}, "no volumes are mounted");
  table->Ignored({"instance_identity_ca_path", "instance_identity_private_key_path",
                  "instance_identity_cred_dir", "instance_identity_validity_period"},
                 "instances get no certificates");
  table->Ignored(
      {"enable_container_proxy", "container_proxy_path", "container_proxy_config_path",
       "container_proxy_ads_addresses", "container_proxy_require_and_verify_client_certs",
       "container_proxy_trusted_ca_certs", "container_proxy_verify_subject_alt_name",
       "enable_container_proxy_healthcheck", "proxy_healthcheck_interval",
       "proxy_memory_allocation_mb", "proxy_enable_http2", "enable_unproxied_port_mappings",
       "envoy_config_refresh_delay", "envoy_config_reload_duration", "envoy_drain_timeout"},
      "there is no proxy beside an instance, its ports are mapped as they are");
  table->Ignored({"enable_healthcheck_metrics"}, "failed liveness checks are always counted");
  table->Ignored({"server_cert_file", "server_key_file", "bbs_ca_cert_file", "bbs_client_cert_file",
                  "bbs_client_key_file"},
                 "cert_file and key_file serve both ways");
  table->Ignored({"read_work_pool_size", "metrics_work_pool_size", "temp_dir"}, "not needed here");
  table->Ignored(
      {"consul_cluster", "enable_consul_service_registration", "cell_registrations_locket_enabled"},
      "there is no Consul");
  table->Ignored(config::CommonIgnoredKeys(), "not needed here");
}

void CheckTogether(const C& c, config::Faults& faults) {
  if (const auto parsed = ParsePreloadedRootFs(c.preloaded_root_fs); !parsed.ok()) {
    faults.Add("preloaded_root_fs", std::string(parsed.status().message()));
  }
  const auto known = [&](const char* key, const config::Address& address) {
    if (address.port == 0) {
      faults.Add(key, "has port 0; others must know it: give one above zero");
    }
  };
  known("grpc_listen_address", c.grpc_listen_address);
  known("listen_addr_securable", c.listen_addr_securable);
  if (c.work_dir.empty() || c.work_dir[0] != '/') {
    faults.Add("work_dir", "is not an absolute path");
  }
  if (c.first_host_port + c.host_port_count > 65536) {
    faults.Add("host_port_count", "reaches beyond port 65535 from first_host_port on");
  }
  if (c.bridge_name.empty() || c.bridge_name.size() > 15) {
    faults.Add("bridge_name", "has not between 1 and 15 characters");
  }
  if (!c.post_setup_hook.empty() && c.post_setup_user.empty()) {
    faults.Add("post_setup_user", "is empty; say who runs post_setup_hook");
  }
  if (const auto hook = CommandWords(c.post_setup_hook); !hook.ok()) {
    faults.Add("post_setup_hook", std::string(hook.status().message()));
  }
  config::NoteLockTimes(c.lock_ttl, c.lock_retry_interval, faults);
  if (c.lock_ttl < absl::Seconds(1)) faults.Add("lock_ttl", "is shorter than one second");
}

}  // namespace

config::Table<RepConfig> RepConfigTable() {
  config::Table<C> table("rep");
  AddIdentity(&table);
  AddConnections(&table);
  AddCapacity(&table);
  AddMachine(&table);
  AddExecution(&table);
  AddTransfers(&table);
  table.Embed(&C::locket, config::LocketTable());
  table.Embed(&C::peers, config::PeerTable());
  table.Embed(&C::logging, config::LoggingTable());
  table.Check(CheckTogether);
  AddIgnored(&table);
  return table;
}

absl::StatusOr<std::map<std::string, std::string>> ParsePreloadedRootFs(
    const std::vector<std::string>& items) {
  std::map<std::string, std::string> paths;
  for (const std::string& item : items) {
    const size_t colon = item.find(':');
    if (colon == 0 || colon == std::string::npos || colon + 1 == item.size()) {
      return absl::InvalidArgumentError(absl::StrCat("has the item '", item, "'; want stack:path"));
    }
    if (!paths.emplace(item.substr(0, colon), item.substr(colon + 1)).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("names the stack '", item.substr(0, colon), "' twice"));
    }
  }
  return paths;
}

}  // namespace diego::rep
