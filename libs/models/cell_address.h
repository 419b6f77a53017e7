// Where a cell is called.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "libs/models/cell.h"

namespace diego {

// "host:port" of the cell's diego.Cell, or else, for a cell of the original, its "https://…"; ""
// when it announces neither. Plain http is never spoken with a cell.
std::string CellAddressOf(const CellPresence& cell);
// True for an address of the second kind.
bool IsHttpAddress(absl::string_view address);

}  // namespace diego
