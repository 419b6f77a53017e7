// EventStream: one subscriber on gRPC. Writes the next event when the last is on its way, and a
// bookmark when there is none. A client that does not read, so that the last does not get on its
// way, is found by the hub's beat once it is too far behind: it is told when it reads before the
// next beat, and cancelled at that. Source: proto/diego/bbs.proto, Subscribe.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "grpcpp/support/server_callback.h"
#include "libs/sync/guarded.h"
#include "proto/diego/bbs.pb.h"
#include "services/bbs/engine/event_hub.h"
#include "services/bbs/engine/term.h"

namespace diego::bbs {

// Owns itself until the call is over. Methods are called by gRPC and by the hub's thread.
class EventStream final : public grpc::ServerWriteReactor<SubscribeResponse> {
 public:
  using Done = std::function<void(const absl::Status&)>;
  // Subscribes and answers; refusals end the stream too. `context` is that of the call.
  static grpc::ServerWriteReactor<SubscribeResponse>* Open(grpc::CallbackServerContext* context,
                                                           std::shared_ptr<Term> term,
                                                           const SubscribeRequest& request,
                                                           Done done);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  // Who may touch the rest: whoever made `busy` true, until it is false again.
  struct Turn {
    bool busy = true;
    bool called = false;     // by the hub, while busy
    bool cancelled = false;  // by the client, while busy
    bool stuck = false;      // by the client, who did not read in time
    bool ended = false;
    // The context is being used by who does not have the turn: who ends leaves the finish to them.
    bool cancelling = false;
    std::optional<absl::Status> finish;
  };
  EventStream(grpc::CallbackServerContext* context, std::shared_ptr<Term> term, Done done)
      : context_(context), term_(std::move(term)), done_(std::move(done)) {}

  void Ready();
  void Stuck();
  void SendNext();
  void SendEvent();
  void SendBookmark(uint64_t revision);
  // Gives up the turn; false: it is still ours, as there is more to do.
  bool Rest();
  bool is_stuck() const {
    return turn_.With([](const Turn& turn) { return turn.stuck; });
  }
  void End(const absl::Status& status);

  grpc::CallbackServerContext* const context_;  // there until Finish
  const std::shared_ptr<Term> term_;
  const Done done_;
  std::shared_ptr<Subscription> subscription_;
  std::shared_ptr<EventStream> self_;
  Guarded<Turn> turn_;

  std::deque<EventBatch::Item> items_;
  SubscribeResponse message_;
  uint64_t told_revision_ = 0;  // everything up to it has been sent
  bool beat_ = false;           // a bookmark is due even if it is no news
};

}  // namespace diego::bbs
