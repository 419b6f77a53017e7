#include "services/rep/engine/evacuation.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/rep/engine/container_view.h"

namespace diego::rep {
namespace {
// Source: reference/design-notes.md section 6.
constexpr char kTaskTimedOut[] = "timed out during cell evacuation";
}  // namespace

Evacuation::Evacuation(const EvacuationOptions& options, CellId cell_id, Cell& cell,
                       Executor& executor, Records& records, const Clock& clock,
                       RepMetrics& metrics, const log::Logger& log, std::function<void(bool)> ended)
    : options_(options),
      cell_id_(std::move(cell_id)),
      cell_(cell),
      executor_(executor),
      records_(records),
      clock_(clock),
      metrics_(metrics),
      log_(log.Session("running-evacuator")),
      ended_(std::move(ended)) {}

absl::Duration Evacuation::Step() {
  if (over_ || !cell_.evacuating()) return options_.check_interval;
  if (!deadline_) {
    log_.Info("notified-of-evacuation");
    deadline_ = clock_.Monotonic() + options_.timeout;
  }
  const std::vector<Container> left = executor_.List();
  if (left.empty()) {
    End(true);
  } else if (clock_.Monotonic() >= *deadline_) {
    TimeOut(left);
  } else if (std::exchange(told_left_, left.size()) != left.size()) {
    log_.Info("evacuation-incomplete", {{"containers", left.size()}});
  }
  return options_.check_interval;
}

// A BBS that cannot be asked may not know of any of these instances that they want replacing:
// rather than losing them the cell stays until it can.
void Evacuation::TimeOut(const std::vector<Container>& left) {
  const absl::StatusOr<std::vector<ActualLrp>> rows = records_.LrpsOnCell();
  if (!rows.ok()) {
    log_.Error("evacuation-timeout-waits-for-bbs", rows.status(), {{"containers", left.size()}});
    return;
  }
  for (const CellContainer& container : ViewOf(left)) {
    const std::string& guid = container.identity.guid;
    if (container.identity.lifecycle == Lifecycle::kTask) {
      // One that is over already keeps its own end.
      (void)records_.CompleteTask(TaskGuid(guid), true, kTaskTimedOut, "");
    } else {
      executor_.LogToApp(guid, absl::StrCat("Cell ", cell_id_.value(),
                                            " reached evacuation timeout for instance ", guid));
    }
  }
  size_t stranded = 0;
  for (const ActualLrp& row : *rows) {
    if (row.presence != Presence::kEvacuating) continue;
    ++stranded;
    CutOffLrp(row);
  }
  metrics_.Stranded(stranded);
  log_.Error("failed-to-evacuate-before-timeout",
             absl::DeadlineExceededError(
                 absl::StrCat(left.size(), " containers were left, ", stranded,
                              " of them without a replacement that runs; see evacuation_timeout")));
  End(false);
}

void Evacuation::CutOffLrp(const ActualLrp& row) {
  log_.Error("stranded-evacuating-actual-lrp", records_.RemoveEvacuatingLrp(row.key, row.instance),
             {{"process_guid", row.key.process_guid.value()},
              {"index", row.key.index},
              {"instance_guid", row.instance.instance_guid.value()}});
}

void Evacuation::End(bool complete) {
  over_ = true;
  if (complete) log_.Info("evacuation-complete");
  ended_(complete);
}

}  // namespace diego::rep
