#include "integration/simulation/bbs_node.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/models/error.h"

namespace diego::simulation {
namespace {

constexpr absl::Duration kBeat = absl::Seconds(1);
constexpr int64_t kLockTtlSeconds = 15;
// A list of cells older than this counts as unknown.
constexpr absl::Duration kCellsGoodFor = absl::Seconds(10);

bbs::EngineSettings Settings() {
  bbs::EngineSettings settings;
  settings.converge_interval = absl::Seconds(10);
  settings.converge_rows_per_slice = 3;  // many slices, with other calls in between
  settings.history_events = 200;         // so that some who resume come too late
  return settings;
}

absl::Status Silence() { return absl::AbortedError("the process was killed"); }

}  // namespace

bool IsSilence(const absl::Status& status) {
  // A refusal of this code says what it is.
  return absl::IsAborted(status) && !IsDiegoError(status, ErrorType::kResourceConflict);
}

bool IsAnswer(const absl::Status& status) {
  return !absl::IsUnavailable(status) && !IsSilence(status);
}

BbsNode::BbsNode(World* world, Database* database, LocketNode* locket, std::string name,
                 OnEffect on_effect)
    : world_(world),
      locket_(locket),
      name_(std::move(name)),
      on_effect_(std::move(on_effect)),
      store_(database, name_) {
  Restart();
}

// The run is over: nobody is left to be told.
BbsNode::~BbsNode() {
  alive_ = false;
  ++life_;
  waiting_.clear();
}

void BbsNode::Kill() {
  if (!alive_) return;
  world_->Note(name_, "killed");
  alive_ = false;
  ++life_;
  // Whatever the process would still say is not heard.
  auto silenced = std::move(waiting_);
  waiting_.clear();
  term_.reset();
  loaded_ = false;
  woken_ = {};
  bbs::Reply aborted;
  aborted.status = Silence();
  for (auto& [id, answer] : silenced) answer(aborted);
}

void BbsNode::Restart() {
  if (alive_) return;
  alive_ = true;
  ++life_;
  owner_ = absl::StrCat(name_, "#", life_);
  paused_until_ = world_->now();
  cells_ = nullptr;
  losses_ = {};
  world_->Note(name_, "started");
  world_->After(world_->Between(absl::ZeroDuration(), kBeat), [this, life = life_] { Beat(life); });
}

void BbsNode::Pause(absl::Duration duration) {
  world_->Note(name_, absl::StrCat("paused for ", absl::FormatDuration(duration)));
  paused_until_ = world_->now() + duration;
}

void BbsNode::Handle(bbs::Command command, Answer<bbs::Reply> reply,
                     std::optional<bbs::RequestIdentity> once) {
  if (!alive_) return;
  if (!Runs()) {  // it lies in a socket's buffer until the process goes on
    world_->After(paused_until_ - world_->now(), [this, life = life_, command = std::move(command),
                                                  reply = std::move(reply), once] {
      if (life == life_) return Handle(command, reply, once);
      bbs::Reply aborted;
      aborted.status = Silence();
      reply(aborted);
    });
    return;
  }
  bbs::Reply inactive;
  inactive.status = absl::UnavailableError("this BBS is not active");
  if (serving() == nullptr) return reply(inactive);
  const uint64_t id = next_call_++;
  waiting_[id] = std::move(reply);
  bbs::Call call;
  call.command = std::move(command);
  call.once = std::move(once);
  call.reply = [this, id, life = life_](const bbs::Reply& answered) {
    if (life != life_) return;
    const auto it = waiting_.find(id);
    if (it == waiting_.end()) return;
    const auto answer = std::move(it->second);
    waiting_.erase(it);
    answer(answered);
  };
  if (const absl::Status status = term_->Submit(std::move(call)); !status.ok()) {
    const auto answer = std::move(waiting_[id]);
    waiting_.erase(id);
    inactive.status = status;
    return answer(inactive);
  }
  Wake(Loop::kSequencer, world_->Between(absl::Microseconds(10), absl::Milliseconds(3)));
}

std::shared_ptr<bbs::Term> BbsNode::serving() {
  return Runs() && term_ != nullptr && loaded_ && !term_->over() ? term_ : nullptr;
}

void BbsNode::Act(std::vector<bbs::Effect> effects, const std::string&) {
  if (!alive_) return;
  for (const bbs::Effect& effect : effects) on_effect_(name_, effect);
}

bbs::LiveCells::Seen BbsNode::Get() const {
  const bool known = world_->now() - cells_read_at_ <= kCellsGoodFor;
  return {known ? cells_ : nullptr, losses_.held()};
}

void BbsNode::Expect(const std::set<CellId>& cells) { losses_ = bbs::Expecting(losses_, cells); }

void BbsNode::Beat(uint64_t life) {
  if (life != life_) return;
  world_->After(kBeat, [this, life] { Beat(life); });
  if (!Runs()) return;
  Campaign();
  ReadCells();
  if (term_ == nullptr || !loaded_) return;
  for (const Loop loop :
       {Loop::kSequencer, Loop::kCommitter, Loop::kPublisher, Loop::kHub, Loop::kConverger}) {
    Wake(loop, world_->Between(absl::ZeroDuration(), absl::Milliseconds(20)));
  }
}

void BbsNode::Campaign() {
  const locket::AcquireLease bid{"bbs", owner_, name_, locket::LeaseType::kLock, kLockTtlSeconds};
  locket_->Acquire(name_, bid,
                   [this, life = life_, owner = owner_](absl::StatusOr<LocketNode::Grant> grant) {
                     if (life != life_ || owner != owner_ || !Runs() || !grant.ok()) return;
                     if (grant->status.ok()) {
                       TakeOffice(grant->token);
                     } else if (term_ != nullptr) {
                       world_->Note(name_, "another holds the lock");
                       LeaveOffice();
                     }
                   });
}

void BbsNode::TakeOffice(uint64_t token) {
  if (term_ != nullptr && term_->epoch() == token) return;
  if (term_ != nullptr) LeaveOffice();
  bbs::TermPorts ports;
  ports.clock = &world_->clock();
  ports.store = &store_;
  ports.after_commit = this;
  ports.live_cells = this;
  ports.metrics = this;
  term_ = std::make_shared<bbs::Term>(Settings(), ports, token, world_->Draw());
  loaded_ = false;
  LoadTerm(token);
}

void BbsNode::LoadTerm(uint64_t epoch) {
  if (term_ == nullptr || term_->epoch() != epoch || loaded_) return;
  if (Runs()) {
    const absl::Status status = term_->Load();
    if (status.ok()) {
      loaded_ = true;
      world_->Note(name_, absl::StrCat("serves, epoch ", epoch));
      Wake(Loop::kCommitter, absl::ZeroDuration());
      return;
    }
    if (absl::IsAborted(status)) return LeaveOffice();
  }
  world_->After(absl::Milliseconds(300), [this, life = life_, epoch] {
    if (life == life_) LoadTerm(epoch);
  });
}

void BbsNode::LeaveOffice() {
  world_->Note(name_, absl::StrCat("leaves office, epoch ", term_->epoch()));
  locket_->Release(name_, {"bbs", owner_});
  owner_ = absl::StrCat(name_, "#", life_, ".", world_->Draw() % 1000000);
  term_->End(absl::UnavailableError("left office"));
  term_->AnswerRest();
  term_.reset();
  loaded_ = false;
  woken_ = {};
}

void BbsNode::ReadCells() {
  locket_->ListCells(name_, [this, life = life_, asked_at = world_->now()](
                                absl::StatusOr<LocketNode::Presences> cells) {
    if (life != life_ || asked_at < cells_read_at_) return;
    if (cells.ok()) cells_read_at_ = asked_at;
    TakeCells(std::move(cells));
  });
}

void BbsNode::TakeCells(absl::StatusOr<LocketNode::Presences> cells) {
  bbs::CellReading reading{world_->now(), std::nullopt};
  if (cells.ok()) {
    cells_ = *cells;
    reading.present = *cells_;
  }
  const bbs::CellLossDecision decision = bbs::Judge(losses_, reading, {});
  losses_ = decision.losses;
  if (decision.act && serving() != nullptr) {
    term_->ConvergeNow();
    Wake(Loop::kConverger, absl::ZeroDuration());
  }
}

void BbsNode::Wake(Loop loop, absl::Duration delay) {
  bool& woken = woken_[static_cast<size_t>(loop)];
  if (woken || term_ == nullptr) return;
  woken = true;
  world_->After(delay, [this, life = life_, epoch = term_->epoch(), loop] {
    if (life != life_ || term_ == nullptr || term_->epoch() != epoch) return;
    woken_[static_cast<size_t>(loop)] = false;
    if (!Runs()) return Wake(loop, paused_until_ - world_->now());
    Run(loop);
  });
}

void BbsNode::Run(Loop loop) {
  if (term_->over()) return LeaveOffice();
  const absl::Duration none = absl::ZeroDuration();
  const auto soon = [this] {
    return world_->Between(absl::Microseconds(10), absl::Milliseconds(3));
  };
  switch (loop) {
    case Loop::kSequencer:
      term_->StepSequencer(none);
      if (term_->waiting_calls() > 0) Wake(Loop::kSequencer, soon());
      return Wake(Loop::kCommitter, soon());
    case Loop::kCommitter: {
      const absl::Duration pause = term_->StepCommitter(none);
      if (term_->over()) return LeaveOffice();
      if (pause > none) Wake(Loop::kCommitter, pause);
      return Wake(Loop::kPublisher, soon());
    }
    case Loop::kPublisher:
      term_->StepPublisher(none);
      Wake(Loop::kHub, soon());
      return Wake(Loop::kConverger, soon());
    case Loop::kHub: return term_->StepHub(none);
    case Loop::kConverger:
      term_->StepConverger(none);
      if (term_->waiting_calls() > 0) Wake(Loop::kSequencer, soon());
      return;
  }
}

}  // namespace diego::simulation
