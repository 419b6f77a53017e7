#include "absl/strings/ascii.h"
#include "libs/wire/validate_parts.h"

namespace diego::wire {
namespace {

// An action inside another: required.
template <typename Owner>
void CheckInner(const Owner& owner, FaultList* faults) {
  if (!owner.has_action()) {
    faults->Field("action");
  } else {
    CheckAction(owner.action(), faults);
  }
}

template <typename Owner>
void CheckList(const Owner& owner, FaultList* faults) {
  if (owner.actions().empty()) faults->Field("actions");
  for (const models::Action& action : owner.actions()) CheckAction(action, faults);
}

int MembersOf(const models::Action& action) {
  return action.has_download_action() + action.has_upload_action() + action.has_run_action() +
         action.has_timeout_action() + action.has_emit_progress_action() + action.has_try_action() +
         action.has_parallel_action() + action.has_serial_action() +
         action.has_codependent_action();
}

}  // namespace

void CheckChecksum(absl::string_view algorithm, absl::string_view value, FaultList* faults) {
  if (algorithm.empty() && value.empty()) return;
  if (algorithm.empty()) return faults->Field("checksum algorithm");
  if (value.empty()) return faults->Field("checksum value");
  const std::string name = absl::AsciiStrToLower(algorithm);
  if (name != "md5" && name != "sha1" && name != "sha256") faults->Field("invalid algorithm");
}

void CheckAction(const models::Action& action, FaultList* faults) {
  if (MembersOf(action) != 1) return faults->Field("inner-action");
  if (action.has_download_action()) {
    const models::DownloadAction& download = action.download_action();
    CheckSet("from", download.from(), faults);
    CheckSet("to", download.to(), faults);
    CheckSet("user", download.user(), faults);
    CheckChecksum(download.checksum_algorithm(), download.checksum_value(), faults);
  } else if (action.has_upload_action()) {
    CheckSet("to", action.upload_action().to(), faults);
    CheckSet("from", action.upload_action().from(), faults);
    CheckSet("user", action.upload_action().user(), faults);
  } else if (action.has_run_action()) {
    CheckSet("path", action.run_action().path(), faults);
    CheckSet("user", action.run_action().user(), faults);
  } else if (action.has_timeout_action()) {
    CheckInner(action.timeout_action(), faults);
    if (action.timeout_action().timeout_ms() <= 0) faults->Field("timeout_ms");
  } else if (action.has_emit_progress_action()) {
    CheckInner(action.emit_progress_action(), faults);
  } else if (action.has_try_action()) {
    CheckInner(action.try_action(), faults);
  } else if (action.has_parallel_action()) {
    CheckList(action.parallel_action(), faults);
  } else if (action.has_serial_action()) {
    CheckList(action.serial_action(), faults);
  } else {
    CheckList(action.codependent_action(), faults);
  }
}

}  // namespace diego::wire
