// ContainerHost: everything a cell needs to run containers, built and taken down in order.
//
// Start: event loop, runtime (undoes what a former process left), cache, logs, executor.
// Shutdown: executor, every container, bridge, loop. When the process is killed instead, the next
// Start on the same work directory does that work.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "libs/log/log.h"
#include "services/rep/containers/event_loop.h"
#include "services/rep/containers/local_executor.h"
#include "services/rep/containers/log_files.h"
#include "services/rep/containers/runc_runtime.h"
#include "services/rep/containers/transfer/http_transfers.h"

namespace diego::rep {

struct ContainerHostConfig {
  RuncConfig runtime;
  TransferConfig transfers;  // cache_path may be empty: work_dir/cache
  LogFilesConfig logs;       // dir may be empty: work_dir/logs
  ExecutorConfig executor;
};

// Start and Shutdown from one thread; the parts are thread-safe in between.
class ContainerHost {
 public:
  ContainerHost(ContainerHostConfig config, const Clock& clock, log::Logger logger);
  ~ContainerHost();

  // Subscribe to executor() after this and before the first Reserve.
  absl::Status Start();
  // Kills and removes every container, with all it left on the machine. For an orderly end, delete
  // the containers through the executor first and wait until List is empty.
  absl::Status Shutdown();

  Executor& executor() { return *executor_; }
  Runtime& runtime() { return runtime_; }
  LogFiles& logs() { return logs_; }

 private:
  const ContainerHostConfig config_;
  const log::Logger log_;
  EventLoop loop_;
  RuncRuntime runtime_;
  HttpTransfers transfers_;
  LogFiles logs_;
  std::unique_ptr<LocalExecutor> executor_;
};

}  // namespace diego::rep
