#include "integration/simulation/operator.h"

#include "absl/strings/str_cat.h"
#include "libs/models/error.h"

namespace diego::simulation {
namespace {

constexpr absl::Duration kBeat = absl::Seconds(2);
constexpr absl::Duration kPause = absl::Milliseconds(500);
constexpr int64_t kInstancesMost = 3;
const char* const kDomain = "apps";

std::string Text(std::optional<int32_t> instances) {
  return instances ? absl::StrCat(*instances, " instances") : "not desired";
}

}  // namespace

Operator::Operator(World* world, Network* network, Database* database, std::vector<BbsNode*> bbs,
                   int process_count)
    : world_(world), network_(network), database_(database), bbs_(std::move(bbs)) {
  for (int i = 0; i < process_count; ++i) {
    Process process;
    process.guid = ProcessGuid(absl::StrCat("web-", i));
    processes_.push_back(process);
  }
  world_->After(kBeat, [this] { Beat(); });
}

bool Operator::idle() const {
  for (const Process& process : processes_) {
    if (process.in_flight) return false;
  }
  return true;
}

void Operator::Beat() {
  world_->After(kBeat, [this] { Beat(); });
  // Now and then the domain is left to go stale.
  if (calm_ || world_->Chance(0.1)) KeepDomain();
  if (calm_) return;
  for (Process& process : processes_) {
    if (!process.in_flight && world_->Chance(0.25)) Wish(&process);
  }
  if (world_->Chance(0.3)) WishTask();
}

void Operator::Issue(bbs::Command command, Settled settle,
                     std::optional<bbs::RequestIdentity> once) {
  const auto settled = [this, settle = std::move(settle)](const absl::Status& status) {
    if (absl::IsUnavailable(status) || absl::IsAborted(status)) at_ = (at_ + 1) % bbs_.size();
    settle(status);
  };
  BbsNode* const node = bbs_[at_];
  network_->Send(
      kOperator, node->name(),
      [node, command = std::move(command), settled, once = std::move(once)] {
        if (!node->alive()) return settled(absl::UnavailableError("nobody there"));
        node->Handle(
            command, [settled](const bbs::Reply& reply) { settled(reply.status); }, once);
      },
      false, [settled] { settled(absl::UnavailableError("lost")); });
}

void Operator::Insist(bbs::Command command, bbs::RequestIdentity once, Settled settle) {
  const auto must_not_refuse = [this, once](const absl::Status& status) {
    const bool answered = !absl::IsUnavailable(status) && !absl::IsAborted(status);
    if (answered && !status.ok()) {
      world_->Fail(absl::StrCat("the call ", once.id, " was refused: ", status.ToString()));
    }
    return answered;
  };
  if (world_->Chance(0.2)) {
    Issue(
        command, [must_not_refuse](const absl::Status& status) { must_not_refuse(status); }, once);
  }
  Issue(
      command,
      [this, command, once, settle, must_not_refuse](const absl::Status& status) {
        if (must_not_refuse(status)) return settle(status);
        world_->After(kPause, [this, command, once, settle] { Insist(command, once, settle); });
      },
      once);
}

void Operator::KeepDomain() {
  Issue(bbs::UpsertDomain{Domain(kDomain), absl::Seconds(30)}, [](const absl::Status&) {});
}

void Operator::Wish(Process* process) {
  process->in_flight = true;
  std::optional<int32_t> wanted = static_cast<int32_t>(world_->Below(kInstancesMost + 1));
  bbs::Command command;
  if (!process->instances) {
    bbs::DesireLrp desire;
    desire.lrp.process_guid = process->guid;
    desire.lrp.domain = Domain(kDomain);
    desire.lrp.instances = *wanted;
    desire.lrp.size.memory_mb = 64;
    desire.lrp.placement.root_fs = "preloaded:linux";
    if (world_->Chance(0.2)) desire.lrp.update_strategy = UpdateStrategy::kRecreate;
    command = desire;
  } else if (world_->Chance(0.25)) {
    wanted = std::nullopt;
    command = bbs::RemoveDesiredLrp{process->guid};
  } else {
    DesiredLrpUpdate update;
    update.instances = wanted;
    command = bbs::UpdateDesiredLrp{process->guid, update};
  }
  world_->Note(kOperator, absl::StrCat("wants ", process->guid.value(), ": ", Text(wanted)));
  const Settled settle = [this, process, wanted](const absl::Status& status) {
    Settle(process, status, wanted);
  };
  if (world_->Chance(0.5)) {
    Insist(std::move(command), {absl::StrCat("call-", next_request_++), "digest"}, settle);
  } else {
    Issue(std::move(command), settle);
  }
}

std::optional<int32_t> Operator::Stored(const ProcessGuid& guid) const {
  const auto lrp = database_->state().FindDesired(guid);
  return lrp == nullptr ? std::nullopt : std::optional<int32_t>(lrp->instances);
}

void Operator::Settle(Process* process, const absl::Status& status, std::optional<int32_t> wanted) {
  process->in_flight = false;
  world_->Note(kOperator, absl::StrCat(process->guid.value(), ": ", Text(wanted), " -> ",
                                       absl::StatusCodeToString(status.code())));
  if (status.ok()) {
    process->instances = wanted;
    return Verify();
  }
  const std::optional<int32_t> stored = Stored(process->guid);
  // What a refusal rests on has been committed.
  if (IsDiegoError(status, ErrorType::kResourceExists) && !stored) {
    world_->Fail(absl::StrCat(process->guid.value(), " was refused as existing; it does not"));
  }
  if (IsDiegoError(status, ErrorType::kResourceNotFound) && stored) {
    world_->Fail(absl::StrCat(process->guid.value(), " was refused as missing; it is there"));
  }
  process->instances = stored;  // it may have landed all the same
}

void Operator::WishTask() {
  bbs::DesireTask desire;
  desire.task.task_guid = TaskGuid(absl::StrCat("task-", next_task_++));
  desire.task.domain = Domain(kDomain);
  desire.task.size.memory_mb = 32;
  desire.task.placement.root_fs = "preloaded:linux";
  if (world_->Chance(0.5)) desire.task.completion_callback_url = "http://client/done";
  const TaskGuid guid = desire.task.task_guid;
  Issue(desire, [this, guid](const absl::Status& status) {
    if (status.ok() && database_->state().FindTask(guid) == nullptr) {
      world_->Fail(absl::StrCat("the acknowledged ", guid.value(), " is not in the database"));
    }
  });
}

void Operator::Verify() {
  for (const Process& process : processes_) {
    if (process.in_flight) continue;
    const std::optional<int32_t> stored = Stored(process.guid);
    if (stored != process.instances) {
      world_->Fail(absl::StrCat(process.guid.value(), " was acknowledged as ",
                                Text(process.instances), "; the database says ", Text(stored)));
    }
  }
}

}  // namespace diego::simulation
