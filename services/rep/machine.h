// Machine: everything of the rep that makes and runs containers, built together.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "libs/log/log.h"
#include "services/rep/config.h"
#include "services/rep/containers/event_loop.h"
#include "services/rep/containers/local_executor.h"
#include "services/rep/containers/log_files.h"
#include "services/rep/containers/runc_runtime.h"
#include "services/rep/containers/transfer/http_transfers.h"
#include "services/rep/effects/tee_sink.h"
#include "services/rep/engine/log_store.h"
#include "services/rep/engine/rep_metrics.h"

namespace diego::rep {

class Machine {
 public:
  // Removes what a predecessor left. `logs` and `metrics` outlive the machine.
  static absl::StatusOr<std::unique_ptr<Machine>> Start(const RepConfig& config,
                                                        const std::string& external_address,
                                                        LogStore& logs, RepMetrics& metrics,
                                                        const log::Logger& log);
  // Destroys every container and leaves nothing on the machine.
  ~Machine();

  Executor& executor() { return *executor_; }

 private:
  Machine(const RepConfig& config, LogStore& logs, const log::Logger& log);

  const log::Logger log_;
  // In order of construction; destroyed from the last to the first.
  EventLoop loop_;
  LogFiles log_files_;
  TeeSink sink_;
  std::unique_ptr<RuncRuntime> runtime_;
  std::unique_ptr<HttpTransfers> transfers_;
  std::unique_ptr<LocalExecutor> executor_;
};

}  // namespace diego::rep
