#include "integration/simulation/cell.h"

#include "absl/strings/str_cat.h"
#include "integration/simulation/definitions.h"
#include "services/rep/core/container_tags.h"
#include "services/rep/engine/container_view.h"

namespace diego::simulation {
namespace {

constexpr absl::Duration kBeat = absl::Milliseconds(150);
constexpr absl::Duration kPresenceInterval = absl::Seconds(5);
constexpr int64_t kPresenceTtlSeconds = 15;
constexpr absl::Duration kEvacuationTimeout = absl::Seconds(60);
constexpr int kStepsAtOnce = 2;  // the rep's threads

bool IsTask(const rep::CellContainer& container) {
  return container.identity.lifecycle == rep::Lifecycle::kTask;
}

}  // namespace

Cell::Cell(World* world, Network* network, LocketNode* locket, std::vector<BbsNode*> bbs,
           const CellId& id, std::string zone, CellHooks hooks)
    : world_(world),
      network_(network),
      locket_(locket),
      bbs_(std::move(bbs)),
      hooks_(std::move(hooks)) {
  facts_.cell_id = id;
  facts_.zone = std::move(zone);
  facts_.stacks = {"linux"};
  facts_.total = {1024, 10240, 20};
  Boot();
}

void Cell::Boot() {
  if (life_ != nullptr) return;
  world_->Note(name(), "boots");
  const auto life = std::make_shared<Life>();
  life->number = ++lives_;
  life_ = life;
  const auto alive = [this, number = life->number] {
    return life_ != nullptr && life_->number == number;
  };
  WatchContainers(life);
  life->records = std::make_unique<CellRecords>(world_, network_, bbs_, id(), alive);
  rep::ReconcileOptions options;
  options.polling_interval = absl::Seconds(10);
  options.evacuation_polling_interval = absl::Seconds(5);
  options.longest_wait = absl::ZeroDuration();
  options.retry.longest_pause = absl::Seconds(10);
  life->loop = std::make_unique<rep::ReconcileLoop>(
      options, rep::CellIdentity{id(), facts_.zone}, *life->executor, *life->records, life->notes,
      world_->clock(), metrics_, log::Logger::Discard());
  life->cell = std::make_unique<rep::Cell>(facts_, *life->executor, life->notes, *life->loop,
                                           world_->Draw(), metrics_, log::Logger::Discard());
  rep::EvacuationOptions evacuation;
  evacuation.timeout = kEvacuationTimeout;
  life->evacuation = std::make_unique<rep::Evacuation>(
      evacuation, id(), *life->cell, *life->executor, *life->records, world_->clock(), metrics_,
      log::Logger::Discard(),
      [this, number = life->number](bool complete) { EndEvacuation(number, complete); });
  life->executor->Subscribe([loop = life->loop.get()](const rep::ContainerEvent& event) {
    loop->OnContainerEvent(event);
  });
  KeepPresence(life);
  Soon(life, kBeat, [this](const LifePointer& same) { Beat(same); });
  Soon(life, world_->Between(absl::ZeroDuration(), absl::Seconds(5)),
       [this](const LifePointer& same) { BulkBeat(same); });
}

void Cell::WatchContainers(const LifePointer& life) {
  SimulatedExecutor::Hooks hooks;
  hooks.after = [this, weak = std::weak_ptr(life)](absl::Duration delay,
                                                   std::function<void()> what) {
    Soon(weak.lock(), delay, [what = std::move(what)](const LifePointer&) { what(); });
  };
  hooks.note = [this](const std::string& what) { world_->Note(name(), what); };
  hooks.running_deleted = [this, weak = std::weak_ptr(life)](const rep::Container& container) {
    const auto view = rep::ViewOf(container);
    const LifePointer same = weak.lock();
    // While it evacuates, containers go by another table; and the dead delete nothing.
    if (!view.ok() || IsTask(*view) || same != life_ || same->cell->evacuating()) return;
    hooks_.running_ended(id(), view->identity.lrp, InstanceGuid(container.guid));
  };
  hooks.running_stopped = hooks.running_deleted;
  hooks.comes_up = [](const rep::Container& container) {
    return ComesUp(rep::DefinitionIdOf(container));
  };
  hooks.ends = [this](const rep::Container& container) {
    const auto view = rep::ViewOf(container);
    return !view.ok() || IsTask(*view) || hooks_.may_crash(view->identity.lrp);
  };
  life->executor = std::make_unique<SimulatedExecutor>(world_, name(), std::move(hooks));
}

void Cell::Die() {
  if (life_ == nullptr) return;
  world_->Note(name(), absl::StrCat("dies with ", container_count(), " containers"));
  life_ = nullptr;
}

void Cell::Soon(const LifePointer& life, absl::Duration delay,
                std::function<void(const LifePointer&)> what) {
  world_->After(delay, [this, weak = std::weak_ptr(life), what = std::move(what)] {
    const LifePointer same = weak.lock();
    if (same != nullptr && same == life_) what(same);
  });
}

void Cell::KeepPresence(const LifePointer& life) {
  locket_->Acquire(name(),
                   {name(), absl::StrCat(name(), "#", life->number), facts_.zone,
                    locket::LeaseType::kPresence, kPresenceTtlSeconds},
                   [](absl::StatusOr<LocketNode::Grant>) {});
  Soon(life, kPresenceInterval, [this](const LifePointer& same) { KeepPresence(same); });
}

// The rep's threads: a step may block while another begins.
void Cell::Beat(const LifePointer& life) {
  Soon(life, kBeat, [this](const LifePointer& same) { Beat(same); });
  if (life->loop->idle() || life->steps_under_way >= kStepsAtOnce) return;
  ++life->steps_under_way;
  life->loop->Step();
  --life->steps_under_way;
}

void Cell::BulkBeat(const LifePointer& life) {
  const absl::Duration wait = life->loop->BulkStep();
  Soon(life, wait, [this](const LifePointer& same) { BulkBeat(same); });
}

// -- calls that arrive --

void Cell::AnswerState(Answer<CellState> answer) {
  if (life_ != nullptr) answer(life_->cell->State());
}

void Cell::Perform(const Work& work, Answer<Work> rejected) {
  if (life_ == nullptr) return;
  const auto handed_back = life_->cell->Perform(work);
  if (!handed_back.ok()) return world_->Fail(std::string(handed_back.status().message()));
  rejected(*handed_back);
}

void Cell::StopLrp(const InstanceKey& instance) {
  // NotFound is fine: it has gone by itself.
  if (life_ != nullptr) life_->cell->StopLrp(instance.instance_guid).IgnoreError();
}

void Cell::CancelTask(const TaskGuid& guid) {
  if (life_ != nullptr) life_->cell->CancelTask(guid).IgnoreError();
}

std::vector<RunningInstance> Cell::Running() const {
  std::vector<RunningInstance> running;
  if (life_ == nullptr) return running;
  for (const rep::CellContainer& container : rep::ViewOf(life_->executor->List())) {
    const rep::ContainerIdentity& identity = container.identity;
    if (!IsTask(container) && container.phase == rep::ContainerPhase::kRunning) {
      running.push_back(
          {identity.lrp, {InstanceGuid(identity.guid), id()}, identity.definition_id});
    }
  }
  return running;
}

size_t Cell::container_count() const {
  return life_ == nullptr ? 0 : life_->executor->List().size();
}

// -- evacuation --

void Cell::Evacuate() {
  const LifePointer life = life_;  // of its own: it may end while a call blocks
  if (life == nullptr || evacuating()) return;
  world_->Note(name(), "evacuates");
  life->cell->BeginEvacuation();
  EvacuationBeat(life);
}

void Cell::EvacuationBeat(const LifePointer& life) {
  const absl::Duration wait = life->evacuation->Step();
  if (life == life_) Soon(life, wait, [this](const LifePointer& same) { EvacuationBeat(same); });
}

void Cell::EndEvacuation(uint64_t life, bool complete) {
  if (life_ == nullptr || life_->number != life) return;
  if (!complete) world_->Note(name(), "reached its evacuation timeout");
  locket_->Release(name(), {name(), absl::StrCat(name(), "#", life)});
  Die();
}

}  // namespace diego::simulation
