#include "services/bbs/engine/term.h"

#include <algorithm>
#include <utility>

#include "services/bbs/core/domain_rules.h"

namespace diego::bbs {

namespace {
// How long a loop waits for work before it looks whether it is to stop.
constexpr absl::Duration kPatience = absl::Milliseconds(100);

// Whether convergence would do something about an ordinary row because its cell is gone.
bool IsCaredFor(const State& state, const ActualLrp& row, absl::Time now) {
  const ProcessGuid& guid = row.key.process_guid;
  if (state.FindDesired(guid) != nullptr) return true;
  // Of an LRP that nobody knows: it goes with its cell, once its domain says that all are known.
  // Until then it may well name a cell that went long ago.
  return !state.IsUnreadable(guid) && IsFresh(state, row.key.domain, now);
}

// The cells for want of which something would be replaced, removed or failed. Not those that only
// suspect rows name: that these are gone is known already.
std::set<CellId> CellsAtWork(const State& state, absl::Time now) {
  std::set<CellId> cells;
  const auto add = [&](const CellId& cell) {
    if (!cell.empty()) cells.insert(cell);
  };
  for (const auto& [index, rows] : state.actual_lrps()) {
    const Record<ActualLrp>& ordinary = rows.ordinary();
    if (ordinary != nullptr && IsCaredFor(state, *ordinary, now)) add(ordinary->instance.cell_id);
    if (rows.evacuating() != nullptr) add(rows.evacuating()->instance.cell_id);
  }
  for (const auto& [guid, task] : state.tasks()) {
    if (task->state == TaskState::kRunning) add(task->cell_id);
  }
  return cells;
}

// Nobody resumes a group stream: of its history only as much is kept as one may fall behind.
EngineSettings GroupSettings(EngineSettings settings) {
  settings.history_events = std::min<size_t>(settings.history_events, 16384);
  return settings;
}

absl::Status NotActive() { return absl::UnavailableError("this BBS is not active"); }
}  // namespace

Term::Term(EngineSettings settings, const TermPorts& ports, uint64_t epoch, uint64_t seed)
    : settings_(settings),
      group_settings_(GroupSettings(settings_)),
      ports_(ports),
      log_(ports.log.Session("term", {{"epoch", epoch}})),
      epoch_(epoch),
      open_group_(settings_.group_calls, settings_.group_changes),
      committed_(settings_.unpublished_groups),
      view_(*ports.clock, confirmation_),
      hub_(settings_, *ports.clock, ports.metrics),
      group_hub_(group_settings_, *ports.clock, ports.metrics),
      sequencer_(settings_, *ports.clock, seed, &open_group_),
      committer_(settings_, *ports.clock, log_, epoch, ports.store, &open_group_, &committed_,
                 &confirmation_, ports.metrics),
      publisher_(&committed_, &hub_, &group_hub_, &view_, ports.after_commit),
      converger_(
          settings_, *ports.clock, log_, *ports.live_cells,
          [this](Call call) { return Submit(std::move(call)); }, ports.metrics) {}

Term::~Term() {
  End(NotActive());
  AnswerRest();
}

absl::Status Term::Load() {
  const absl::Duration asked_at = ports_.clock->Monotonic();
  absl::StatusOr<LoadedState> loaded = ports_.store->Load(epoch_);
  if (!loaded.ok()) return loaded.status();
  State state;
  for (const Change& row : loaded->rows) state.Apply(row);
  for (const ProcessGuid& guid : loaded->unreadable_desired_lrps) state.MarkUnreadable(guid);
  ports_.live_cells->Expect(CellsAtWork(state, ports_.clock->Now()));
  view_.Apply(loaded->rows, loaded->revision);
  hub_.Start(loaded->revision);
  group_hub_.Start(loaded->revision);
  sequencer_.Start(std::move(state));
  // Reading everything may have taken long; the epoch is confirmed anew by the first step.
  committer_.Start(loaded->revision, asked_at);
  converger_.Start();
  log_.Info("term-started", {{"revision", loaded->revision},
                             {"rows", loaded->rows.size()},
                             {"took", ports_.clock->Monotonic() - asked_at}});
  return absl::OkStatus();
}

void Term::StepSequencer(absl::Duration patience) { sequencer_.Step(patience); }

absl::Duration Term::StepCommitter(absl::Duration patience) {
  const absl::StatusOr<absl::Duration> pause = committer_.Step(patience);
  if (pause.ok()) return *pause;
  End(pause.status());
  return kPatience;
}

void Term::StepPublisher(absl::Duration patience) { publisher_.Step(patience); }
void Term::StepHub(absl::Duration patience) {
  hub_.Step(patience);
  group_hub_.Step(absl::ZeroDuration());
}
void Term::StepConverger(absl::Duration patience) { converger_.Step(patience); }

void Term::End(const absl::Status& reason) {
  const bool first = over_.With([&](std::optional<absl::Status>& over) {
    if (over) return false;
    over = reason;
    return true;
  });
  if (!first) return;
  log_.Info("term-ended", {{"reason", reason}});
  confirmation_.Withdraw();
  sequencer_.Close(NotActive());
  open_group_.Close().Refuse(NotActive());
  group_hub_.Close(NotActive());
  hub_.Close(NotActive());
}

void Term::AnswerRest() {
  while (committed_.size() > 0) StepPublisher(absl::ZeroDuration());
  committer_.Close(NotActive());
  while (committed_.size() > 0) StepPublisher(absl::ZeroDuration());
  StepHub(absl::ZeroDuration());
}

std::optional<absl::Status> Term::over() const {
  return over_.With([](const std::optional<absl::Status>& over) { return over; });
}

bool Term::WaitUntilOver(absl::Duration patience) {
  return over_.When([](const std::optional<absl::Status>& over) { return over.has_value(); },
                    patience, [](std::optional<absl::Status>&, bool held) { return held; });
}

RunningTerm::RunningTerm(std::shared_ptr<Term> term) : term_(std::move(term)) {
  const auto run = [this](const char* name, auto step) {
    workers_.push_back(std::make_unique<Worker>(
        name, [term = term_.get(), step] { return term->over() ? kPatience : step(term); }));
  };
  run("sequencer", [](Term* term) {
    term->StepSequencer(kPatience);
    return absl::ZeroDuration();
  });
  run("committer", [](Term* term) { return term->StepCommitter(kPatience); });
  run("converger", [](Term* term) {
    term->StepConverger(kPatience);
    return absl::ZeroDuration();
  });
  // These two go on after the end: what had committed goes out, and subscribers hear why not more.
  for (auto [name, step] :
       {std::pair("publisher", &Term::StepPublisher), std::pair("event-hub", &Term::StepHub)}) {
    workers_.push_back(std::make_unique<Worker>(name, [term = term_.get(), step = step] {
      (term->*step)(kPatience);
      return absl::ZeroDuration();
    }));
  }
}

RunningTerm::~RunningTerm() {
  term_->End(NotActive());
  for (const auto& worker : workers_) worker->Stop();
  term_->AnswerRest();
}

}  // namespace diego::bbs
