#include "integration/simulation/cluster.h"

#include "absl/strings/str_cat.h"
#include "integration/simulation/rest.h"

namespace diego::simulation {
namespace {

constexpr absl::Duration kStorm = absl::Seconds(120);
// Longer than the longest wait of the rules: a crash back-off, a lost message of theirs included.
constexpr absl::Duration kCalmAtMost = absl::Minutes(12);
// At rest this long, a convergence pass included, everything stays as it is.
constexpr absl::Duration kRest = absl::Seconds(45);
constexpr int kStrikes = 20;
constexpr int kBbsCount = 2;
constexpr int kCellCount = 3;
constexpr int kProcessCount = 3;
constexpr int kCrashesMost = 4;  // an index: more would wait for long

absl::Duration Seconds(World* world, int least, int most) {
  return world->Between(absl::Seconds(least), absl::Seconds(most));
}

}  // namespace

Cluster::Cluster(World* world)
    : world_(world),
      network_(world, &rates_),
      invariants_(world, &database_),
      database_(world, &rates_,
                [this](const std::string&, const bbs::Changes& changes) {
                  invariants_.CheckCommit(changes);
                  operator_->Verify();
                }),
      locket_(world, &network_) {
  std::vector<BbsNode*> bbs;
  for (int i = 1; i <= kBbsCount; ++i) {
    bbs_.push_back(std::make_unique<BbsNode>(
        world, &database_, &locket_, absl::StrCat("bbs-", i),
        [this](const std::string& node, const bbs::Effect& effect) { Act(node, effect); }));
    bbs.push_back(bbs_.back().get());
  }
  CellHooks hooks;
  hooks.may_crash = [this](const ActualLrpKey& key) { return MayCrash(key); };
  hooks.running_ended = [this](const CellId& cell, const ActualLrpKey& key,
                               const InstanceGuid& instance) {
    invariants_.CheckEnded(cell, key, instance);
  };
  for (int i = 1; i <= kCellCount; ++i) {
    cells_.push_back(std::make_unique<Cell>(world, &network_, &locket_, bbs,
                                            CellId(absl::StrCat("cell-", i)),
                                            absl::StrCat("z", i % 2), hooks));
    all_cells_.push_back(cells_.back().get());
  }
  auctioneer_ = std::make_unique<AuctioneerNode>(world, &network_, bbs, all_cells_);
  operator_ = std::make_unique<Operator>(world, &network_, &database_, bbs, kProcessCount);
  emitter_ = std::make_unique<EmitterNode>(world, bbs);
  for (int i = 1; i <= 2; ++i) {
    watchers_.push_back(
        std::make_unique<Watcher>(world, &database_, bbs, absl::StrCat("watcher-", i)));
  }
  locket_.set_on_listed(
      [this](const std::set<CellId>& present) { invariants_.NoteListed(present, all_cells_); });
  Storm();
}

RunReport Cluster::Run(uint64_t most_steps) {
  RunReport report;
  bool going = StepUntil(kStorm, most_steps);
  absl::Duration rested_since = absl::InfiniteDuration();
  if (going) Calm();
  const absl::Duration calm_at = world_->now();
  std::string unsettled = "nothing was looked at";
  while (going && world_->now() - rested_since < kRest) {
    going = StepUntil(world_->now() + absl::Seconds(1), most_steps);
    unsettled = operator_->idle() ? Unsettled(database_.state(), all_cells_, *emitter_)
                                  : "the operator waits";
    if (!unsettled.empty()) {
      if (rested_since != absl::InfiniteDuration()) {
        world_->Note("calm", absl::StrCat("no longer at rest: ", unsettled));
      }
      rested_since = absl::InfiniteDuration();
      if (world_->now() - calm_at > kCalmAtMost) {
        world_->Fail(absl::StrCat("it does not come to rest: ", unsettled));
      }
    } else if (rested_since == absl::InfiniteDuration()) {
      rested_since = world_->now();
      report.settled_after = rested_since - calm_at;
    }
  }
  report.failure = world_->failure().value_or("");
  report.cut_short = report.failure.empty() && !going;
  report.steps = world_->steps();
  report.revisions = database_.revision();
  report.fingerprint = world_->fingerprint();
  for (const auto& watcher : watchers_) {
    report.resumed += watcher->resumed();
    report.resynced += watcher->resynced();
  }
  return report;
}

bool Cluster::StepUntil(absl::Duration time, uint64_t most_steps) {
  while (world_->now() < time) {
    if (world_->steps() >= most_steps || !world_->Step()) return false;
  }
  return true;
}

Cell* Cluster::FindCell(const CellId& id) const {
  for (Cell* cell : all_cells_) {
    if (cell->id() == id) return cell;
  }
  return nullptr;
}

BbsNode* Cluster::FindBbs(const std::string& name) const {
  for (const auto& node : bbs_) {
    if (node->name() == name) return node.get();
  }
  return nullptr;
}

bool Cluster::MayCrash(const ActualLrpKey& key) {
  if (calm_ || !world_->Chance(0.1)) return false;
  return ++crashes_[{key.process_guid, key.index}] <= kCrashesMost;
}

// -- effects --

void Cluster::Act(const std::string& node, const bbs::Effect& effect) {
  if (const auto* lrps = std::get_if<bbs::AuctionLrps>(&effect)) {
    network_.Send(
        node, kAuctioneer, [this, request = lrps->request] { auctioneer_->Request(request); },
        true);
  } else if (const auto* task = std::get_if<bbs::AuctionTask>(&effect)) {
    network_.Send(
        node, kAuctioneer, [this, request = task->request] { auctioneer_->Request(request); },
        true);
  } else if (const auto* stop = std::get_if<bbs::StopInstance>(&effect)) {
    invariants_.CheckStop(stop->key, stop->instance);
    Cell* const cell = FindCell(stop->instance.cell_id);
    network_.Send(
        node, cell->name(), [cell, stop = *stop] { cell->StopLrp(stop.instance); }, true);
  } else if (const auto* cancel = std::get_if<bbs::CancelTaskOnCell>(&effect)) {
    Cell* const cell = FindCell(cancel->cell_id);
    network_.Send(
        node, cell->name(), [cell, guid = cancel->task_guid] { cell->CancelTask(guid); }, true);
  } else if (const auto* callback = std::get_if<bbs::CompleteTaskCallback>(&effect)) {
    CallBack(node, callback->task);
  }
}

// Resolving, the client is called, the task is deleted; any of it may go wrong.
void Cluster::CallBack(const std::string& name, const bbs::Record<Task>& task) {
  BbsNode* const node = FindBbs(name);
  const TaskGuid guid = task->task_guid;
  world_->After(absl::Milliseconds(1), [this, node, guid] {
    node->Handle(bbs::ResolvingTask{guid}, [this, node, guid](const bbs::Reply& reply) {
      if (!reply.status.ok() || world_->Chance(rates_.message_lost)) return;
      world_->After(Seconds(world_, 0, 2), [node, guid] {
        node->Handle(bbs::DeleteTask{guid}, [](const bbs::Reply&) {});
      });
    });
  });
}

// -- faults --

void Cluster::Storm() {
  // Some runs are rougher than others.
  const double roughness = static_cast<double>(world_->Below(4));
  rates_.message_lost = 0.01 * roughness;
  rates_.message_late = 0.02 * roughness;
  rates_.message_repeated = 0.02 * roughness;
  rates_.commit_lost = 0.01 * roughness;
  rates_.commit_unheard = 0.01 * roughness;
  for (int i = 0; i < kStrikes; ++i) {
    world_->After(world_->Between(absl::Seconds(10), kStorm), [this] {
      switch (world_->Below(4)) {
        case 0: return StrikeBbs();
        case 1: return StrikeCell();
        case 2: return StrikeLink();
        default: return StrikeStore();
      }
    });
  }
}

void Cluster::StrikeBbs() {
  BbsNode* const node = bbs_[world_->Below(bbs_.size())].get();
  if (world_->Chance(0.3)) return node->Pause(Seconds(world_, 2, 30));
  node->Kill();
  world_->After(Seconds(world_, 1, 20), [node] { node->Restart(); });
}

void Cluster::StrikeCell() {
  Cell* const cell = all_cells_[world_->Below(all_cells_.size())];
  if (world_->Chance(0.4)) return cell->Evacuate();
  cell->Die();
  world_->After(Seconds(world_, 1, 60), [cell] { cell->Boot(); });
}

void Cluster::StrikeLink() {
  const std::string bbs = bbs_[world_->Below(bbs_.size())]->name();
  const std::string cell = all_cells_[world_->Below(all_cells_.size())]->name();
  const absl::Duration time = Seconds(world_, 3, 40);
  switch (world_->Below(5)) {
    case 0: return network_.Cut(bbs, kLocket, time);
    case 1: return network_.Cut(cell, kLocket, time);
    case 2: return network_.Cut(cell, bbs, time);
    case 3: return network_.Cut(bbs, kAuctioneer, time);
    default: return network_.Cut(cell, kAuctioneer, time);
  }
}

void Cluster::StrikeStore() {
  switch (world_->Below(3)) {
    case 0:
      world_->Note("database", "away");
      database_.SetAway(true);
      return world_->After(Seconds(world_, 0, 20), [this] {
        world_->Note("database", "back");
        database_.SetAway(false);
      });
    case 1:
      locket_.SetAway(true);
      return world_->After(Seconds(world_, 2, 40), [this] { locket_.SetAway(false); });
    default: return auctioneer_->Restart();
  }
}

void Cluster::Calm() {
  world_->Note("calm", "begins");
  calm_ = true;
  rates_ = {};
  network_.MendAll();
  database_.SetAway(false);
  locket_.SetAway(false);
  operator_->Calm();
  for (const auto& node : bbs_) node->Restart();
  for (Cell* cell : all_cells_) {
    if (cell->evacuating()) cell->Die();
    cell->Boot();
  }
}

}  // namespace diego::simulation
