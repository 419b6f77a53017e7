// The JSON that the original's reps and auctioneers speak. Pure functions, any thread.
// Source: reference/rep-auctioneer-http-api.md.
//
// Written as Go's encoder does: keys in the reference's order and case, empty lists as null where
// the original has a list that was never made. Read as its decoder does: keys in any case, null as
// absent, unknown keys passed over; what is of the wrong type is InvalidJSON that names the place.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/models/cell_state.h"
#include "libs/models/cell_usage.h"

namespace diego::wire {

// GET /state. Lists of LRPs and tasks are [] when empty.
std::string CellStateToJson(const CellState& state);
absl::StatusOr<CellState> CellStateFromJson(absl::string_view text);

// POST /work, and its answer: what is handed back.
std::string WorkToJson(const Work& work);
absl::StatusOr<Work> WorkFromJson(absl::string_view text);

// PUT …/instances/:instance_guid. Internal routes and tags that are to be left alone are null.
enum class UpdateVersion {
  kV1,  // knows no metric_tags
  kV2,
};
std::string LrpUpdateToJson(const LrpInstanceUpdate& update, UpdateVersion version);
absl::StatusOr<LrpInstanceUpdate> LrpUpdateFromJson(absl::string_view text);

// GET /container_metrics.
std::string CellUsageToJson(const CellUsage& usage);

// POST /v1/lrps and /v1/tasks of an auctioneer.
std::string LrpStartsToJson(const std::vector<LrpStartRequest>& requests);
absl::StatusOr<std::vector<LrpStartRequest>> LrpStartsFromJson(absl::string_view text);
std::string TaskStartsToJson(const std::vector<TaskStartRequest>& requests);
absl::StatusOr<std::vector<TaskStartRequest>> TaskStartsFromJson(absl::string_view text);

}  // namespace diego::wire
