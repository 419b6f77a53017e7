// EventStream: one subscriber on gRPC. Writes the next event when the last is on its way, and a
// bookmark when there is none. Source: proto/diego/bbs.proto, Subscribe.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
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
  // Subscribes and answers; refusals end the stream too.
  static grpc::ServerWriteReactor<SubscribeResponse>* Open(std::shared_ptr<Term> term,
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
    bool ended = false;
  };
  EventStream(std::shared_ptr<Term> term, Done done)
      : term_(std::move(term)), done_(std::move(done)) {}

  void Ready();
  void SendNext();
  void SendEvent();
  void SendBookmark(uint64_t revision);
  // Gives up the turn; false: it is still ours, as there is more to do.
  bool Rest();
  void End(const absl::Status& status);

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
