// ListStream: sends a listing in chunks, the next when the client has room for it. The listing is a
// snapshot: however slow the client, nobody waits for it.
#pragma once

#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "grpcpp/support/server_callback.h"
#include "libs/rpc/status.h"
#include "services/bbs/engine/committed_view.h"

namespace diego::bbs {

// Puts one record into a response.
template <typename R, typename Response>
using AddRecord = absl::Status (*)(const R& record, Response* response);

// Deletes itself when the call is over.
template <typename R, typename Response>
class ListStream final : public grpc::ServerWriteReactor<Response> {
 public:
  using Done = std::function<void(const absl::Status&)>;
  // The first chunk begins with what is in `first`.
  ListStream(Listing<R> listing, AddRecord<R, Response> add, Response first, Done done)
      : listing_(std::move(listing)), add_(add), done_(std::move(done)), chunk_(std::move(first)) {
    SendNext();
  }

  void OnWriteDone(bool ok) override {
    if (ok) {
      chunk_.Clear();
      SendNext();
    } else {
      End(absl::CancelledError("the client is gone"));
    }
  }
  void OnDone() override { delete this; }

 private:
  static constexpr int kMostRecords = 1000;
  static constexpr size_t kEnoughBytes = 1 << 20;

  void SendNext() {
    if (finished_) return End(absl::OkStatus());
    chunk_.set_revision(static_cast<int64_t>(listing_.revision()));
    size_t bytes = 0;
    for (int i = 0; i < kMostRecords && bytes < kEnoughBytes; ++i) {
      const R* record = listing_.Next();
      if (record == nullptr) {
        finished_ = true;
        break;
      }
      if (absl::Status status = add_(*record, &chunk_); !status.ok()) return End(status);
      if (i % 16 == 15) bytes = chunk_.ByteSizeLong();
    }
    // An empty list is one empty chunk: it tells the revision.
    this->StartWrite(&chunk_);
  }
  void End(const absl::Status& status) {
    done_(status);
    this->Finish(rpc::ToGrpc(status));
  }

  Listing<R> listing_;
  const AddRecord<R, Response> add_;
  const Done done_;
  Response chunk_;
  bool finished_ = false;
};

// Ends a stream with a refusal before it has begun. Deletes itself.
template <typename Response>
class RefusedStream final : public grpc::ServerWriteReactor<Response> {
 public:
  explicit RefusedStream(const absl::Status& status) { this->Finish(rpc::ToGrpc(status)); }
  void OnDone() override { delete this; }
};

}  // namespace diego::bbs
