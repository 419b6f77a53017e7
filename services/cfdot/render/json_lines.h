// JSON of what is no message of package models. Pure functions.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "proto/diego/cell.pb.h"

namespace diego::cfdot {

// A JSON string, as Go's encoder writes it.
std::string JsonString(absl::string_view text);

// What GET /state of the original's rep answers. Source: reference/rep-auctioneer-http-api.md
// "CellState".
std::string CellStateJson(const StateResponse& state);

// {"time_ns":…,"source":…,"error_stream":…,"line":…}.
std::string LogLineJson(const LogsResponse& line);
// "2026-01-02T03:04:05.678Z [APP/OUT] text".
std::string LogLineText(const LogsResponse& line);

}  // namespace diego::cfdot
