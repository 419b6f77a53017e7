// Cells: where they are, and calls to them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/diego/cell.grpc.pb.h"
#include "services/cfdot/session.h"

namespace diego::cfdot {

// With what is said of them as a whole.
absl::StatusOr<models::CellsResponse> FetchCellListing(Session& session);
absl::StatusOr<std::vector<models::CellPresence>> FetchCells(Session& session);
// "Cell not found" otherwise.
absl::StatusOr<models::CellPresence> FetchCell(Session& session, const std::string& cell_id);

// How long a cell may take to answer.
inline constexpr absl::Duration kCellTimeout = absl::Seconds(10);

// Asks the cells for their states, many at a time; the answers stand in the order of `cells`.
std::vector<absl::StatusOr<StateResponse>> FetchStates(
    Session& session, const std::vector<models::CellPresence>& cells);

// What the cell's containers use.
absl::StatusOr<ContainerMetricsResponse> FetchMetrics(Session& session,
                                                      const models::CellPresence& cell);

// Asks the cell to move its work away and end.
absl::Status Evacuate(Session& session, const models::CellPresence& cell);

// Hands log line after log line of a container to `take`. Without a limit of time when following.
absl::Status ReadLogs(Session& session, const models::CellPresence& cell,
                      const LogsRequest& request,
                      const std::function<void(const LogsResponse&)>& take);

}  // namespace diego::cfdot
