// LeaseReader: answers Fetch and FetchAll from committed rows. Reads that wait at the same time
// share one query, so a thousand clients that list presences cost one listing.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/log/log.h"
#include "libs/sync/bounded_queue.h"
#include "services/locket/engine/lease_store.h"

namespace diego::locket {

class LeaseReader {
 public:
  struct Options {
    size_t queue_capacity = 20000;
    size_t group_most = 1024;
    absl::Duration patience = absl::Milliseconds(100);
  };
  // Called exactly once, on the reader's thread or, when refused at the door, on the caller's.
  using FetchReply = std::function<void(const absl::StatusOr<StoredLease>&)>;
  using Leases = std::shared_ptr<const std::vector<StoredLease>>;
  using ListReply = std::function<void(const absl::StatusOr<Leases>&)>;
  using GiveUp = std::function<void(const absl::Status& status)>;

  LeaseReader(const Options& options, LeaseStore& store, log::Logger log, GiveUp give_up);

  // Any thread. NotFound "resource-not-found" when nobody holds the key; ResourceExhausted when too
  // many wait.
  void Fetch(std::string key, FetchReply reply);
  // Every lease of `type` that somebody holds, ordered by key. NotFound "invalid-type" for
  // kUnknown.
  void FetchAll(LeaseType type, ListReply reply);

  // One group of reads. One thread.
  absl::Duration Step();
  // As LeaseEngine::Close.
  void Close();

 private:
  struct FetchOne {
    std::string key;
    FetchReply reply;
  };
  struct FetchMany {
    LeaseType type;
    ListReply reply;
  };
  using Waiting = std::variant<FetchOne, FetchMany>;
  void Push(Waiting waiting);
  absl::StatusOr<std::vector<StoredLease>> Load(const std::vector<Waiting>& group);

  const Options options_;
  LeaseStore& store_;
  const log::Logger log_;
  const GiveUp give_up_;
  BoundedQueue<Waiting> queue_;
};

}  // namespace diego::locket
