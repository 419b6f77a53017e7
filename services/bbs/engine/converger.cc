#include "services/bbs/engine/converger.h"

#include <algorithm>
#include <utility>

namespace diego::bbs {
namespace {
constexpr int kFirstSliceRows = 128;
constexpr int kLeastSliceRows = 16;
}  // namespace

int NextSliceRows(int rows, absl::Duration took, const EngineSettings& settings) {
  if (took > settings.converge_slice_time) rows = std::max(rows / 2, kLeastSliceRows);
  if (took < settings.converge_slice_time / 4) rows *= 2;
  return std::min(rows, settings.converge_rows_per_slice);
}

Converger::Converger(const EngineSettings& settings, const Clock& clock, const log::Logger& log,
                     const LiveCells& live_cells, SubmitFunction submit, EngineMetrics* metrics)
    : settings_(settings),
      clock_(clock),
      log_(log.Session("converge-lrps")),
      live_cells_(live_cells),
      submit_(std::move(submit)),
      metrics_(metrics),
      slice_rows_(std::min(kFirstSliceRows, settings.converge_rows_per_slice)) {
  Start();
}

void Converger::Start() { next_pass_at_ = clock_.Monotonic() + settings_.converge_interval; }

void Converger::Poke() {
  data_.With([](Data& data) { data.poked = true; });
}

void Converger::Step(absl::Duration patience) {
  if (!in_pass_) {
    const absl::Duration due_in = next_pass_at_ - clock_.Monotonic();
    const bool poked =
        data_.When([](const Data& data) { return data.poked; },
                   std::clamp(due_in, absl::ZeroDuration(), patience),
                   [](Data& data, bool) { return std::exchange(data.poked, false); });
    if (poked || clock_.Monotonic() >= next_pass_at_) BeginPass();
    return;
  }
  const std::optional<Reply> answer =
      data_.When([](const Data& data) { return data.answer.has_value(); }, patience,
                 [](Data& data, bool) { return std::exchange(data.answer, std::nullopt); });
  if (!answer) return;
  TakeAnswer(*answer);
}

void Converger::TakeAnswer(const Reply& answer) {
  if (!answer.status.ok()) {
    log_.Error("slice-failed", answer.status, {{"step", cursor_.step}});
    return EndPass();
  }
  metrics_->ConvergenceSliced(answer.took);
  slice_rows_ = NextSliceRows(slice_rows_, answer.took, settings_);
  if (!answer.stranded.empty()) metrics_->EvacuationsStranded(answer.stranded.size());
  for (const Record<ActualLrp>& lrp : answer.stranded) {
    log_.Info("removing-stranded-evacuating-actual-lrp",
              {{"process_guid", lrp->key.process_guid.value()},
               {"index", lrp->key.index},
               {"instance_guid", lrp->instance.instance_guid.value()},
               {"cell_id", lrp->instance.cell_id.value()}});
  }
  for (const Domain& domain : answer.pruned_domains) {
    log_.Info("pruning-domain", {{"domain", domain.value()}});
  }
  if (answer.converge_next) {
    cursor_ = *answer.converge_next;
    SubmitSlice();
    return;
  }
  if (answer.converge_counts != nullptr) {
    metrics_->ConvergencePassed(clock_.Monotonic() - pass_began_at_, *answer.converge_counts);
  }
  EndPass();
}

void Converger::BeginPass() {
  in_pass_ = true;
  pass_began_at_ = clock_.Monotonic();
  const LiveCells::Seen cells = live_cells_.Get();
  if (cells.certain() == nullptr) log_.Info("cells-not-certain");
  if (cells.present != nullptr && cells.present->empty()) log_.Info("no-cells-found");
  cursor_ = {};
  SubmitSlice();
}

void Converger::SubmitSlice() {
  Call call;
  const LiveCells::Seen cells = live_cells_.Get();
  call.command =
      Converge{cells.present, settings_.converge, cursor_, slice_rows_, cells.losses_held};
  call.reply = [this](const Reply& reply) { data_.With([&](Data& data) { data.answer = reply; }); };
  if (const absl::Status status = submit_(std::move(call)); !status.ok()) {
    log_.Error("slice-refused", status);
    EndPass();
  }
}

void Converger::EndPass() {
  in_pass_ = false;
  Start();
}

}  // namespace diego::bbs
