#include "libs/models/cell_address.h"

#include "absl/strings/match.h"

namespace diego {

std::string CellAddressOf(const CellPresence& cell) {
  if (!cell.rep_grpc_address.empty()) return cell.rep_grpc_address;
  return IsHttpAddress(cell.rep_url) ? cell.rep_url : "";
}

bool IsHttpAddress(absl::string_view address) {
  return absl::StartsWithIgnoreCase(address, "https://");
}

}  // namespace diego
