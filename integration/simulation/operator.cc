#include "integration/simulation/operator.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/models/error.h"
#include "services/bbs/core/definitions.h"

namespace diego::simulation {
namespace {

constexpr absl::Duration kBeat = absl::Seconds(2);
constexpr absl::Duration kPause = absl::Milliseconds(500);
const char* const kDomain = "apps";

}  // namespace

Operator::Operator(World* world, Network* network, Database* database, std::vector<BbsNode*> bbs,
                   int process_count)
    : world_(world), network_(network), database_(database), bbs_(std::move(bbs)), wishes_(world) {
  for (int i = 0; i < process_count; ++i) {
    Process process;
    process.guid = ProcessGuid(absl::StrCat("web-", i));
    processes_.push_back(process);
  }
  world_->After(kBeat, [this] { Beat(); });
}

bool Operator::idle() const {
  return std::all_of(processes_.begin(), processes_.end(),
                     [](const Process& process) { return !process.in_flight && process.mended; });
}

void Operator::Beat() {
  world_->After(kBeat, [this] { Beat(); });
  // Now and then the domain is left to go stale.
  if (calm_ || world_->Chance(0.1)) KeepDomain();
  for (Process& process : processes_) {
    if (process.in_flight) continue;
    if (calm_) {
      Mend(&process);
    } else if (world_->Chance(0.25)) {
      Carry(&process, wishes_.Next(process.guid, database_->state().FindDesired(process.guid)));
    }
  }
  if (!calm_ && world_->Chance(0.3)) WishTask();
}

void Operator::Mend(Process* process) {
  if (process->mended) return;
  process->mended = true;
  const auto wish = wishes_.Mend(database_->state().FindDesired(process->guid));
  if (wish) Carry(process, *wish);
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

void Operator::Insist(const LrpWish& wish, const bbs::RequestIdentity& once,
                      const Settled& settle) {
  const auto must_not_refuse = [this, once,
                                fine = wish.may_be_refused](const absl::Status& status) {
    const bool answered = IsAnswer(status);
    if (answered && !status.ok() && !(fine && IsDiegoError(status, *fine))) {
      world_->Fail(absl::StrCat("the call ", once.id, " was refused: ", status.ToString()));
    }
    return answered;
  };
  if (world_->Chance(0.2)) {
    Issue(
        wish.command, [must_not_refuse](const absl::Status& status) { must_not_refuse(status); },
        once);
  }
  Issue(
      wish.command,
      [this, wish, once, settle, must_not_refuse](const absl::Status& status) {
        if (must_not_refuse(status)) return settle(status);
        world_->After(kPause, [this, wish, once, settle] { Insist(wish, once, settle); });
      },
      once);
}

void Operator::KeepDomain() {
  Issue(bbs::UpsertDomain{Domain(kDomain), absl::Seconds(30)}, [](const absl::Status&) {});
}

void Operator::Carry(Process* process, const LrpWish& wish) {
  process->in_flight = true;
  process->was_at_rest = !IsRolling(process->guid);
  world_->Note(kOperator, absl::StrCat("wants ", process->guid.value(), ": ", wish.text));
  const Settled settle = [this, process, wish](const absl::Status& status) {
    Settle(process, wish, status);
  };
  // What is wanted after the storm is not given up.
  if (calm_ || world_->Chance(0.5)) {
    Insist(wish, {absl::StrCat("call-", next_request_++), "digest"}, settle);
  } else {
    Issue(wish.command, settle);
  }
}

Picture Operator::Stored(const ProcessGuid& guid) const {
  const auto lrp = database_->state().FindDesired(guid);
  if (lrp == nullptr) return std::nullopt;
  return LrpPicture{lrp->instances, lrp->DefinitionId()};
}

bool Operator::IsRolling(const ProcessGuid& guid) const {
  const auto lrp = database_->state().FindDesired(guid);
  return lrp != nullptr && lrp->rollout->under_way();
}

void Operator::Settle(Process* process, const LrpWish& wish, const absl::Status& status) {
  process->in_flight = false;
  world_->Note(kOperator, absl::StrCat(process->guid.value(), ": ", wish.text, " -> ",
                                       absl::StatusCodeToString(status.code())));
  const Picture stored = Stored(process->guid);
  if (status.ok()) {
    CheckDone(*process, wish, stored);
  } else {
    CheckRefusal(*process, wish, status);
  }
  process->acknowledged = stored;  // it may have landed although nobody said so
}

void Operator::CheckDone(const Process& process, const LrpWish& wish, const Picture& stored) {
  Picture expected = wish.expected;
  const bool unknown = expected && expected->definition.empty();
  if (unknown && stored) expected->definition = stored->definition;
  const bool is_cancel = std::holds_alternative<bbs::CancelDesiredLrpUpdate>(wish.command);
  const bool still_there =
      is_cancel && stored && stored->definition == process.acknowledged->definition;
  if (stored != expected || still_there) {
    world_->Fail(absl::StrCat(process.guid.value(), " was acknowledged as ", wish.text,
                              "; the database says ", Text(stored)));
  }
}

// What a refusal rests on has been committed.
void Operator::CheckRefusal(const Process& process, const LrpWish& wish,
                            const absl::Status& status) {
  const auto lrp = database_->state().FindDesired(process.guid);
  const auto* roll_back = std::get_if<bbs::RollBackDesiredLrp>(&wish.command);
  const auto fail = [&](absl::string_view what) {
    world_->Fail(absl::StrCat(process.guid.value(), " was refused ", wish.text, ": ", what));
  };
  if (IsDiegoError(status, ErrorType::kResourceExists) && lrp == nullptr) {
    fail("it does not exist");
  }
  if (IsDiegoError(status, ErrorType::kResourceConflict) && !process.was_at_rest) {
    fail("it has been rolling all the time");
  }
  if (IsDiegoError(status, ErrorType::kResourceNotFound) && lrp != nullptr &&
      (roll_back == nullptr || bbs::Knows(*lrp, roll_back->definition_id))) {
    fail("it is there");
  }
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
  for (Process& process : processes_) {
    process.was_at_rest = process.was_at_rest || !IsRolling(process.guid);
    if (process.in_flight) continue;
    const Picture stored = Stored(process.guid);
    if (stored != process.acknowledged) {
      world_->Fail(absl::StrCat(process.guid.value(), " was acknowledged as ",
                                Text(process.acknowledged), "; the database says ", Text(stored)));
    }
  }
}

}  // namespace diego::simulation
