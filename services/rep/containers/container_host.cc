#include "services/rep/containers/container_host.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"

namespace diego::rep {
namespace {

ContainerHostConfig WithDefaultPaths(ContainerHostConfig config) {
  if (config.transfers.cache_path.empty()) {
    config.transfers.cache_path = absl::StrCat(config.runtime.work_dir, "/cache");
  }
  if (config.logs.dir.empty()) config.logs.dir = absl::StrCat(config.runtime.work_dir, "/logs");
  return config;
}

}  // namespace

ContainerHost::ContainerHost(ContainerHostConfig config, const Clock& clock, log::Logger logger)
    : config_(WithDefaultPaths(std::move(config))),
      log_(std::move(logger)),
      loop_(clock),
      runtime_(config_.runtime, loop_, log_),
      transfers_(config_.transfers, runtime_),
      logs_(config_.logs) {}

ContainerHost::~ContainerHost() {
  executor_.reset();
  loop_.Stop();
}

absl::Status ContainerHost::Start() {
  loop_.Start();
  absl::Status started = runtime_.Start();
  if (!started.ok()) return Annotate(started, "starting the container runtime");
  started = transfers_.Start();
  if (!started.ok()) return Annotate(started, "preparing the download cache");
  started = logs_.Start();
  if (!started.ok()) return Annotate(started, "preparing the container logs");
  executor_ =
      std::make_unique<LocalExecutor>(config_.executor, loop_, runtime_, transfers_, logs_, log_);
  return absl::OkStatus();
}

absl::Status ContainerHost::Shutdown() {
  executor_.reset();
  const absl::Status gone = runtime_.Shutdown();
  loop_.Stop();
  return gone;
}

}  // namespace diego::rep
