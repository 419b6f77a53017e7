#include "services/bbs/engine/converger.h"

#include <algorithm>
#include <utility>

namespace diego::bbs {

Converger::Converger(const EngineSettings& settings, const Clock& clock, const log::Logger& log,
                     const LiveCells& live_cells, SubmitFunction submit, EngineMetrics* metrics)
    : settings_(settings),
      clock_(clock),
      log_(log.Session("converger")),
      live_cells_(live_cells),
      submit_(std::move(submit)),
      metrics_(metrics) {
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
  if (!answer->status.ok()) log_.Error("slice-failed", answer->status, {{"step", cursor_.step}});
  if (answer->status.ok() && answer->converge_next) {
    cursor_ = *answer->converge_next;
    SubmitSlice();
  } else {
    EndPass();
  }
}

void Converger::BeginPass() {
  in_pass_ = true;
  pass_began_at_ = clock_.Monotonic();
  if (live_cells_.Get().certain() == nullptr) log_.Info("cells-not-certain");
  cursor_ = {};
  SubmitSlice();
}

void Converger::SubmitSlice() {
  Call call;
  const LiveCells::Seen cells = live_cells_.Get();
  call.command = Converge{cells.present, settings_.converge, cursor_,
                          settings_.converge_rows_per_slice, cells.losses_held};
  call.reply = [this](const Reply& reply) { data_.With([&](Data& data) { data.answer = reply; }); };
  if (const absl::Status status = submit_(std::move(call)); !status.ok()) {
    log_.Error("slice-refused", status);
    EndPass();
  }
}

void Converger::EndPass() {
  in_pass_ = false;
  metrics_->ConvergencePassed(clock_.Monotonic() - pass_began_at_);
  Start();
}

}  // namespace diego::bbs
