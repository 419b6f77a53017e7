#include "services/rep/machine.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/clock.h"
#include "libs/base/status_util.h"
#include "libs/http_client/request.h"
#include "services/rep/containers/command_words.h"
#include "services/rep/containers/transfer/ca_pool.h"

namespace diego::rep {
namespace {

RuncConfig RuncConfigOf(const RepConfig& config, std::map<std::string, std::string> images) {
  RuncConfig runc;
  runc.work_dir = config.work_dir;
  runc.runc = config.runc_path;
  runc.network.network_name = config.bridge_name;
  runc.network.bridge = config.bridge_name;
  runc.network.subnet = config.subnet;
  runc.network.plugin_dir = config.cni_plugin_dir;
  runc.images = std::move(images);
  runc.first_host_port = static_cast<uint16_t>(config.first_host_port);
  runc.host_port_count = config.host_port_count;
  runc.dns_servers = config.dns_servers;
  return runc;
}

TransferConfig TransferConfigOf(const RepConfig& config) {
  TransferConfig transfers;
  transfers.cache_path =
      config.cache_path.empty() ? absl::StrCat(config.work_dir, "/cache") : config.cache_path;
  transfers.max_cache_size_in_bytes = static_cast<uint64_t>(config.max_cache_size_in_bytes);
  transfers.max_concurrent_downloads = config.max_concurrent_downloads;
  transfers.http.skip_cert_verify = config.skip_cert_verify;
  transfers.http.ca_certs_file = absl::StrCat(config.work_dir, "/ca-certs-for-downloads.pem");
  transfers.http.client_cert_file = config.path_to_tls_cert;
  transfers.http.client_key_file = config.path_to_tls_key;
  return transfers;
}

ExecutorConfig ExecutorConfigOf(const RepConfig& config, const std::string& external_address) {
  ExecutorConfig executor;
  executor.cell_id = config.cell_id;
  executor.external_ip = external_address;
  executor.reserved_expiration_time = config.reserved_expiration_time;
  executor.container_reap_interval = config.container_reap_interval;
  executor.graceful_shutdown_interval = config.graceful_shutdown_interval;
  executor.healthy_monitoring_interval = config.healthy_monitoring_interval;
  executor.unhealthy_monitoring_interval = config.unhealthy_monitoring_interval;
  executor.declarative_healthcheck_default_timeout = config.declarative_healthcheck_default_timeout;
  executor.container_max_cpu_shares = static_cast<uint64_t>(config.container_max_cpu_shares);
  executor.max_log_lines_per_second = config.max_log_lines_per_second;
  executor.post_setup_hook = CommandWords(config.post_setup_hook).value();  // checked when read
  executor.post_setup_user = config.post_setup_user;
  executor.trusted_system_certificates_path = config.trusted_system_certificates_path;
  executor.create_work_pool_size = config.create_work_pool_size;
  executor.delete_work_pool_size = config.delete_work_pool_size;
  return executor;
}

}  // namespace

Machine::Machine(const RepConfig& config, LogStore& logs, const log::Logger& log)
    : log_(log),
      loop_(RealClock()),
      log_files_({.dir = absl::StrCat(config.work_dir, "/logs")}),
      sink_(log_files_, logs) {}

absl::StatusOr<std::unique_ptr<Machine>> Machine::Start(const RepConfig& config,
                                                        const std::string& external_address,
                                                        LogStore& logs, RepMetrics& metrics,
                                                        const log::Logger& log) {
  DIEGO_ASSIGN_OR_RETURN(auto images, ParsePreloadedRootFs(config.preloaded_root_fs));
  std::unique_ptr<Machine> machine(new Machine(config, logs, log));
  machine->loop_.Start();
  auto runtime = std::make_unique<RuncRuntime>(RuncConfigOf(config, std::move(images)),
                                               machine->loop_, log.Session("runtime"));
  if (absl::Status status = runtime->Start(); !status.ok()) {
    return Annotate(status, "preparing to make containers");
  }
  machine->runtime_ = std::move(runtime);
  if (absl::Status status = machine->log_files_.Start(); !status.ok()) {
    return Annotate(status, "making the directory of app logs");
  }
  TransferConfig transfers = TransferConfigOf(config);
  if (absl::Status status =
          WriteCaPool(http_client::SystemCaFile(),
                      {config.path_to_tls_ca_cert, config.path_to_ca_certs_for_downloads},
                      transfers.http.ca_certs_file);
      !status.ok()) {
    return Annotate(status, "gathering the CAs for downloads");
  }
  machine->transfers_ = std::make_unique<HttpTransfers>(std::move(transfers), *machine->runtime_);
  if (absl::Status status = machine->transfers_->Start(); !status.ok()) {
    return Annotate(status, "emptying the download cache");
  }
  ExecutorConfig executor = ExecutorConfigOf(config, external_address);
  executor.on_liveness_check_failed = [&metrics](HealthCheck::Kind kind) {
    metrics.LivenessCheckFailed(kind);
  };
  machine->executor_ = std::make_unique<LocalExecutor>(std::move(executor), machine->loop_,
                                                       *machine->runtime_, *machine->transfers_,
                                                       machine->sink_, log.Session("executor"));
  return machine;
}

Machine::~Machine() {
  executor_.reset();
  transfers_.reset();
  if (runtime_) {
    if (const absl::Status status = runtime_->Shutdown(); !status.ok()) {
      log_.Error("failed-to-cleanup-all-containers", status);
    }
  }
  runtime_.reset();
}

}  // namespace diego::rep
