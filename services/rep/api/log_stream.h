// LogStream: one reader of a container's log on gRPC. Writes the next line when the last is on its
// way. LogStreams: all of them, bounded, and who wakes them.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "grpcpp/support/server_callback.h"
#include "libs/sync/guarded.h"
#include "proto/diego/cell.pb.h"
#include "services/rep/engine/log_store.h"

namespace diego::rep {

class LogStreams;

// Owns itself until the call is over. Called by gRPC and by the thread that wakes.
class LogStream final : public grpc::ServerWriteReactor<LogsResponse> {
 public:
  LogStream(LogStreams& all, const LogStore& store, std::string container_guid, uint64_t from,
            bool follow);

  // Begins to write; `self` keeps it until it is done.
  void Begin(std::shared_ptr<LogStream> self);
  // There may be more lines.
  void Wake();
  // Ends the stream when the line under way is written.
  void Close(const absl::Status& why);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  // Who may touch the rest: whoever made `busy` true, until it is false again.
  struct Turn {
    bool busy = true;
    bool woken = false;    // while busy
    absl::Status closing;  // not OK: end with it
    bool ended = false;
  };
  void SendNext();
  // Gives up the turn; false: it is still ours, as there may be more to do.
  bool Rest();
  void End(const absl::Status& status);

  LogStreams& all_;
  const LogStore& store_;
  const std::string container_guid_;
  const bool follow_;
  std::shared_ptr<LogStream> self_;
  Guarded<Turn> turn_;

  uint64_t next_;
  std::deque<LogLine> lines_;
  LogsResponse message_;
};

// Thread-safe. Outlives its streams.
class LogStreams {
 public:
  LogStreams(LogStore& store, size_t most) : store_(store), most_(most) {}

  // Answers with the log; NotFound and ResourceExhausted end the stream at once.
  grpc::ServerWriteReactor<LogsResponse>* Open(const LogsRequest& request);
  // Ends a stream before it begins; `why` is not OK.
  static grpc::ServerWriteReactor<LogsResponse>* Refuse(const absl::Status& why);
  // Waits for lines and wakes the streams; returns how long to wait. One thread.
  absl::Duration Step();
  // Ends all streams, now and later.
  void Close();

 private:
  friend class LogStream;
  struct Data {
    std::set<std::shared_ptr<LogStream>> streams;
    bool closed = false;
  };
  void Forget(const std::shared_ptr<LogStream>& stream);
  std::set<std::shared_ptr<LogStream>> Streams() const;

  LogStore& store_;
  const size_t most_;
  Guarded<Data> data_;
  uint64_t version_ = 0;  // of the store; of the thread that steps
};

}  // namespace diego::rep
