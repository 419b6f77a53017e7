// The rep's configuration. Source: reference/config-and-metrics.md "Rep"; keys that are ours say
// so.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/config/address.h"
#include "libs/config/shared_blocks.h"
#include "libs/config/table.h"

namespace diego::rep {

struct RepConfig {
  // Who this cell is.
  std::string cell_id;
  int32_t cell_index = 0;
  std::string zone;
  std::string advertise_domain = "cell.service.cf.internal";
  std::vector<std::string> placement_tags;
  std::vector<std::string> optional_placement_tags;

  // How it talks.
  config::Address listen_addr{"127.0.0.1", 1800};          // /ping and /evacuate; empty = none
  config::Address listen_addr_securable{"0.0.0.0", 1801};  // the original's HTTP and JSON
  config::Address grpc_listen_address{"0.0.0.0", 1802};    // ours: diego.Cell
  std::string external_address;                            // ours: empty = found by itself
  std::string ca_cert_file;
  std::string cert_file;
  std::string key_file;
  config::BbsAddressConfig bbs;
  absl::Duration communication_timeout = absl::Seconds(10);
  absl::Duration polling_interval = absl::Seconds(30);
  absl::Duration evacuation_polling_interval = absl::Seconds(10);
  absl::Duration evacuation_timeout = absl::Seconds(600);
  absl::Duration lock_ttl = absl::Seconds(15);
  absl::Duration lock_retry_interval = absl::Seconds(5);
  bool advertise_preference_for_instance_address = false;

  // What it has.
  std::vector<std::string> preloaded_root_fs;  // stack:path
  std::string memory_mb = "auto";
  std::string disk_mb = "auto";
  int32_t auto_disk_capacity_overhead_mb = 0;
  int32_t max_containers = 250;  // ours: one of them is kept back

  // Where containers are made. All ours.
  std::string work_dir = "/var/vcap/data/rep";
  std::string runc_path = "runc";
  std::string cni_plugin_dir = "/usr/lib/cni";
  std::string bridge_name = "diego0";
  std::string subnet = "10.254.0.0/22";
  int32_t first_host_port = 61001;
  int32_t host_port_count = 4000;
  std::vector<std::string> dns_servers;

  // How they are run.
  absl::Duration reserved_expiration_time = absl::Minutes(1);
  absl::Duration container_reap_interval = absl::Minutes(1);
  absl::Duration graceful_shutdown_interval = absl::Seconds(10);
  absl::Duration healthy_monitoring_interval = absl::Seconds(30);
  absl::Duration unhealthy_monitoring_interval = absl::Seconds(2);
  absl::Duration declarative_healthcheck_default_timeout = absl::Seconds(1);
  int32_t container_max_cpu_shares = 1024;
  int32_t max_log_lines_per_second = 0;
  std::string post_setup_hook;
  std::string post_setup_user;
  std::string trusted_system_certificates_path;
  int32_t create_work_pool_size = 32;
  int32_t delete_work_pool_size = 32;

  // How artifacts are moved.
  std::string cache_path;  // empty = work_dir/cache
  int64_t max_cache_size_in_bytes = 10000000000;
  int32_t max_concurrent_downloads = 5;
  bool skip_cert_verify = false;
  std::string path_to_ca_certs_for_downloads;
  std::string path_to_tls_ca_cert;
  std::string path_to_tls_cert;
  std::string path_to_tls_key;

  config::LocketConfig locket;
  config::PeerConfig peers;
  config::LoggingConfig logging;
};

config::Table<RepConfig> RepConfigTable();

// The items of preloaded_root_fs, name -> path. InvalidArgument names the item at fault.
absl::StatusOr<std::map<std::string, std::string>> ParsePreloadedRootFs(
    const std::vector<std::string>& items);

}  // namespace diego::rep
