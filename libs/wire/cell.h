// CellPresence <-> models.CellPresence. Pure functions. Its JSON form (as kept in Locket) is
// libs/wire/json.h over the message. Source: reference/wire-models.md "Cells and domains".
#pragma once

#include "libs/models/cell.h"
#include "proto/models/cells.pb.h"

namespace diego::wire {

// Capacities beyond 2^31-1 are written as 2^31-1: the message has no room for more.
models::CellPresence ToProto(const CellPresence& cell);
CellPresence FromProto(const models::CellPresence& proto);

}  // namespace diego::wire
