#include "services/bbs/api/event_stream.h"

#include <utility>
#include <variant>

#include "libs/base/status_util.h"
#include "libs/rpc/status.h"
#include "libs/wire/events.h"
#include "services/bbs/api/list_stream.h"

namespace diego::bbs {
namespace {

constexpr size_t kEventsPerTake = 256;

EventFilter FilterOf(const SubscribeRequest& request) {
  EventFilter filter;
  if (request.lrp_instances() || request.desired_lrps() || request.tasks()) {
    filter = {request.lrp_instances(), request.desired_lrps(), request.tasks(), {}};
  }
  filter.cell_id = CellId(request.cell_id());
  return filter;
}

absl::Status Encode(const DesiredLrpEvent& event, SubscribeResponse* out) {
  if (event.before == nullptr) {
    DIEGO_ASSIGN_OR_RETURN(*out->mutable_desired_lrp_created(),
                           wire::DesiredLrpCreated(*event.after, event.trace_id));
  } else if (event.after == nullptr) {
    DIEGO_ASSIGN_OR_RETURN(*out->mutable_desired_lrp_removed(),
                           wire::DesiredLrpRemoved(*event.before, event.trace_id));
  } else {
    DIEGO_ASSIGN_OR_RETURN(*out->mutable_desired_lrp_changed(),
                           wire::DesiredLrpChanged(*event.before, *event.after, event.trace_id));
  }
  return absl::OkStatus();
}

absl::Status Encode(const TaskEvent& event, SubscribeResponse* out) {
  if (event.before == nullptr) {
    DIEGO_ASSIGN_OR_RETURN(*out->mutable_task_created(), wire::TaskCreated(*event.after));
  } else if (event.after == nullptr) {
    DIEGO_ASSIGN_OR_RETURN(*out->mutable_task_removed(), wire::TaskRemoved(*event.before));
  } else {
    DIEGO_ASSIGN_OR_RETURN(*out->mutable_task_changed(),
                           wire::TaskChanged(*event.before, *event.after));
  }
  return absl::OkStatus();
}

absl::Status Encode(const ActualLrpInstanceEvent& event, SubscribeResponse* out) {
  if (event.before == nullptr) {
    *out->mutable_actual_lrp_instance_created() =
        wire::ActualLrpInstanceCreated(*event.after, event.trace_id);
  } else if (event.after == nullptr) {
    *out->mutable_actual_lrp_instance_removed() =
        wire::ActualLrpInstanceRemoved(*event.before, event.trace_id);
  } else {
    *out->mutable_actual_lrp_instance_changed() =
        wire::ActualLrpInstanceChanged(*event.before, *event.after, event.trace_id);
  }
  return absl::OkStatus();
}

absl::Status Encode(const ActualLrpCrashedEvent& event, SubscribeResponse* out) {
  *out->mutable_actual_lrp_crashed() = wire::ActualLrpCrashed(
      event.key, event.instance, event.crash_count, event.crash_reason, event.since);
  return absl::OkStatus();
}

}  // namespace

grpc::ServerWriteReactor<SubscribeResponse>* EventStream::Open(grpc::CallbackServerContext* context,
                                                               std::shared_ptr<Term> term,
                                                               const SubscribeRequest& request,
                                                               Done done) {
  std::shared_ptr<EventStream> stream(new EventStream(context, std::move(term), std::move(done)));
  std::optional<uint64_t> after;
  if (request.has_after_revision()) after = static_cast<uint64_t>(request.after_revision());
  const auto call = [weak = std::weak_ptr<EventStream>(stream)](void (EventStream::*method)()) {
    return [weak, method] {
      if (const std::shared_ptr<EventStream> alive = weak.lock()) (alive.get()->*method)();
    };
  };
  auto subscription = stream->term_->hub().Subscribe(
      FilterOf(request), after, call(&EventStream::Ready), call(&EventStream::Stuck));
  if (!subscription.ok()) {
    stream->done_(subscription.status());
    return new RefusedStream<SubscribeResponse>(subscription.status());
  }
  stream->self_ = stream;
  stream->subscription_ = *std::move(subscription);
  // The first answer is always a bookmark.
  stream->SendBookmark(stream->subscription_->started_after());
  return stream.get();
}

void EventStream::OnWriteDone(bool ok) {
  if (is_stuck()) {
    End(subscription_->CutOff());
  } else if (ok) {
    SendNext();
  } else {
    End(absl::CancelledError("the client is gone"));
  }
}

void EventStream::OnCancel() {
  const bool mine = turn_.With([](Turn& turn) {
    turn.cancelled = true;
    return !turn.ended && !std::exchange(turn.busy, true);
  });
  if (mine) End(absl::CancelledError("the client is gone"));
}

void EventStream::OnDone() { std::shared_ptr<EventStream>(std::move(self_)); }

void EventStream::Ready() {
  const bool mine = turn_.With([](Turn& turn) {
    if (turn.busy) turn.called = true;
    return !turn.ended && !std::exchange(turn.busy, true);
  });
  if (!mine) return;
  beat_ = true;
  SendNext();
}

// By the hub's thread, without the turn: that is with the write which does not come to its end.
void EventStream::Stuck() {
  const bool again = turn_.With([](Turn& turn) {
    if (turn.ended || !std::exchange(turn.stuck, true)) return false;
    turn.cancelling = true;
    return true;
  });
  if (!again) return;
  // Fails the write, perhaps from within.
  context_->TryCancel();
  const auto finish = turn_.With([](Turn& turn) {
    turn.cancelling = false;
    return std::exchange(turn.finish, std::nullopt);
  });
  if (finish) Finish(rpc::ToGrpc(*finish));
}

void EventStream::SendNext() {
  while (items_.empty()) {
    absl::StatusOr<EventBatch> batch = subscription_->Take(kEventsPerTake);
    if (!batch.ok()) return End(batch.status());
    if (!batch->items.empty()) {
      items_.assign(batch->items.begin(), batch->items.end());
    } else if (beat_ || batch->seen_revision > told_revision_) {
      // Nothing wanted up to here: the client may resume after it all the same.
      return SendBookmark(batch->seen_revision);
    } else if (Rest()) {
      return;
    }
  }
  SendEvent();
}

bool EventStream::Rest() {
  bool cancelled = false;
  const bool resting = turn_.With([&](Turn& turn) {
    cancelled = turn.cancelled;
    if (cancelled || std::exchange(turn.called, false)) return cancelled;
    turn.busy = false;
    return true;
  });
  if (cancelled) End(absl::CancelledError("the client is gone"));
  return resting;
}

void EventStream::SendEvent() {
  const EventBatch::Item item = std::move(items_.front());
  items_.pop_front();
  beat_ = false;
  message_.Clear();
  message_.set_revision(static_cast<int64_t>(item.revision));
  message_.set_complete(item.complete);
  if (item.complete) told_revision_ = item.revision;
  const absl::Status status =
      std::visit([&](const auto& event) { return Encode(event, &message_); }, *item.event);
  if (!status.ok()) return End(status);
  StartWrite(&message_);
}

void EventStream::SendBookmark(uint64_t revision) {
  beat_ = false;
  told_revision_ = revision;
  message_.Clear();
  message_.set_revision(static_cast<int64_t>(revision));
  message_.set_complete(true);
  StartWrite(&message_);
}

void EventStream::End(const absl::Status& status) {
  done_(status);
  // It may be long before the client has taken what was written, and the call is over.
  subscription_.reset();
  const bool finish = turn_.With([&](Turn& turn) {
    turn.ended = true;
    if (turn.cancelling) turn.finish = status;
    return !turn.cancelling;
  });
  if (finish) Finish(rpc::ToGrpc(status));
}

}  // namespace diego::bbs
