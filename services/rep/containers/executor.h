// Executor: the port through which the rep runs work. A container goes
//   reserved -> initializing -> created -> running -> completed
// and every step is told to the subscribers. The real one is local_executor.h on top of a Runtime;
// tests of the rep use a hand-written fake.
//
// It refuses a guid it already has, but does not count memory, disk or containers: that is the
// rep's own ledger. Source: reference/behaviours.md section 10.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/models/resources.h"
#include "services/rep/containers/action.h"
#include "services/rep/containers/runtime.h"

namespace diego::rep {

enum class ContainerState { kReserved, kInitializing, kCreated, kRunning, kCompleted };

// "reserved", "initializing", "created", "running", "completed".
absl::string_view ContainerStateName(ContainerState state);

// How a completed container ended.
struct RunResult {
  bool failed = false;
  bool retryable = false;      // a task is rejected and tried elsewhere instead of failed
  bool stopped = false;        // on purpose, by Stop
  std::string failure_reason;  // cut in the middle to 10000 bytes

  friend bool operator==(const RunResult&, const RunResult&) = default;
};

// A native check by the cell against the container's address. Exactly one kind.
struct HealthCheck {
  enum class Kind { kTcp, kHttp };
  Kind kind = Kind::kTcp;
  uint16_t port = 0;
  std::string path = "/";                          // HTTP only
  absl::Duration timeout = absl::Seconds(1);       // <= 0 = the cell's default
  absl::Duration interval = absl::ZeroDuration();  // <= 0 = the cell's healthy_monitoring_interval
};

struct CheckDefinition {
  std::vector<HealthCheck> checks;  // all must pass
  std::string log_source;           // of the reason why one failed; empty = HEALTH
};

// An archive fetched and expanded on the host, mounted read-only.
struct CachedDependency {
  std::string name;
  std::string from;  // URL
  std::string to;    // directory in the container
  std::string cache_key;
  std::string log_source;
  std::string checksum_algorithm;
  std::string checksum_value;
};

inline constexpr char kSourceIdTag[] = "source_id";

// Which app lines belong to, and how they are marked.
struct LogConfig {
  // What lines and metrics are filed under.
  const std::string& source_id() const {
    const auto tag = tags.find(kSourceIdTag);
    return tag == tags.end() ? guid : tag->second;
  }

  std::string guid;    // default source_id
  int32_t index = 0;   // default instance_id
  std::string source;  // empty = LOG
  std::map<std::string, std::string> tags;
  int64_t bytes_per_second = -1;  // -1 = unlimited, 0 = nothing is logged
};

// Everything a container needs to be run. The executor adds the CF_INSTANCE_… variables itself;
// `env` begins with INSTANCE_GUID and so on when they are wanted (LrpEnvironment, environment.h).
struct RunSpec {
  std::string root_fs;
  Environment env;
  ActionPtr setup;                        // null = none
  ActionPtr action;                       // required
  ActionPtr monitor;                      // null = none
  std::optional<CheckDefinition> checks;  // instead of `monitor` when it has any
  absl::Duration start_timeout;           // 0 = no limit
  std::vector<uint16_t> ports;
  uint32_t cpu_weight = 0;  // percent of container_max_cpu_shares
  bool privileged = false;
  std::vector<BindMount> mounts;
  std::vector<CachedDependency> cached_dependencies;
  std::string trusted_system_certificates_path;  // in the container; empty = none
  LogConfig log;
};

struct Reservation {
  std::string guid;
  WorkloadSize size;
  std::map<std::string, std::string> tags;  // the rep's own; given back with the container
};

struct Container {
  std::string guid;
  std::map<std::string, std::string> tags;
  WorkloadSize size;
  ContainerState state = ContainerState::kReserved;
  absl::Time reserved_at;
  std::string external_ip;  // the cell's
  NetworkInfo network;      // set from `created` on
  std::string log_source;   // set from `initializing` on
  RunResult result;         // meaningful when completed
};

enum class ContainerEventKind { kReserved, kRunning, kComplete };

// "container_reserved", "container_running", "container_complete".
absl::string_view ContainerEventKindName(ContainerEventKind kind);

struct ContainerEvent {
  ContainerEventKind kind = ContainerEventKind::kReserved;
  Container container;  // as it was right after the change
};

// Any thread; no method waits for a container to be made, stopped or removed, except ReadFile.
class Executor {
 public:
  virtual ~Executor() = default;

  // A place for a container that will be run soon: it completes as failed (`expired container`)
  // if it is not. AlreadyExists when the guid is known.
  virtual absl::Status Reserve(const Reservation& reservation) = 0;
  // Begins to make and run a reserved container. NotFound; FailedPrecondition when it is not
  // reserved; InvalidArgument when `spec` cannot be run.
  virtual absl::Status Run(const std::string& guid, RunSpec spec) = 0;
  // Ends the work of a container in order (TERM, after the grace interval KILL). It completes with
  // result.stopped. Repeating is fine. NotFound.
  virtual absl::Status Stop(const std::string& guid) = 0;
  // Ends the work like Stop if it is not over, then removes the container. It stays in List until
  // it is really gone. NotFound.
  virtual absl::Status Delete(const std::string& guid) = 0;

  virtual absl::StatusOr<Container> Get(const std::string& guid) const = 0;
  // In the order of guids.
  virtual std::vector<Container> List() const = 0;
  virtual absl::StatusOr<ContainerMetrics> Metrics(const std::string& guid) const = 0;
  // The first `most_bytes` of a file of a completed or running container; blocks briefly.
  // NotFound, and ResourceExhausted when the file is longer.
  virtual absl::StatusOr<std::string> ReadFile(const std::string& guid, const std::string& path,
                                               size_t most_bytes) const = 0;
  // A line on the app's log from the cell itself, under the app's log source.
  virtual void LogToApp(const std::string& guid, absl::string_view text) = 0;

  // `on_event` is called on the executor's own thread, in order, and must not block or call back
  // into the executor. Subscribe before the first Reserve.
  virtual void Subscribe(std::function<void(const ContainerEvent&)> on_event) = 0;
};

// Largest task result. Source: reference/behaviours.md section 9 "task completed".
inline constexpr size_t kMaxResultFileBytes = 51200;

}  // namespace diego::rep
