#include "services/rep/containers/local_executor.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"
#include "services/rep/containers/environment.h"
#include "services/rep/containers/rooted_path.h"
#include "services/rep/containers/steps/composite_steps.h"
#include "services/rep/containers/steps/health_probes.h"
#include "services/rep/containers/texts.h"

namespace diego::rep {
namespace {

constexpr size_t kMostWaiting = 10000;
// The least that the kernel takes; 0 would mean its default, which is that of a full weight.
constexpr uint64_t kLeastCpuShares = 2;

absl::Status Unknown(const std::string& guid) {
  return absl::NotFoundError(absl::StrCat("container ", guid, " is not known"));
}

RunResult StoppedBeforeRunning() {
  return {.failed = true,
          .retryable = false,
          .stopped = true,
          .failure_reason = "stopped-before-running"};
}

}  // namespace

LocalExecutor::LocalExecutor(ExecutorConfig config, EventLoop& loop, Runtime& runtime,
                             Transfers& transfers, LogSink& sink, log::Logger logger)
    : config_(std::move(config)),
      loop_(loop),
      runtime_(runtime),
      transfers_(transfers),
      sink_(sink),
      log_(logger.Session("executor")),
      create_pool_("create", config_.create_work_pool_size, kMostWaiting),
      delete_pool_("delete", config_.delete_work_pool_size, kMostWaiting),
      process_pool_("process", config_.process_work_pool_size, kMostWaiting) {
  OnLoop(
      [this] { reap_timer_ = loop_.After(config_.container_reap_interval, [this] { Reap(); }); });
}

LocalExecutor::~LocalExecutor() {
  loop_.RunAndWait([this] {
    *alive_ = false;
    loop_.Cancel(reap_timer_);
    for (const auto& [guid, job] : jobs_) {
      loop_.Cancel(job->expiry);
      // Taken out, as Complete does: the steps hold the job that holds them.
      if (const StepPtr step = std::move(job->step)) step->Cancel();
    }
    jobs_.clear();
  });
}

void LocalExecutor::OnLoop(std::function<void()> work) {
  loop_.Post([alive = alive_, work = std::move(work)] {
    if (*alive) work();
  });
}

LocalExecutor::JobPtr LocalExecutor::FindJob(const std::string& guid) const {
  const auto found = jobs_.find(guid);
  return found == jobs_.end() ? nullptr : found->second;
}

absl::Status LocalExecutor::RequireKnown(const std::string& guid) const {
  return containers_.With(
      [&](const auto& all) { return all.count(guid) > 0 ? absl::OkStatus() : Unknown(guid); });
}

Container LocalExecutor::Change(const std::string& guid,
                                const std::function<void(Container&)>& change) {
  return containers_.With([&](auto& all) {
    Container& container = all[guid];
    change(container);
    return container;
  });
}

void LocalExecutor::Emit(ContainerEventKind kind, const Container& container) {
  log_.Debug("emitting-event", {{"event", ContainerEventKindName(kind)}, {"guid", container.guid}});
  for (const auto& subscriber : subscribers_) subscriber({kind, container});
}

void LocalExecutor::Say(const Job& job, const std::string& words_before,
                        const std::string& words_after) {
  if (job.log == nullptr) return;
  job.log->Write(words_after.empty() ? Stream::kStdout : Stream::kStderr, "",
                 absl::StrCat("Cell ", config_.cell_id, " ", words_before, " instance ", job.guid,
                              words_after));
}

absl::Status LocalExecutor::Reserve(const Reservation& reservation) {
  if (reservation.guid.empty()) {
    return absl::InvalidArgumentError("a container's guid must not be empty");
  }
  Container container;
  container.guid = reservation.guid;
  container.tags = reservation.tags;
  container.size = reservation.size;
  container.reserved_at = loop_.clock().Now();
  container.external_ip = config_.external_ip;
  const bool is_new = containers_.With(
      [&](auto& all) { return all.emplace(reservation.guid, std::move(container)).second; });
  if (!is_new) {
    return absl::AlreadyExistsError(absl::StrCat("container ", reservation.guid, " exists"));
  }
  OnLoop([this, guid = reservation.guid] { BeginReserved(guid); });
  return absl::OkStatus();
}

void LocalExecutor::BeginReserved(const std::string& guid) {
  const auto job = std::make_shared<Job>();
  job->guid = guid;
  jobs_[guid] = job;
  job->expiry = loop_.After(config_.reserved_expiration_time, [this, job] {
    const bool expired = containers_.With(
        [&](auto& all) { return all.at(job->guid).state == ContainerState::kReserved; });
    if (expired) Complete(job, {.failed = true, .failure_reason = "expired container"});
  });
  Emit(ContainerEventKind::kReserved, Change(guid, [](Container&) {}));
}

absl::Status LocalExecutor::Run(const std::string& guid, RunSpec spec) {
  DIEGO_RETURN_IF_ERROR(CheckAction(spec.action));
  if (spec.setup) DIEGO_RETURN_IF_ERROR(CheckAction(spec.setup));
  if (spec.monitor) DIEGO_RETURN_IF_ERROR(CheckAction(spec.monitor));
  const absl::Status allowed = containers_.With([&](auto& all) {
    const auto found = all.find(guid);
    if (found == all.end()) return Unknown(guid);
    if (found->second.state != ContainerState::kReserved) {
      return absl::FailedPreconditionError(absl::StrCat(
          "container ", guid, " is ", ContainerStateName(found->second.state), ", not reserved"));
    }
    found->second.state = ContainerState::kInitializing;
    found->second.log_source = spec.log.source;
    return absl::OkStatus();
  });
  DIEGO_RETURN_IF_ERROR(allowed);
  OnLoop([this, guid, spec = std::move(spec)]() mutable {
    const JobPtr job = FindJob(guid);
    if (job == nullptr) return;
    job->spec = std::move(spec);
    BeginRun(job);
  });
  return absl::OkStatus();
}

ContainerSpec LocalExecutor::SpecFor(const Job& job, const Container& container) const {
  const RunSpec& run = job.spec;
  ContainerSpec spec;
  spec.handle = job.guid;
  spec.root_fs = run.root_fs;
  const bool has_certificates = !run.trusted_system_certificates_path.empty() &&
                                !config_.trusted_system_certificates_path.empty();
  spec.env =
      ContainerEnvironment(run.env, has_certificates ? run.trusted_system_certificates_path : "");
  spec.memory_mb = container.size.memory_mb;
  spec.disk_mb = container.size.disk_mb;
  spec.max_pids = container.size.max_pids;
  spec.cpu_shares =
      std::max(kLeastCpuShares, config_.container_max_cpu_shares * run.cpu_weight / 100);
  spec.ports = run.ports;
  spec.mounts = run.mounts;
  if (has_certificates) {
    spec.mounts.push_back(
        {config_.trusted_system_certificates_path, run.trusted_system_certificates_path, true});
  }
  spec.labels = container.tags;
  spec.privileged = run.privileged;
  return spec;
}

void LocalExecutor::BeginRun(const JobPtr& job) {
  loop_.Cancel(job->expiry);
  job->log = std::make_shared<AppLog>(job->guid, job->spec.log, config_.max_log_lines_per_second,
                                      sink_, loop_.clock());
  if (job->completed) return;
  if (job->stop_requested) return Complete(job, StoppedBeforeRunning());
  Say(*job, "creating container for");
  const Container container = Change(job->guid, [](Container&) {});
  const ContainerSpec spec = SpecFor(*job, container);
  job->making = true;
  job->made = true;
  const bool accepted = create_pool_.TryRun([this, job, spec, alive = alive_] {
    auto made = std::make_shared<Made>(Make(*job, spec));
    loop_.Post([this, job, made, alive] {
      if (*alive) OnMade(job, std::move(*made));
    });
  });
  if (!accepted) {
    OnMade(job, {absl::ResourceExhaustedError("too many containers are being made"), "", {}});
  }
}

// On a pool's thread; `job.spec` does not change while the container is being made.
LocalExecutor::Made LocalExecutor::Make(const Job& job, const ContainerSpec& base) const {
  Made made{NetworkInfo{}, "", {}};
  ContainerSpec spec = base;
  for (const CachedDependency& dependency : job.spec.cached_dependencies) {
    const absl::StatusOr<std::string> dir =
        transfers_.Expand({dependency.from, dependency.cache_key, dependency.checksum_algorithm,
                           dependency.checksum_value});
    if (!dir.ok()) {
      made.network = Annotate(dir.status(), dependency.name);
      made.failure_reason = "failed to download cached artifacts";
      return made;
    }
    made.expanded.push_back(*dir);
    spec.mounts.push_back({*dir, dependency.to, true});
  }
  made.network = runtime_.Create(spec);
  if (!made.network.ok()) {
    made.failure_reason =
        absl::StrCat("failed to create container: ", made.network.status().message());
  }
  return made;
}

void LocalExecutor::OnMade(const JobPtr& job, Made made) {
  job->making = false;
  job->expanded = std::move(made.expanded);
  if (!made.network.ok()) {
    log_.Error("failed-to-create-container", made.network.status(), {{"guid", job->guid}});
    Say(*job, "failed to create container for",
        absl::StrCat(": ", made.network.status().message()));
    if (made.failure_reason.empty()) {
      made.failure_reason =
          absl::StrCat("failed to create container: ", made.network.status().message());
    }
    return Complete(job, {.failed = true,
                          .retryable = true,
                          .stopped = job->stop_requested,
                          .failure_reason = made.failure_reason});
  }
  Say(*job, "successfully created container for");
  if (job->stop_requested) return Complete(job, StoppedBeforeRunning());
  Change(job->guid, [&](Container& container) {
    container.state = ContainerState::kCreated;
    container.network = *made.network;
  });
  job->step = BuildSteps(job, ContextFor(*job, *made.network));
  const StepPtr step = job->step;
  step->Start([this, job, alive = alive_](StepResult result) {
    if (!*alive) return;
    Complete(job, {.failed = !result.ok(),
                   .retryable = false,
                   .stopped = job->stop_requested,
                   .failure_reason = result.reason});
  });
}

StepContextPtr LocalExecutor::ContextFor(const Job& job, const NetworkInfo& network) {
  StepContext context;
  context.container_guid = job.guid;
  context.cell_ip = config_.external_ip;
  context.network = network;
  context.log = job.log;
  context.graceful_shutdown_interval = config_.graceful_shutdown_interval;
  context.runtime = &runtime_;
  context.loop = &loop_;
  context.pool = &process_pool_;
  context.transfers = &transfers_;
  return std::make_shared<const StepContext>(std::move(context));
}

StepPtr LocalExecutor::BuildHealth(const JobPtr& job, const StepContextPtr& context) {
  const RunSpec& spec = job->spec;
  const ProbeOptions options{config_.healthy_monitoring_interval,
                             config_.declarative_healthcheck_default_timeout,
                             config_.on_liveness_check_failed};
  return std::make_shared<HealthStep>(
      context, CheckLogSource(spec),
      HealthTiming{spec.start_timeout, config_.unhealthy_monitoring_interval},
      MakeProbes(context, spec, options), [this, job, alive = alive_] {
        if (*alive) BecomeRunning(job);
      });
}

StepPtr LocalExecutor::BuildSteps(const JobPtr& job, const StepContextPtr& context) {
  const RunSpec& spec = job->spec;
  std::vector<StepPtr> steps;
  if (spec.setup) steps.push_back(MakeStep(context, spec.setup, {}));
  if (!config_.post_setup_hook.empty()) {
    const std::vector<std::string>& words = config_.post_setup_hook;
    RunAction hook;
    hook.path = words.front();
    hook.args.assign(words.begin() + 1, words.end());
    hook.user = config_.post_setup_user;
    hook.suppress_log_output = true;
    steps.push_back(MakeStep(context, MakeAction(std::move(hook)), {}));
  }
  const bool is_monitored = IsMonitored(spec);
  StepOptions options;
  if (!is_monitored) {
    options.on_process_started = [this, job, alive = alive_] {
      if (*alive) BecomeRunning(job);
    };
  }
  StepPtr main = MakeStep(context, spec.action, options);
  if (is_monitored) {
    main = std::make_shared<GroupStep>(GroupStep::Kind::kCodependent,
                                       std::vector<StepPtr>{main, BuildHealth(job, context)});
  }
  steps.push_back(std::move(main));
  return std::make_shared<SerialStep>(std::move(steps));
}

void LocalExecutor::BecomeRunning(const JobPtr& job) {
  bool became = false;
  const Container container = Change(job->guid, [&](Container& changed) {
    became = changed.state == ContainerState::kCreated;
    if (became) changed.state = ContainerState::kRunning;
  });
  if (became) Emit(ContainerEventKind::kRunning, container);
}

void LocalExecutor::Complete(const JobPtr& job, RunResult result) {
  if (std::exchange(job->completed, true)) return;
  loop_.Cancel(job->expiry);
  job->step.reset();
  result.failure_reason = CutMiddle(std::move(result.failure_reason), kMaxFailureReasonBytes);
  log_.Info("container-completed", {{"guid", job->guid},
                                    {"failed", result.failed},
                                    {"stopped", result.stopped},
                                    {"reason", result.failure_reason}});
  const Container container = Change(job->guid, [&](Container& changed) {
    changed.state = ContainerState::kCompleted;
    changed.result = std::move(result);
  });
  Emit(ContainerEventKind::kComplete, container);
  if (job->delete_requested) BeginDestroy(job);
}

absl::Status LocalExecutor::Stop(const std::string& guid) {
  DIEGO_RETURN_IF_ERROR(RequireKnown(guid));
  OnLoop([this, guid] {
    if (const JobPtr job = FindJob(guid)) BeginStop(job);
  });
  return absl::OkStatus();
}

void LocalExecutor::BeginStop(const JobPtr& job) {
  if (std::exchange(job->stop_requested, true) || job->completed) return;
  Say(*job, "stopping");
  if (const StepPtr step = job->step) return step->Cancel();
  // Being made: OnMade sees the request. Not yet asked to run: it is over now.
  const bool is_reserved = Change(job->guid, [](Container&) {}).state == ContainerState::kReserved;
  if (!job->making && is_reserved) Complete(job, StoppedBeforeRunning());
}

absl::Status LocalExecutor::Delete(const std::string& guid) {
  DIEGO_RETURN_IF_ERROR(RequireKnown(guid));
  OnLoop([this, guid] {
    const JobPtr job = FindJob(guid);
    if (job == nullptr) return;
    job->delete_requested = true;
    if (job->completed) return BeginDestroy(job);
    BeginStop(job);
  });
  return absl::OkStatus();
}

void LocalExecutor::BeginDestroy(const JobPtr& job) {
  if (std::exchange(job->destroying, true)) return;
  if (!job->made) return Forget(job);
  Say(*job, "destroying container for");
  const bool accepted = delete_pool_.TryRun([this, job, alive = alive_] {
    const absl::Status status = runtime_.Destroy(job->guid);
    loop_.Post([this, job, status, alive] {
      if (*alive) OnDestroyed(job, status);
    });
  });
  if (!accepted) OnDestroyed(job, absl::ResourceExhaustedError("too many containers are leaving"));
}

void LocalExecutor::OnDestroyed(const JobPtr& job, const absl::Status& status) {
  job->destroying = false;
  if (status.ok()) {
    Say(*job, "successfully destroyed container for");
    return Forget(job);
  }
  log_.Error("failed-to-destroy-container", status, {{"guid", job->guid}});
  Say(*job, "failed to destroy container for");
  job->expiry = loop_.After(config_.container_reap_interval, [this, job] { BeginDestroy(job); });
}

void LocalExecutor::Forget(const JobPtr& job) {
  for (const std::string& dir : job->expanded) transfers_.Release(dir);
  sink_.Close(job->guid);
  jobs_.erase(job->guid);
  containers_.With([&](auto& all) { all.erase(job->guid); });
}

void LocalExecutor::Reap() {
  reap_timer_ = loop_.After(config_.container_reap_interval, [this] { Reap(); });
  delete_pool_.TryRun([this, alive = alive_] {
    auto living = std::make_shared<std::vector<ContainerInfo>>(runtime_.List());
    loop_.Post([this, living, alive] {
      if (*alive) OnReaped(*living);
    });
  });
}

void LocalExecutor::OnReaped(const std::vector<ContainerInfo>& living) {
  std::set<std::string> handles;
  for (const ContainerInfo& container : living) handles.insert(container.handle);
  std::vector<JobPtr> missing;
  for (const auto& [guid, job] : jobs_) {
    if (job->step && handles.count(guid) == 0) missing.push_back(job);
  }
  for (const JobPtr& job : missing) {
    const StepPtr step = job->step;
    Complete(job, {.failed = true, .failure_reason = "missing garden container"});
    step->Cancel();
  }
}

absl::StatusOr<Container> LocalExecutor::Get(const std::string& guid) const {
  return containers_.With([&](const auto& all) -> absl::StatusOr<Container> {
    const auto found = all.find(guid);
    if (found == all.end()) return Unknown(guid);
    return found->second;
  });
}

std::vector<Container> LocalExecutor::List() const {
  return containers_.With([](const auto& all) {
    std::vector<Container> list;
    for (const auto& [guid, container] : all) list.push_back(container);
    return list;
  });
}

absl::StatusOr<ContainerMetrics> LocalExecutor::Metrics(const std::string& guid) const {
  return runtime_.Metrics(guid);
}

absl::StatusOr<std::string> LocalExecutor::ReadFile(const std::string& guid,
                                                    const std::string& path,
                                                    size_t most_bytes) const {
  DIEGO_ASSIGN_OR_RETURN(const std::unique_ptr<FileTree> files, runtime_.Files(guid));
  return ReadFileInRoot(files->root_fd(), path, most_bytes);
}

void LocalExecutor::LogToApp(const std::string& guid, absl::string_view text) {
  OnLoop([this, guid, text = std::string(text)] {
    const JobPtr job = FindJob(guid);
    if (job != nullptr && job->log != nullptr) job->log->Write(Stream::kStdout, "", text);
  });
}

void LocalExecutor::Subscribe(std::function<void(const ContainerEvent&)> on_event) {
  subscribers_.push_back(std::move(on_event));
}

}  // namespace diego::rep
