#include "services/cfdot/follow.h"

#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "libs/base/status_util.h"
#include "libs/sync/guarded.h"

namespace diego::cfdot {
namespace {

// The time decides: rounds are short while standbys and closed ports answer at once.
constexpr int kReopenRounds = std::numeric_limits<int>::max();
constexpr absl::Duration kFirstOpenTimeout = absl::Seconds(10);
constexpr absl::Duration kPauseBetweenStreams = absl::Milliseconds(500);

bool IsRefusal(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kUnimplemented: return true;
    default: return false;
  }
}

class Follower {
 public:
  Follower(Session& session, SubscribeRequest request, const Patience& patience)
      : session_(session), request_(std::move(request)), patience_(patience) {}

  absl::Status Run(
      const std::function<void(int64_t, const std::vector<SubscribeResponse>&)>& take) {
    DIEGO_RETURN_IF_ERROR(Open(/*rounds=*/1, kFirstOpenTimeout));
    while (true) {
      Read(take);
      const absl::Status end = rpc::FromGrpc(reader_->Finish());
      if (end.ok() || (IsRefusal(end) && !absl::IsOutOfRange(end))) return end;
      session_.io().err << "the event stream broke (" << end.message() << "); resuming\n";
      reopening_ = true;
      if (!absl::IsResourceExhausted(end)) peer_->channel().MoveOn(index_);
      Pause();
      DIEGO_RETURN_IF_ERROR(Reopen(end));
    }
  }

 private:
  // Until the stream ends.
  void Read(const std::function<void(int64_t, const std::vector<SubscribeResponse>&)>& take) {
    std::vector<SubscribeResponse> pending;
    SubscribeResponse response = std::move(first_);
    do {
      const int64_t revision = response.revision();
      const bool complete = response.complete();
      if (response.event_case() != SubscribeResponse::EVENT_NOT_SET) {
        pending.push_back(std::move(response));
      }
      if (!complete) continue;
      if (!pending.empty()) take(revision, pending);
      pending.clear();
      request_.set_after_revision(revision);
    } while (reader_->Read(&response));
  }

  absl::Status Reopen(const absl::Status& end) {
    absl::Status opened = absl::IsOutOfRange(end) ? end : Open(kReopenRounds, patience_.to_reopen);
    if (!absl::IsOutOfRange(opened)) return opened;
    session_.io().err << "the BBS no longer remembers revision " << request_.after_revision()
                      << ": some events are lost; going on from now\n";
    request_.clear_after_revision();
    return Open(kReopenRounds, patience_.to_reopen);
  }

  absl::Status Open(int rounds, absl::Duration timeout) {
    peer_ = session_.MakeBbsPeer(timeout, rounds, patience_.between_rounds);
    return peer_->Try(
        timeout, rpc::Repeat::kSafe,
        [this](grpc::ClientContext* context, size_t index) { return TryOpen(context, index); });
  }

  grpc::Status TryOpen(grpc::ClientContext* ping_context, size_t index) {
    const grpc::Status status = OpenAt(ping_context, index);
    // Whoever followed already waits for a BBS that serves, whatever the connection says meanwhile.
    if (!reopening_ || rpc::AnsweredByPeer(status) || IsRefusal(rpc::FromGrpc(status))) {
      return status;
    }
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, status.error_message());
  }

  // The stream itself has no deadline; a ping that has one tells whether this BBS serves.
  grpc::Status OpenAt(grpc::ClientContext* ping_context, size_t index) {
    peer_->Prepare(ping_context);
    if (reopening_) rpc::SetTimeout(ping_context, patience_.with_one);
    models::PingResponse pong;
    const grpc::Status alive = peer_->stub(index).Ping(ping_context, PingRequest(), &pong);
    if (!alive.ok()) return alive;
    reader_.reset();
    context_ = std::make_unique<grpc::ClientContext>();
    peer_->Prepare(context_.get());
    reader_ = peer_->stub(index).Subscribe(context_.get(), request_);
    index_ = index;
    if (reader_->Read(&first_)) return grpc::Status::OK;
    const grpc::Status end = reader_->Finish();
    return end.ok() ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "the stream ended at once") : end;
  }

  // Against a BBS that breaks every stream at once.
  static void Pause() {
    Guarded<bool> never;
    never.When([](bool now) { return now; }, kPauseBetweenStreams, [](bool, bool) {});
  }

  Session& session_;
  SubscribeRequest request_;
  const Patience patience_;
  bool reopening_ = false;
  std::unique_ptr<BbsPeer> peer_;
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientReader<SubscribeResponse>> reader_;
  size_t index_ = 0;
  SubscribeResponse first_;  // read while opening
};

}  // namespace

absl::Status Follow(Session& session, SubscribeRequest request,
                    const std::function<void(int64_t, const std::vector<SubscribeResponse>&)>& take,
                    const Patience& patience) {
  return BbsFailure(Follower(session, std::move(request), patience).Run(take));
}

}  // namespace diego::cfdot
