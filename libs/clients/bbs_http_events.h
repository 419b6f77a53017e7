// HttpEvents: the events of a BBS of the original, whose streams know no revisions and do not go
// back: they are counted here and kept for a while, so that who lists can follow without a gap.
// Source: reference/bbs-http-api.md "Event streams". Internal to libs/clients.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/http_client/client.h"
#include "libs/http_client/server_sent_events.h"
#include "libs/sync/guarded.h"
#include "proto/diego/bbs.pb.h"

namespace diego::clients {

// The revision of the newest event, from libs/models/revision.h kFirstCountedByClient on.
using RevisionCount = std::atomic<int64_t>;

// The streams of one filter, while they last. Thread-safe.
class HttpEvents : public std::enable_shared_from_this<HttpEvents> {
 public:
  // `count` must outlive it and the client.
  HttpEvents(const SubscribeRequest& filter, RevisionCount& count);

  // Asks for the streams; `base` is a request to the BBS without method, path and body.
  void Start(http_client::Client& client, const std::string& url, const http_client::Request& base);
  // True when they have ended, or were given up: nothing more comes.
  bool over() const { return over_.load(); }

  // For who follows: between Attach and Detach events are kept as far as room goes.
  // Waits until the streams are open. Returns the revision to begin after: `after`; or without, for
  // the first who follows that of the opening, else that of now.
  //   OutOfRange   what came after `after` is not all here
  //   Unavailable  no stream
  //   Cancelled    `cancelled` holds; call Wake when it begins to
  absl::StatusOr<int64_t> Attach(std::optional<int64_t> after, const std::atomic<bool>& cancelled);
  void Detach();
  // Waits for the first event after `revision`; nothing when the BBS has ended the stream in good
  // order. Errors as above.
  absl::StatusOr<std::optional<SubscribeResponse>> Next(int64_t revision,
                                                        const std::atomic<bool>& cancelled);
  void Wake();

 private:
  struct Data {
    size_t open = 0;  // streams
    size_t followers = 0;
    bool followed = false;  // ever
    std::optional<absl::Status> end;
    int64_t kept_after = 0;  // what came after it is in `events`
    std::deque<SubscribeResponse> events;
  };
  struct Stream {
    std::string path;
    std::string body;
    http_client::ServerSentEvents parser = {};
  };
  void OnStatus(int status);
  void OnEvent(const std::string& name, const std::string& bytes);
  void End(const absl::Status& status);
  bool Wanted(const SubscribeResponse& event) const;

  const bool lrp_instances_;
  const bool desired_lrps_;
  RevisionCount& count_;
  std::vector<Stream> streams_;  // each parser is of the client's thread
  std::atomic<bool> over_{false};
  Guarded<Data> data_;
};

// The event of that name with those bytes; not set for a name that is not known. DataLoss for bytes
// that are not of it.
absl::StatusOr<SubscribeResponse> EventNamed(const std::string& name, const std::string& bytes);

}  // namespace diego::clients
