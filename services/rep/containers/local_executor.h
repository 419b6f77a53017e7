// LocalExecutor: runs containers on this machine through a Runtime.
//
// The life of a container is driven on the event loop's thread; what blocks (making, starting,
// removing) is done by bounded pools. Source: reference/behaviours.md section 10.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "libs/log/log.h"
#include "libs/sync/guarded.h"
#include "services/rep/containers/event_loop.h"
#include "services/rep/containers/executor.h"
#include "services/rep/containers/log_sink.h"
#include "services/rep/containers/steps/make_step.h"
#include "services/rep/containers/transfer/transfers.h"
#include "services/rep/containers/work_pool.h"

namespace diego::rep {

struct ExecutorConfig {
  std::string cell_id;
  std::string external_ip;
  absl::Duration reserved_expiration_time = absl::Minutes(1);
  absl::Duration container_reap_interval = absl::Minutes(1);
  absl::Duration graceful_shutdown_interval = absl::Seconds(10);
  absl::Duration healthy_monitoring_interval = absl::Seconds(30);
  absl::Duration unhealthy_monitoring_interval = absl::Seconds(2);
  absl::Duration declarative_healthcheck_default_timeout = absl::Seconds(1);
  uint64_t container_max_cpu_shares = 1024;
  int64_t max_log_lines_per_second = 0;      // 0 = off
  std::vector<std::string> post_setup_hook;  // words of a command; empty = none
  std::string post_setup_user;
  std::string trusted_system_certificates_path;  // on the host; empty = none
  // A check of a running instance failed. On the loop's thread, not to block; may be empty.
  std::function<void(HealthCheck::Kind)> on_liveness_check_failed;
  // Threads; each may be running one runc.
  int create_work_pool_size = 8;
  int delete_work_pool_size = 8;
  int process_work_pool_size = 8;
};

// The references outlive this object; the loop may run on after it.
class LocalExecutor final : public Executor {
 public:
  LocalExecutor(ExecutorConfig config, EventLoop& loop, Runtime& runtime, Transfers& transfers,
                LogSink& sink, log::Logger logger);
  // Leaves containers to the runtime.
  ~LocalExecutor() override;

  absl::Status Reserve(const Reservation& reservation) override;
  absl::Status Run(const std::string& guid, RunSpec spec) override;
  absl::Status Stop(const std::string& guid) override;
  absl::Status Delete(const std::string& guid) override;
  absl::StatusOr<Container> Get(const std::string& guid) const override;
  std::vector<Container> List() const override;
  absl::StatusOr<ContainerMetrics> Metrics(const std::string& guid) const override;
  absl::StatusOr<std::string> ReadFile(const std::string& guid, const std::string& path,
                                       size_t most_bytes) const override;
  void LogToApp(const std::string& guid, absl::string_view text) override;
  void Subscribe(std::function<void(const ContainerEvent&)> on_event) override;

 private:
  // What the loop's thread knows of a container beyond its public record.
  struct Job {
    std::string guid;
    RunSpec spec;
    std::shared_ptr<AppLog> log;  // from initializing on
    StepPtr step;
    EventLoop::TimerId expiry = 0;
    bool stop_requested = false;
    bool delete_requested = false;
    bool made = false;    // the runtime has, or may have, something of it
    bool making = false;  // a pool is at it
    bool destroying = false;
    bool completed = false;
    std::vector<std::string> expanded;  // directories held in the cache
  };
  using JobPtr = std::shared_ptr<Job>;
  // What making a container gave.
  struct Made {
    absl::StatusOr<NetworkInfo> network;
    std::string failure_reason;
    std::vector<std::string> expanded;
  };

  // Runs `work` on the loop unless this object is gone by then.
  void OnLoop(std::function<void()> work);
  JobPtr FindJob(const std::string& guid) const;
  absl::Status RequireKnown(const std::string& guid) const;
  Container Change(const std::string& guid, const std::function<void(Container&)>& change);
  void Emit(ContainerEventKind kind, const Container& container);
  void Say(const Job& job, const std::string& words_before, const std::string& words_after = "");

  void BeginReserved(const std::string& guid);
  void BeginRun(const JobPtr& job);
  Made Make(const Job& job, const ContainerSpec& base) const;
  ContainerSpec SpecFor(const Job& job, const Container& container) const;
  void OnMade(const JobPtr& job, Made made);
  StepPtr BuildSteps(const JobPtr& job, const StepContextPtr& context);
  StepPtr BuildHealth(const JobPtr& job, const StepContextPtr& context);
  StepContextPtr ContextFor(const Job& job, const NetworkInfo& network);
  void BecomeRunning(const JobPtr& job);
  void Complete(const JobPtr& job, RunResult result);
  void BeginStop(const JobPtr& job);
  void BeginDestroy(const JobPtr& job);
  void OnDestroyed(const JobPtr& job, const absl::Status& status);
  void Forget(const JobPtr& job);
  void Reap();
  void OnReaped(const std::vector<ContainerInfo>& living);

  const ExecutorConfig config_;
  EventLoop& loop_;
  Runtime& runtime_;
  Transfers& transfers_;
  LogSink& sink_;
  const log::Logger log_;

  Guarded<std::map<std::string, Container>> containers_;

  // Of the loop's thread alone.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::map<std::string, JobPtr> jobs_;
  EventLoop::TimerId reap_timer_ = 0;

  // Written before the first Reserve.
  std::vector<std::function<void(const ContainerEvent&)>> subscribers_;

  WorkPool create_pool_;
  WorkPool delete_pool_;
  WorkPool process_pool_;
};

}  // namespace diego::rep
