// CellClient: talks to the reps of any number of cells, without a thread a cell: to ours on gRPC,
// to those of the original in their HTTP and JSON.
// Source: reference/rep-auctioneer-http-api.md.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/models/cell_state.h"
#include "libs/models/cell_usage.h"
#include "libs/rpc/tls_files.h"

namespace diego::clients {

struct CellClientOptions {
  rpc::TlsFiles tls = {};
  // The name that cells' certificates must carry; default: the host dialled.
  std::string server_name = {};
  absl::Duration timeout = absl::Seconds(10);        // of each call
  absl::Duration state_timeout = absl::Seconds(10);  // of State
  absl::Duration keepalive_time = absl::Seconds(10);
  absl::Duration keepalive_timeout = absl::Seconds(22);
  // Connections unused for so long are closed.
  absl::Duration idle_timeout = absl::Minutes(10);
};

struct LogLine {
  absl::Time time;
  std::string source;  // APP, HEALTH, CELL…
  bool error_stream = false;
  std::string text;
};

struct LogRequest {
  std::string container_guid;  // the instance guid of an LRP, or the task guid
  int32_t tail_lines = 0;      // how many of the last lines come first; 0 = all that are kept
  bool follow = false;
};

// Thread-safe. `address` is what CellAddressOf says of the cell's presence: "host:port" of its
// diego.Cell, or "https://host:port" of a rep of the original. Callbacks run exactly once, on a
// thread that they must not block.
class CellClient {
 public:
  using Done = std::function<void(absl::Status)>;

  // InvalidArgument for the TLS files.
  static absl::StatusOr<std::unique_ptr<CellClient>> Create(const CellClientOptions& options);
  // Cancels the calls in progress and waits for their callbacks.
  ~CellClient();

  void State(const std::string& address, std::function<void(absl::StatusOr<CellState>)> done);
  // Answers with the part of the work that the cell hands back.
  void PerformWork(const std::string& address, const Work& work,
                   std::function<void(absl::StatusOr<Work>)> done);
  // The next three go on with the trace id of the request that they come of, if any.
  void StopLrp(const std::string& address, const ActualLrpKey& key, const InstanceKey& instance,
               Done done, const std::string& trace_id = "");
  void UpdateLrp(const std::string& address, const LrpInstanceUpdate& update, Done done,
                 const std::string& trace_id = "");
  void CancelTask(const std::string& address, const TaskGuid& task_guid, Done done,
                  const std::string& trace_id = "");

  // The same, waiting for the answer.
  absl::StatusOr<CellState> State(const std::string& address);
  absl::StatusOr<Work> PerformWork(const std::string& address, const Work& work);
  absl::Status StopLrp(const std::string& address, const ActualLrpKey& key,
                       const InstanceKey& instance);
  absl::Status UpdateLrp(const std::string& address, const LrpInstanceUpdate& update);
  absl::Status CancelTask(const std::string& address, const TaskGuid& task_guid);
  absl::StatusOr<std::vector<ContainerUse>> Metrics(const std::string& address);

  // Hands line after line to `take` until it returns false, or the stream ends. A followed stream
  // has no deadline. Unimplemented at reps of the original, which keep no logs.
  absl::Status Logs(const std::string& address, const LogRequest& request,
                    const std::function<bool(const LogLine&)>& take);

 private:
  struct Impl;
  explicit CellClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace diego::clients
