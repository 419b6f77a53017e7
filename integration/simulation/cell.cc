#include "integration/simulation/cell.h"

#include "absl/strings/str_cat.h"
#include "libs/models/error.h"

namespace diego::simulation {
namespace {

constexpr absl::Duration kBulkInterval = absl::Seconds(10);
constexpr absl::Duration kPresenceInterval = absl::Seconds(5);
constexpr int64_t kPresenceTtlSeconds = 15;
constexpr absl::Duration kEvacuationTimeout = absl::Seconds(60);

// There was no BBS to decide: the call is tried again later.
bool NobodyAnswered(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsResourceExhausted(status);
}

bool IsOver(rep::ContainerPhase phase) {
  return phase == rep::ContainerPhase::kStopped || phase == rep::ContainerPhase::kCrashed;
}

}  // namespace

Cell::Cell(World* world, Network* network, LocketNode* locket, std::vector<BbsNode*> bbs,
           const CellId& id, std::string zone, CellHooks hooks)
    : world_(world),
      network_(network),
      locket_(locket),
      bbs_(network, std::move(bbs), id.value()),
      id_(id),
      hooks_(std::move(hooks)) {
  facts_.cell_id = id;
  facts_.zone = std::move(zone);
  facts_.stacks = {"linux"};
  facts_.total = {1024, 10240, 20};
  Boot();
}

void Cell::Boot() {
  if (alive_) return;
  alive_ = true;
  evacuating_ = false;
  ++life_;
  world_->Note(name(), "boots");
  Soon(absl::ZeroDuration(), [this] { KeepPresence(); });
  Soon(world_->Between(absl::ZeroDuration(), kBulkInterval), [this] { Bulk(); });
}

void Cell::Die() {
  if (!alive_) return;
  world_->Note(name(), absl::StrCat("dies with ", containers_.size(), " containers"));
  alive_ = false;
  ++life_;
  containers_.clear();
}

void Cell::Evacuate() {
  if (!alive_ || evacuating_) return;
  world_->Note(name(), "evacuates");
  evacuating_ = true;
  for (const auto& [guid, container] : containers_) {
    Soon(absl::ZeroDuration(), [this, guid = guid] { Touch(guid); });
  }
  Soon(kEvacuationTimeout, [this] {
    world_->Note(name(), "reached its evacuation timeout");
    Die();
  });
  Soon(absl::Seconds(5), [this] { EndEvacuationIfEmpty(); });
}

void Cell::EndEvacuationIfEmpty() {
  if (!containers_.empty()) return Soon(absl::Seconds(5), [this] { EndEvacuationIfEmpty(); });
  locket_->Release(name(), {id_.value(), absl::StrCat(id_.value(), "#", life_)});
  Die();
}

void Cell::Soon(absl::Duration delay, std::function<void()> what) {
  world_->After(delay, [this, life = life_, what = std::move(what)] {
    if (life == life_) what();
  });
}

Cell::Container* Cell::Find(const std::string& guid) {
  const auto it = containers_.find(guid);
  return it == containers_.end() ? nullptr : &it->second;
}

void Cell::KeepPresence() {
  locket_->Acquire(name(),
                   {id_.value(), absl::StrCat(id_.value(), "#", life_), facts_.zone,
                    locket::LeaseType::kPresence, kPresenceTtlSeconds},
                   [](absl::StatusOr<LocketNode::Grant>) {});
  Soon(kPresenceInterval, [this] { KeepPresence(); });
}

// -- calls that arrive --

void Cell::AnswerState(Answer<CellState> answer) {
  if (!alive_) return;
  std::vector<rep::CellContainer> containers;
  for (const auto& [guid, container] : containers_) containers.push_back(container.info);
  answer(rep::StateOf(facts_, containers, evacuating_));
}

void Cell::Perform(const Work& work, Answer<Work> rejected) {
  if (!alive_) return;
  std::vector<rep::CellContainer> containers;
  for (const auto& [guid, container] : containers_) containers.push_back(container.info);
  const rep::WorkPlan plan = rep::PlanWork(facts_, containers, evacuating_, work, world_->Draw());
  for (const rep::PlannedReservation& reservation : plan.reservations) {
    Container container;
    container.info.identity = reservation.identity;
    container.info.size = reservation.size;
    const std::string guid = reservation.identity.guid;
    containers_[guid] = container;
    world_->Note(name(), absl::StrCat("reserves ", guid));
    Soon(world_->Between(absl::ZeroDuration(), absl::Milliseconds(5)),
         [this, guid] { Touch(guid); });
  }
  rejected(plan.rejected);
}

void Cell::StopLrp(const ActualLrpKey&, const InstanceKey& instance) {
  if (!alive_) return;
  const std::string guid = instance.instance_guid.value();
  const Container* container = Find(guid);
  if (container != nullptr && !IsOver(container->info.phase)) SetPhase(guid, Phase::kStopped);
}

void Cell::CancelTask(const TaskGuid& guid) {
  if (alive_ && Find(guid.value()) != nullptr) Delete(guid.value(), "the task was cancelled");
}

std::vector<std::pair<ActualLrpKey, InstanceGuid>> Cell::Running() const {
  std::vector<std::pair<ActualLrpKey, InstanceGuid>> running;
  for (const auto& [guid, container] : containers_) {
    if (container.info.identity.lifecycle == rep::Lifecycle::kLrp &&
        container.info.phase == Phase::kRunning) {
      running.emplace_back(container.info.identity.lrp, InstanceGuid(guid));
    }
  }
  return running;
}

// -- the bulk loop --

void Cell::Bulk() {
  Soon(kBulkInterval, [this] { Bulk(); });
  bbs_.ReadCell(id_, [this, life = life_](absl::StatusOr<std::vector<ActualLrp>> rows) {
    if (life != life_ || !rows.ok()) return;
    bbs_.ReadTasksOf(id_, [this, life, rows = *rows](absl::StatusOr<std::vector<Task>> tasks) {
      if (life != life_ || !tasks.ok()) return;
      MendMissing(rows, *tasks);
    });
  });
  std::vector<std::string> guids;
  for (const auto& [guid, container] : containers_) guids.push_back(guid);
  for (const std::string& guid : guids) Touch(guid);
}

// Records that say something is here which is not.
void Cell::MendMissing(const std::vector<ActualLrp>& rows, const std::vector<Task>& tasks) {
  const auto ignore = [](const bbs::Reply&) {};
  for (const ActualLrp& row : rows) {
    if (Find(row.instance.instance_guid.value()) != nullptr) continue;
    const rep::LrpRecord record = rep::MatchLrp({row}, row.instance).record;
    switch (rep::ReconcileLrp(record, Phase::kMissing)) {
      case rep::LrpAction::kRemove:
        bbs_.Call(bbs::RemoveActualLrp{row.key.process_guid, row.key.index, row.instance}, ignore);
        break;
      case rep::LrpAction::kRemoveEvacuating:
        bbs_.Call(bbs::RemoveEvacuatingActualLrp{row.key, row.instance}, ignore);
        break;
      case rep::LrpAction::kCrash:
        bbs_.Call(bbs::CrashActualLrp{row.key, row.instance, "missing container"}, ignore);
        break;
      default: break;
    }
  }
  for (const Task& task : tasks) {
    if (Find(task.task_guid.value()) != nullptr) continue;
    if (rep::ReconcileTask(rep::MatchTask(task, id_), Phase::kMissing) ==
        rep::TaskAction::kCompleteMissing) {
      bbs_.Call(bbs::CompleteTask{task.task_guid, id_, true, "task container does not exist", ""},
                ignore);
    }
  }
}

// -- one container --

void Cell::Touch(const std::string& guid) {
  Container* container = Find(guid);
  if (container == nullptr) return;
  if (container->busy) {
    container->again = true;
    return;
  }
  container->busy = true;
  container->again = false;
  if (container->info.identity.lifecycle == rep::Lifecycle::kLrp) {
    ReconcileLrp(guid);
  } else {
    ReconcileTask(guid);
  }
}

void Cell::Finish(const std::string& guid) {
  Container* container = Find(guid);
  if (container == nullptr) return;
  container->busy = false;
  if (container->again) Touch(guid);
}

void Cell::Retry(const std::string& guid) {
  Finish(guid);
  Soon(world_->Between(absl::Seconds(1), absl::Seconds(3)), [this, guid] { Touch(guid); });
}

void Cell::SetPhase(const std::string& guid, Phase phase) {
  Container* container = Find(guid);
  if (container == nullptr || IsOver(container->info.phase)) return;
  container->info.phase = phase;
  container->looked_twice = false;
  world_->Note(name(), absl::StrCat(guid, " is ", rep::ContainerPhaseName(phase)));
  Touch(guid);
}

void Cell::Delete(const std::string& guid, const std::string& why) {
  const Container* container = Find(guid);
  if (container == nullptr) return;
  const rep::CellContainer info = container->info;
  world_->Note(name(), absl::StrCat("deletes ", guid, " (", rep::ContainerPhaseName(info.phase),
                                    "): ", why));
  containers_.erase(guid);
  if (info.phase == Phase::kRunning && info.identity.lifecycle == rep::Lifecycle::kLrp &&
      !evacuating_) {
    hooks_.running_deleted(id_, info.identity.lrp, InstanceGuid(guid), why);
  }
}

void Cell::RunContainer(const std::string& guid) {
  Container* container = Find(guid);
  if (container == nullptr || container->info.phase != Phase::kReserved) return;
  container->info.phase = Phase::kStarting;
  const bool is_lrp = container->info.identity.lifecycle == rep::Lifecycle::kLrp;
  const ActualLrpKey key = container->info.identity.lrp;
  Soon(world_->Between(absl::Milliseconds(50), absl::Seconds(3)), [this, guid, is_lrp, key] {
    SetPhase(guid, Phase::kRunning);
    if (!is_lrp || hooks_.may_crash(key)) {
      Soon(world_->Between(absl::Milliseconds(50), absl::Seconds(10)), [this, guid, is_lrp] {
        if (Container* one = Find(guid)) one->info.failed = is_lrp || world_->Chance(0.3);
        SetPhase(guid, Phase::kCrashed);
      });
    }
  });
}

InstanceKey Cell::KeyOf(const Container& container) const {
  return {InstanceGuid(container.info.identity.guid), id_};
}

bbs::InstanceFacts Cell::FactsOf(const Container& container) const {
  bbs::InstanceFacts facts;
  facts.key = container.info.identity.lrp;
  facts.instance = KeyOf(container);
  facts.net_info.address = id_.value();
  facts.net_info.ports = {{8080, 61000, 0, 0}};
  facts.availability_zone = facts_.zone;
  return facts;
}

void Cell::Tell(const std::string& guid, bbs::Command command,
                std::function<void(const bbs::Reply&)> then) {
  bbs_.Call(std::move(command),
            [this, guid, life = life_, then = std::move(then)](const bbs::Reply& reply) {
              if (life != life_ || Find(guid) == nullptr) return;
              if (NobodyAnswered(reply.status)) return Retry(guid);
              then(reply);
            });
}

void Cell::TellThenDelete(const std::string& guid, bbs::Command command, const std::string& why) {
  Tell(guid, std::move(command), [this, guid, why](const bbs::Reply&) { Delete(guid, why); });
}

void Cell::ReconcileLrp(const std::string& guid) {
  const ActualLrpKey key = Find(guid)->info.identity.lrp;
  bbs_.ReadIndex(key.process_guid, key.index,
                 [this, guid, life = life_](absl::StatusOr<std::vector<ActualLrp>> rows) {
                   if (life != life_) return;
                   const Container* container = Find(guid);
                   if (container == nullptr) return;
                   if (!rows.ok()) return Retry(guid);
                   if (evacuating_) return ActOnEvacuating(guid, *rows);
                   ActOnLrp(guid, rep::MatchLrp(*rows, KeyOf(*container)));
                 });
}

void Cell::ActOnLrp(const std::string& guid, const rep::LrpMatch& match) {
  Container& container = *Find(guid);
  const ActualLrpKey key = container.info.identity.lrp;
  const InstanceKey instance = KeyOf(container);
  const rep::LrpAction action = rep::ReconcileLrp(match.record, container.info.phase);
  const auto claim = [this, guid, key, instance](bool run) {
    Tell(guid, bbs::ClaimActualLrp{key.process_guid, key.index, instance},
         [this, guid, run](const bbs::Reply& reply) {
           if (IsDiegoError(reply.status, ErrorType::kActualLRPCannotBeClaimed)) {
             return Delete(guid, "cannot be claimed");
           }
           if (!reply.status.ok()) return Retry(guid);
           if (run) RunContainer(guid);
           Finish(guid);
         });
  };
  switch (action) {
    case rep::LrpAction::kNothing: return Finish(guid);
    case rep::LrpAction::kClaimAndRun: return claim(true);
    case rep::LrpAction::kClaim: return claim(false);
    case rep::LrpAction::kRun: RunContainer(guid); return Finish(guid);
    case rep::LrpAction::kStart:
      return Tell(guid, bbs::StartActualLrp{FactsOf(container)},
                  [this, guid](const bbs::Reply& reply) {
                    if (IsDiegoError(reply.status, ErrorType::kActualLRPCannotBeStarted)) {
                      return Delete(guid, "cannot be started");
                    }
                    Finish(guid);
                  });
    case rep::LrpAction::kDeleteContainer:
      if (container.info.phase != Phase::kReserved && !container.looked_twice) {
        container.looked_twice = true;
        return ReconcileLrp(guid);
      }
      return Delete(guid, absl::StrCat("its record is ", rep::LrpRecordName(match.record)));
    case rep::LrpAction::kRemove:
      return TellThenDelete(guid, bbs::RemoveActualLrp{key.process_guid, key.index, instance},
                            "stopped");
    case rep::LrpAction::kRemoveEvacuating:
      return TellThenDelete(guid, bbs::RemoveEvacuatingActualLrp{key, instance}, "stopped");
    case rep::LrpAction::kCrash:
      return TellThenDelete(guid, bbs::CrashActualLrp{key, instance, "crashed"}, "crashed");
  }
}

void Cell::ActOnEvacuating(const std::string& guid, const std::vector<ActualLrp>& rows) {
  Container& container = *Find(guid);
  const ActualLrpKey key = container.info.identity.lrp;
  const InstanceKey instance = KeyOf(container);
  const rep::EvacuationMatch match = rep::MatchEvacuating(rows, instance);
  switch (rep::ReconcileEvacuating(match.ordinary, match.evacuating, container.info.phase)) {
    case rep::EvacuationAction::kKeep: return Finish(guid);
    case rep::EvacuationAction::kPutEvacuating:
    case rep::EvacuationAction::kPutEvacuatingAndUnclaim:
    case rep::EvacuationAction::kUnclaim:
      return Tell(guid, bbs::EvacuateRunningActualLrp{FactsOf(container)},
                  [this, guid](const bbs::Reply& reply) {
                    if (reply.status.ok() && !reply.keep_container) {
                      return Delete(guid, "evacuated");
                    }
                    Finish(guid);
                  });
    case rep::EvacuationAction::kRemoveEvacuatingAndDelete:
      return TellThenDelete(guid, bbs::RemoveEvacuatingActualLrp{key, instance}, "evacuated");
    case rep::EvacuationAction::kDeleteContainer: return Delete(guid, "evacuated");
    case rep::EvacuationAction::kGiveUpClaim:
      return TellThenDelete(guid, bbs::EvacuateClaimedActualLrp{key, instance}, "never ran");
    case rep::EvacuationAction::kReportStopped:
      return TellThenDelete(guid, bbs::EvacuateStoppedActualLrp{key, instance}, "stopped");
    case rep::EvacuationAction::kReportCrashed:
      return TellThenDelete(guid, bbs::EvacuateCrashedActualLrp{key, instance, "crashed"},
                            "crashed");
  }
}

void Cell::ReconcileTask(const std::string& guid) {
  bbs_.ReadTask(TaskGuid(guid), [this, guid, life = life_](absl::StatusOr<Task> task) {
    if (life != life_) return;
    const Container* container = Find(guid);
    if (container == nullptr) return;
    if (!task.ok() && !IsDiegoError(task.status(), ErrorType::kResourceNotFound)) {
      return Retry(guid);
    }
    const std::optional<Task> found = task.ok() ? std::optional<Task>(*task) : std::nullopt;
    ActOnTask(guid, rep::ReconcileTask(rep::MatchTask(found, id_), container->info.phase));
  });
}

void Cell::ActOnTask(const std::string& guid, rep::TaskAction action) {
  const Container& container = *Find(guid);
  const auto start = [this, guid](bool run) {
    Tell(guid, bbs::StartTask{TaskGuid(guid), id_}, [this, guid, run](const bbs::Reply& reply) {
      if (!reply.status.ok()) return Delete(guid, "the task cannot be started");
      if (run && reply.should_start) RunContainer(guid);
      Finish(guid);
    });
  };
  switch (action) {
    case rep::TaskAction::kNothing: return Finish(guid);
    case rep::TaskAction::kStartAndRun: return start(true);
    case rep::TaskAction::kStart: return start(false);
    case rep::TaskAction::kRun: RunContainer(guid); return Finish(guid);
    case rep::TaskAction::kDeleteContainer:
    case rep::TaskAction::kDeleteLoudly: return Delete(guid, "the task is not ours");
    case rep::TaskAction::kCompleteAndDelete:
    case rep::TaskAction::kCompleteMissing:
      return TellThenDelete(guid,
                            bbs::CompleteTask{TaskGuid(guid), id_, container.info.failed,
                                              container.info.failed ? "exit 1" : "", "done"},
                            "completed");
  }
}

}  // namespace diego::simulation
