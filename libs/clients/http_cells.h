// HttpCells: the calls of CellClient to reps of the original, in their HTTP and JSON. For
// CellClient, and for those who have no files to make one of. Source:
// reference/rep-auctioneer-http-api.md "Rep: servers", "Rep client".
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/http_client/client.h"
#include "libs/http_client/request.h"
#include "libs/models/cell_state.h"

namespace diego::clients {

struct HttpCellsOptions {
  http_client::Tls tls = {};
  absl::Duration timeout = absl::Seconds(10);        // of each call
  absl::Duration state_timeout = absl::Seconds(10);  // of State
};

// Thread-safe. `url` is the cell's rep_url. Callbacks as those of CellClient; the destructor ends
// all calls with Cancelled.
class HttpCells {
 public:
  using Done = std::function<void(absl::Status)>;

  explicit HttpCells(const HttpCellsOptions& options);

  void State(const std::string& url, std::function<void(absl::StatusOr<CellState>)> done,
             const std::string& trace_id = "");
  void PerformWork(const std::string& url, const Work& work,
                   std::function<void(absl::StatusOr<Work>)> done);
  void StopLrp(const std::string& url, const ActualLrpKey& key, const InstanceKey& instance,
               Done done, const std::string& trace_id);
  void UpdateLrp(const std::string& url, const LrpInstanceUpdate& update, Done done,
                 const std::string& trace_id);
  void CancelTask(const std::string& url, const TaskGuid& task_guid, Done done,
                  const std::string& trace_id);

 private:
  http_client::Request RequestOf(const std::string& method, const std::string& url,
                                 const std::string& path, std::string body = "",
                                 const std::string& trace_id = "") const;
  // For the oldest reps, which know no tags: without them, or not at all.
  void UpdateV1(const std::string& url, const LrpInstanceUpdate& update, Done done,
                const std::string& trace_id);

  const HttpCellsOptions options_;
  http_client::Client http_;
};

}  // namespace diego::clients
