#include "services/bbs/office.h"

#include <utility>

#include "libs/base/random.h"

namespace diego::bbs {
namespace {
constexpr absl::Duration kBeat = absl::Milliseconds(100);
}

Office::Office(Options options, leadership::LockKeeper* keeper, ActiveTerm* active,
               BbsMetrics* metrics)
    : options_(std::move(options)),
      log_(options_.ports.log.Session("office")),
      keeper_(keeper),
      active_(active),
      metrics_(metrics) {}

Office::~Office() { Leave(absl::CancelledError("this BBS is shutting down")); }

bool Office::able() const {
  // A standby may always try; a master must have the database's good word.
  const auto term = active_->Get();
  return !term.ok() || (*term)->healthy();
}

absl::Duration Office::Step() {
  const std::optional<leadership::Term> lock = keeper_->current();
  if (term_ == nullptr) {
    if (lock) TakeOffice(static_cast<uint64_t>(lock->token));
    return kBeat;
  }
  metrics_->Watched(term_->waiting_calls(), term_->hub().subscriber_count());
  if (!lock || static_cast<uint64_t>(lock->token) != term_->epoch()) {
    Leave(absl::AbortedError("another BBS holds the lock"));
  } else if (term_->WaitUntilOver(kBeat)) {
    Leave(*term_->over());
    // With a new token we may take office again, unless another is quicker.
    keeper_->Resign();
  }
  return absl::ZeroDuration();
}

void Office::TakeOffice(uint64_t epoch) {
  log_.Info("taking-office", {{"epoch", epoch}});
  options_.holding(true);
  auto term = std::make_shared<Term>(options_.settings, options_.ports, epoch, EntropySeed());
  absl::Status status = options_.prepare(epoch);
  const bool prepared = status.ok();
  if (prepared) {
    active_->Await(term);
    status = term->Load();
  }
  if (!status.ok()) {
    active_->Await(nullptr);
    log_.Error("failed-to-take-office", status, {{"epoch", epoch}});
    options_.holding(false);
    const CommitReply word = options_.ports.store->Confirm(epoch);
    // Locket may have lost the counter that our epochs come from: have it go on beyond them.
    keeper_->Resign(static_cast<int64_t>(word.standing_epoch));
    // Nor with these keys: others, who may be able, would have to win the lock against us each
    // time.
    const bool unreadable = absl::IsDataLoss(status);
    if (unreadable || (!prepared && absl::IsFailedPrecondition(status))) options_.unfit(status);
    return;
  }
  term_ = term;
  running_ = std::make_unique<RunningTerm>(term);
  active_->Set(std::move(term));
  metrics_->TermStarted();
  options_.serving(true);
}

void Office::Leave(const absl::Status& reason) {
  if (term_ == nullptr) return;
  log_.Info("leaving-office", {{"epoch", term_->epoch()}, {"reason", reason}});
  options_.serving(false);
  active_->Set(nullptr);
  term_->End(reason);
  running_.reset();
  term_.reset();
  options_.holding(false);
  metrics_->TermEnded();
  metrics_->Watched(0, 0);
}

}  // namespace diego::bbs
