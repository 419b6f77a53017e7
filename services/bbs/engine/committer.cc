#include "services/bbs/engine/committer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"

namespace diego::bbs {

Committer::Committer(const EngineSettings& settings, const Clock& clock, const log::Logger& log,
                     uint64_t epoch, CommitStore* store, OpenGroup* open_group,
                     CommittedGroups* committed, Confirmation* confirmation, EngineMetrics* metrics)
    : settings_(settings),
      clock_(clock),
      log_(log.Session("committer")),
      store_(store),
      open_group_(open_group),
      committed_(committed),
      confirmation_(confirmation),
      metrics_(metrics),
      fence_{epoch, 0} {}

void Committer::Start(uint64_t revision, absl::Duration asked_at) {
  revision_ = revision;
  confirmed_at_ = asked_at;
  confirmation_->Extend(asked_at, settings_.confirmation_good_for);
}

absl::StatusOr<absl::Duration> Committer::Step(absl::Duration patience) {
  if (in_hand_.empty()) {
    // Wake in time to ask for the next confirmation, well before the last goes stale.
    const absl::Duration due_in =
        confirmed_at_ + settings_.confirmation_good_for / 3 - clock_.Monotonic();
    if (unsure_ || due_in <= absl::ZeroDuration()) return Confirm();
    in_hand_ = open_group_->Take(std::min(patience, due_in));
    if (in_hand_.empty()) return absl::ZeroDuration();
  }
  return SettleInHand();
}

absl::StatusOr<absl::Duration> Committer::SettleInHand() {
  // No changes: nothing to store, and every earlier group has committed. But a refusal tells of
  // committed state like a read does, so it needs a good confirmation, like a read.
  if (in_hand_.changes.empty() && !confirmation_->GoodAt(clock_.Monotonic())) {
    if (auto pause = Confirm(); !pause.ok() || unsure_) return pause;
  }
  if (!in_hand_.changes.empty() && !landed_) {
    const Fence next{fence_.epoch, fence_.batch + 1};
    const absl::Duration asked_at = clock_.Monotonic();
    const CommitReply reply = store_->Commit(next, in_hand_.changes);
    switch (reply.result) {
      case CommitResult::kFenced:
        return Annotate(absl::AbortedError(reply.detail.message()),
                        absl::StrCat("fenced at epoch ", next.epoch, " batch ", next.batch));
      case CommitResult::kUnknown: return Unsure(reply.detail);
      case CommitResult::kRejected: return Rejected(reply);
      case CommitResult::kCommitted: break;
    }
    fence_ = next;
    ++revision_;
    landed_ = true;
    unsure_ = false;
    confirmed_at_ = asked_at;
    confirmation_->Extend(asked_at, settings_.confirmation_good_for);
    metrics_->BatchCommitted(in_hand_.calls.size(), in_hand_.changes,
                             clock_.Monotonic() - asked_at);
  }
  Release();
  // Not released: the publisher is behind; give it time.
  return in_hand_.empty() ? absl::ZeroDuration() : absl::Milliseconds(1);
}

void Committer::Release() {
  CommittedGroup done{revision_, std::move(in_hand_)};
  if (committed_->TryPush(done)) {
    in_hand_ = Group{};
    landed_ = false;
  } else {
    in_hand_ = std::move(done.group);
    landed_ = true;
  }
}

void Committer::Close(const absl::Status& reason) {
  if (landed_) Release();
  in_hand_.Refuse(reason);
}

absl::StatusOr<absl::Duration> Committer::Confirm() {
  const absl::Duration asked_at = clock_.Monotonic();
  const CommitReply reply = store_->Confirm(fence_.epoch);
  switch (reply.result) {
    case CommitResult::kFenced:
      return Annotate(absl::AbortedError(reply.detail.message()),
                      absl::StrCat("fenced at epoch ", fence_.epoch));
    case CommitResult::kUnknown:
    case CommitResult::kRejected: return Unsure(reply.detail);
    case CommitResult::kCommitted: break;
  }
  unsure_ = false;
  confirmed_at_ = asked_at;
  confirmation_->Extend(asked_at, settings_.confirmation_good_for);
  return absl::ZeroDuration();
}

absl::StatusOr<absl::Duration> Committer::Unsure(const absl::Status& detail) {
  const absl::Duration silent_for = clock_.Monotonic() - confirmed_at_;
  if (!unsure_) log_.Error("database-unsure", detail, {{"batch", fence_.batch + 1}});
  unsure_ = true;
  metrics_->CommitUnsure();
  if (silent_for >= settings_.give_up_after) {
    return Annotate(detail, absl::StrCat("the database has not confirmed epoch ", fence_.epoch,
                                         " for ", absl::FormatDuration(silent_for)));
  }
  return settings_.resend_pause;
}

// What ran after the call at fault rests on it, so the term ends and loads anew. The call is told
// what is wrong with it, or its client would send it, and end the next term, again and again.
absl::Status Committer::Rejected(const CommitReply& reply) {
  size_t behind = 0;
  for (auto call = in_hand_.calls.begin(); reply.rejected_change && call != in_hand_.calls.end();
       ++call) {
    behind += call->change_count;
    if (*reply.rejected_change >= behind) continue;
    Reply refusal;
    refusal.status = reply.detail;
    refusal.keep_container = true;  // of an evacuation: nobody took the instance over
    call->reply_to(refusal);
    in_hand_.calls.erase(call);
    break;
  }
  return Annotate(absl::AbortedError(reply.detail.message()),
                  absl::StrCat("the database rejects batch ", fence_.batch + 1));
}

}  // namespace diego::bbs
