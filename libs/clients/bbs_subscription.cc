#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/clock.h"
#include "libs/base/status_util.h"
#include "libs/clients/bbs_event_decoding.h"
#include "libs/clients/bbs_impl.h"
#include "libs/sync/guarded.h"

namespace diego::clients {
namespace {

// Endings that say something about the request and not about the connection.
bool IsFinal(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kUnimplemented: return true;
    default: return false;
  }
}

}  // namespace

struct BbsSubscription::Impl {
  Impl(BbsClient::Impl& bbs, SubscribeRequest subscribe) : client(bbs), request(subscribe) {
    if (request.has_after_revision()) revision = request.after_revision();
  }

  absl::Status Open();
  grpc::Status TryOpen(grpc::ClientContext* ping_context, size_t index);
  absl::Status End();
  absl::StatusOr<EventGroup> Take(SubscribeResponse response, bool* whole);
  // True after Cancel.
  bool Pause(absl::Duration duration) {
    return call.When([](const Call& c) { return c.cancelled; }, duration,
                     [](Call&, bool cancelled) { return cancelled; });
  }

  struct Call {
    bool cancelled = false;
    std::shared_ptr<grpc::ClientContext> context;
  };

  BbsClient::Impl& client;
  SubscribeRequest request;
  std::optional<int64_t> revision;
  Guarded<Call> call;
  std::unique_ptr<grpc::ClientReader<SubscribeResponse>> reader;
  size_t index = 0;  // the address that `reader` reads from
  absl::Duration opened_at = -absl::InfiniteDuration();
  EventGroup pending;                      // of the revision that is arriving
  std::optional<SubscribeResponse> first;  // read while opening
};

grpc::Status BbsSubscription::Impl::TryOpen(grpc::ClientContext* ping_context, size_t at) {
  // The stream itself has no deadline; a ping that has one tells whether this BBS serves.
  models::PingResponse pong;
  const grpc::Status alive = client.caller.stub(at).Ping(ping_context, PingRequest(), &pong);
  if (!alive.ok()) return alive;
  auto context = std::make_shared<grpc::ClientContext>();
  const bool cancelled = call.With([&](Call& c) {
    c.context = context;
    return c.cancelled;
  });
  if (cancelled) return grpc::Status(grpc::StatusCode::CANCELLED, "cancelled");
  if (revision) request.set_after_revision(*revision);
  auto opened = client.caller.stub(at).Subscribe(context.get(), request);
  SubscribeResponse bookmark;
  if (!opened->Read(&bookmark)) {
    const grpc::Status ended = opened->Finish();
    return ended.ok() ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "the stream ended at once")
                      : ended;
  }
  reader = std::move(opened);
  index = at;
  first = std::move(bookmark);
  return grpc::Status::OK;
}

absl::Status BbsSubscription::Impl::Open() {
  const absl::Duration now = RealClock().Monotonic();
  if (now - opened_at < client.options.pause && Pause(client.options.pause)) {
    return absl::CancelledError("the subscription was cancelled");
  }
  opened_at = RealClock().Monotonic();
  pending = {};
  return client.caller.channel().Call(
      client.options.timeout, Repeat::kSafe,
      [this](grpc::ClientContext* context, size_t at) { return TryOpen(context, at); });
}

// The stream is over: OK when it is worth opening anew.
absl::Status BbsSubscription::Impl::End() {
  const absl::Status status = rpc::FromGrpc(reader->Finish());
  reader.reset();
  first.reset();
  if (call.With([](Call& c) { return c.cancelled; })) {
    return absl::CancelledError("the subscription was cancelled");
  }
  if (IsFinal(status)) return status;
  // Cut off for being slow, or sent more than is taken: from the same place it would be the same
  // again, and a list is shorter than what there is to catch up with.
  if (absl::IsResourceExhausted(status)) return absl::OutOfRangeError(status.message());
  client.caller.channel().MoveOn(index);
  return absl::OkStatus();
}

absl::StatusOr<EventGroup> BbsSubscription::Impl::Take(SubscribeResponse response, bool* whole) {
  const int64_t arrived = response.revision();
  const bool complete = response.complete();
  absl::Status fault;
  if (response.event_case() != SubscribeResponse::EVENT_NOT_SET) {
    absl::StatusOr<BbsEvent> event = DecodeEvent(std::move(response));
    if (event.ok()) {
      pending.events.push_back(*std::move(event));
    } else {
      fault = absl::DataLossError(
          absl::StrCat("event of revision ", arrived, ": ", event.status().message()));
    }
  }
  *whole = complete;
  EventGroup group;
  if (complete) {
    group = std::exchange(pending, {});
    group.revision = arrived;
    revision = arrived;
  }
  if (!fault.ok()) return fault;
  return group;
}

BbsSubscription::BbsSubscription(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

BbsSubscription::~BbsSubscription() {
  Cancel();
  if (impl_->reader) impl_->reader->Finish();
}

absl::StatusOr<EventGroup> BbsSubscription::Next() {
  while (true) {
    if (impl_->call.With([](Impl::Call& c) { return c.cancelled; })) {
      return absl::CancelledError("the subscription was cancelled");
    }
    if (!impl_->reader) DIEGO_RETURN_IF_ERROR(impl_->Open());
    SubscribeResponse response;
    if (impl_->first) {
      response = *std::exchange(impl_->first, std::nullopt);
    } else if (!impl_->reader->Read(&response)) {
      DIEGO_RETURN_IF_ERROR(impl_->End());
      continue;
    }
    bool whole = false;
    absl::StatusOr<EventGroup> group = impl_->Take(std::move(response), &whole);
    if (!group.ok() || whole) return group;
  }
}

void BbsSubscription::Cancel() {
  impl_->call.With([](Impl::Call& c) {
    c.cancelled = true;
    if (c.context) c.context->TryCancel();
  });
}

std::optional<int64_t> BbsSubscription::revision() const { return impl_->revision; }

std::unique_ptr<BbsSubscription> BbsClient::Subscribe(const EventFilter& filter,
                                                      std::optional<int64_t> after_revision) {
  SubscribeRequest request;
  request.set_cell_id(filter.cell_id.value());
  request.set_lrp_instances(filter.lrp_instances);
  request.set_desired_lrps(filter.desired_lrps);
  request.set_tasks(filter.tasks);
  if (after_revision) request.set_after_revision(*after_revision);
  return std::unique_ptr<BbsSubscription>(
      new BbsSubscription(std::make_unique<BbsSubscription::Impl>(*impl_, std::move(request))));
}

}  // namespace diego::clients
