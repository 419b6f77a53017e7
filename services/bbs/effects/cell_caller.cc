#include "services/bbs/effects/cell_caller.h"

#include <utility>

namespace diego::bbs {
namespace {

const CellId& CellOf(const StopInstance& call) { return call.instance.cell_id; }
const CellId& CellOf(const UpdateInstance& call) { return call.update.instance.cell_id; }
const CellId& CellOf(const CancelTaskOnCell& call) { return call.cell_id; }

}  // namespace

CellCaller::CellCaller(const Options& options, const log::Logger& log,
                       const CellDirectory& directory, BeginFunction begin, EffectsMetrics* metrics)
    : options_(options),
      log_(log.Session("cell-caller")),
      directory_(directory),
      begin_(std::move(begin)),
      metrics_(metrics),
      queue_(options.queue_calls) {}

void CellCaller::Call(CellCall call, const std::string& trace_id) {
  Waiting waiting{std::move(call), trace_id};
  if (!queue_.TryPush(waiting)) metrics_->CellCallDropped();
}

void CellCaller::Step(absl::Duration patience) {
  const int room = under_way_.When(
      [this](int under_way) { return under_way < options_.calls_at_once; }, patience,
      [this](int under_way, bool) { return options_.calls_at_once - under_way; });
  if (room <= 0) return;
  for (const Waiting& waiting : queue_.PopSome(static_cast<size_t>(room), patience)) {
    Begin(waiting);
  }
}

void CellCaller::Begin(const Waiting& waiting) {
  const CellId cell_id = std::visit([](const auto& one) { return CellOf(one); }, waiting.call);
  const std::string address = directory_.AddressOf(cell_id);
  if (address.empty()) {
    log_.Debug("cell-not-found", {{"cell_id", cell_id.value()}, {"trace_id", waiting.trace_id}});
    return;
  }
  under_way_.With([](int& under_way) { ++under_way; });
  begin_(address, waiting.call, waiting.trace_id,
         [this, cell_id, waiting](const absl::Status& status) { End(cell_id, waiting, status); });
}

void CellCaller::End(const CellId& cell_id, Waiting waiting, const absl::Status& status) {
  metrics_->CellCallEnded(status.ok());
  if (!status.ok()) {
    ++waiting.attempts;
    const bool stops = std::holds_alternative<StopInstance>(waiting.call);
    const bool again = stops && waiting.attempts < options_.stop_attempts;
    log_.Error(stops && !again ? "retiring-lrp-failed" : "cell-call-failed", status,
               {{"cell_id", cell_id.value()},
                {"trace_id", waiting.trace_id},
                {"attempts", waiting.attempts}});
    if (again && !queue_.TryPush(std::move(waiting))) metrics_->CellCallDropped();
  }
  under_way_.With([](int& under_way) { --under_way; });
}

}  // namespace diego::bbs
