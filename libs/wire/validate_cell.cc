#include "absl/strings/match.h"
#include "libs/wire/validate.h"
#include "libs/wire/validate_parts.h"

namespace diego::wire {

absl::Status Validate(const models::UpsertDomainRequest& request) {
  FaultList faults;
  CheckSet("domain", request.domain(), &faults);
  CheckWidth("domain", request.domain(), kNameLimitCharacters, &faults);
  CheckCrashRestartPolicy(request.crash_restart_policy(), &faults);
  return faults.ToStatus();
}

absl::Status Validate(const models::CellPresence& cell) {
  FaultList faults;
  CheckSet("cell_id", cell.cell_id(), &faults);
  CheckSet("rep_address", cell.rep_address(), &faults);
  if (!absl::StartsWith(cell.rep_url(), "http://") &&
      !absl::StartsWith(cell.rep_url(), "https://")) {
    faults.Field("rep_url");
  }
  if (cell.capacity().memory_mb() <= 0) faults.Field("memory_mb");
  if (cell.capacity().disk_mb() < 0) faults.Field("disk_mb");
  if (cell.capacity().containers() <= 0) faults.Field("containers");
  for (const auto& [key, value] : cell.annotations()) {
    if (key.empty() || value.empty()) {
      faults.Field("annotations");
      break;
    }
  }
  return faults.ToStatus();
}

}  // namespace diego::wire
