// What a running command has at hand: its words, the streams, and the servers it talks to.
#pragma once

#include <functional>
#include <istream>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/http_client/request.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/request_id.h"
#include "libs/rpc/status.h"
#include "proto/diego/bbs.grpc.pb.h"
#include "proto/models/locket.grpc.pb.h"
#include "services/cfdot/attempts.h"
#include "services/cfdot/command.h"
#include "services/cfdot/connection.h"
#include "services/cfdot/failure.h"

namespace diego::cfdot {

// The world outside; the referred must outlive the session.
struct Io {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  Environment environment;
  const Clock& clock;
};

// Through all addresses.
inline constexpr absl::Duration kPauseBetweenRounds = absl::Milliseconds(500);

// Stubs of one service at its addresses. Every call carries the command's trace id. One thread.
template <typename Service>
class Peer {
 public:
  using Stub = typename Service::Stub;

  // `open_url`: of addresses that are URLs; see libs/rpc/channel.h.
  Peer(const std::vector<std::string>& addresses, absl::Duration timeout, int rounds,
       absl::Duration pause, const std::shared_ptr<grpc::ChannelCredentials>& credentials,
       std::string request_id,
       std::function<std::shared_ptr<grpc::Channel>(const std::string&)> open_url = {})
      : addresses_(addresses), timeout_(timeout), request_id_(std::move(request_id)) {
    rpc::FailoverChannel::Options options;
    options.rounds = rounds;
    options.pause = pause;
    options.attempt_timeout = absl::InfiniteDuration();
    options.open_url = std::move(open_url);
    channel_ = std::make_unique<rpc::FailoverChannel>(addresses, credentials, rpc::ChannelOptions(),
                                                      options);
    for (size_t i = 0; i < channel_->size(); ++i) {
      stubs_.push_back(Service::NewStub(channel_->channel(i)));
    }
  }

  template <typename Request, typename Response>
  absl::Status Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response* response) {
    return Try(timeout_, rpc::Repeat::kUnsafe, [&](grpc::ClientContext* context, size_t index) {
      Prepare(context);
      return (stubs_[index].get()->*method)(context, request, response);
    });
  }

  // A call that changes something: repeated at the next address, carried out once by its id.
  template <typename Request, typename Response>
  absl::Status CallOnce(const std::string& id,
                        grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                     Response*),
                        const Request& request, Response* response) {
    return Try(timeout_, rpc::Repeat::kSafe, [&](grpc::ClientContext* context, size_t index) {
      Prepare(context);
      context->AddMetadata(rpc::kRequestIdMetadata, id);
      return (stubs_[index].get()->*method)(context, request, response);
    });
  }

  // Reads a list that comes in chunks to its end: `restart()` before each attempt, `take(chunk)`.
  template <typename Request, typename Chunk, typename Restart, typename Take>
  absl::Status List(std::unique_ptr<grpc::ClientReader<Chunk>> (Stub::*method)(grpc::ClientContext*,
                                                                               const Request&),
                    const Request& request, Restart restart, Take take) {
    return Try(timeout_, rpc::Repeat::kSafe, [&](grpc::ClientContext* context, size_t index) {
      Prepare(context);
      restart();
      auto reader = (stubs_[index].get()->*method)(context, request);
      Chunk chunk;
      while (reader->Read(&chunk)) take(&chunk);
      return reader->Finish();
    });
  }

  // FailoverChannel::Call; a failure tells of all addresses.
  template <typename Attempt>
  absl::Status Try(absl::Duration timeout, rpc::Repeat repeat, Attempt attempt) {
    Attempts attempts;
    return attempts.Explain(
        channel_->Call(timeout, repeat, [&](grpc::ClientContext* context, size_t index) {
          const grpc::Status status = attempt(context, index);
          attempts.Note(addresses_[index], status);
          return status;
        }));
  }

  void Prepare(grpc::ClientContext* context) const {
    context->AddMetadata("x-vcap-request-id", request_id_);
  }
  rpc::FailoverChannel& channel() { return *channel_; }
  Stub& stub(size_t index) { return *stubs_[index]; }

 private:
  const std::vector<std::string> addresses_;
  const absl::Duration timeout_;
  const std::string request_id_;
  std::unique_ptr<rpc::FailoverChannel> channel_;
  std::vector<std::unique_ptr<Stub>> stubs_;
};

using BbsPeer = Peer<diego::Bbs>;
using LocketPeer = Peer<models::Locket>;

// One thread.
class Session {
 public:
  // Validation failures for what is wrong with the connection flags or --output.
  static absl::StatusOr<std::unique_ptr<Session>> Open(const Invocation& invocation, Io& io);

  const Invocation& invocation() const { return invocation_; }
  Io& io() { return io_; }
  const ConnectionSettings& settings() const { return settings_; }
  const std::shared_ptr<grpc::ChannelCredentials>& credentials() const { return credentials_; }
  http_client::Tls HttpTls() const;
  const std::string& request_id() const { return request_id_; }

  bool as_table() const { return as_table_; }
  // A line of stdout.
  void Print(absl::string_view line) { io_.out << line << '\n'; }

  // A BBS of ours by gRPC, or of the original by HTTP; whichever serves.
  std::unique_ptr<BbsPeer> MakeBbsPeer(absl::Duration timeout, int rounds,
                                       absl::Duration pause = kPauseBetweenRounds) const;
  // One attempt at each address, as the original.
  BbsPeer& bbs();
  LocketPeer& locket();

  // The same with the failure that the command ends with.
  template <typename Method, typename Request, typename Response>
  absl::Status CallBbs(Method method, const Request& request, Response* response) {
    return BbsFailure(bbs().Call(method, request, response));
  }
  // A call that changes something, under the id given with --request-id or else a new one.
  template <typename Method, typename Request, typename Response>
  absl::Status ChangeBbs(Method method, const Request& request, Response* response) {
    const std::string given = invocation_.Text("request-id");
    return BbsFailure(
        bbs().CallOnce(given.empty() ? RandomUuid() : given, method, request, response));
  }
  template <typename Method, typename Request, typename Response>
  absl::Status CallLocket(Method method, const Request& request, Response* response) {
    return LocketFailure(locket().Call(method, request, response));
  }
  // All records of a list that comes in chunks; `records_of(chunk)` is its repeated field.
  template <typename Record, typename Method, typename Request, typename RecordsOf>
  absl::StatusOr<std::vector<Record>> ListBbs(Method method, const Request& request,
                                              RecordsOf records_of) {
    std::vector<Record> records;
    const absl::Status status = bbs().List(
        method, request, [&] { records.clear(); },
        [&](auto* chunk) {
          for (Record& record : *records_of(chunk)) records.push_back(std::move(record));
        });
    if (!status.ok()) return BbsFailure(status);
    return records;
  }

 private:
  Session(const Invocation& invocation, Io& io) : invocation_(invocation), io_(io) {}

  const Invocation& invocation_;
  Io& io_;
  bool as_table_ = false;
  ConnectionSettings settings_;
  std::shared_ptr<grpc::ChannelCredentials> credentials_;
  std::string request_id_;
  std::unique_ptr<BbsPeer> bbs_;
  std::unique_ptr<LocketPeer> locket_;
};

}  // namespace diego::cfdot
