// Connection: one client's, from its handshake to its end; a state machine that its loop's thread
// moves on whenever the socket or an answer is ready. Internal to libs/http.
//
//   handshake ─▶ reading ─▶ handling ─▶ sending ─▶ reading …
//                   │            └─────▶ streaming ─▶ lingering ─▶ closed
//                   └ refused ─▶ sending ──────────────┘
//
// Requests on one connection are answered one after the other: what a client sends ahead stays in
// the kernel, but for one buffer, until its turn has come.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "libs/http/loop.h"
#include "libs/http/request_reader.h"
#include "libs/http/responder.h"
#include "libs/http/transport.h"

namespace diego::http {

// Belongs to its loop's thread.
class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Loop* loop, boost::asio::ip::tcp::socket socket, SslPointer ssl);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Takes its place among the loop's connections, and begins.
  void Start();
  // Ends what has taken too long.
  void Sweep();
  // No further request: closes at once when idle, else after the answer under way.
  void Drain();
  // Ends it here and now. What the client has not taken of an answer is taken back.
  void Close();

 private:
  class Sink;
  enum class State {
    kHandshake,
    kReading,
    kHandling,
    kSending,
    kStreaming,
    kLingering,
    kClosed,
  };
  enum class Phase { kIdle, kHeader, kBody };  // of reading

  void Pump();
  // False: nothing to do until something happens.
  bool Advance();
  bool Handshake();
  bool Read();
  bool Send();
  bool Stream();
  bool Linger();

  void SweepStream(absl::Duration now);
  void EndStream();
  void Handle();
  void Answer(uint64_t id, Response response);
  void BeginStream(uint64_t id, StreamHead head, std::unique_ptr<StreamSource> source);
  void Refuse(Response response);
  void BeginReading();
  void BeginLingering();
  void SetPhase();
  void PutHead(int status, const std::string& content_type, const std::vector<Header>& headers,
               absl::string_view framing);
  // Sends of what waits as much as goes. kDone: all of it.
  Transport::Io Flush();
  // False: the client has ended its side, or talks where it should listen.
  bool DrainInput();
  void Wait(Transport::Io io);
  void WaitToRead();
  void WaitToWrite();
  absl::Duration Now() const { return loop_->shared->clock.Monotonic(); }
  const ServerOptions& options() const { return loop_->shared->options; }

  Loop* const loop_;
  boost::asio::ip::tcp::socket socket_;
  Transport transport_;
  std::optional<rpc::PeerIdentity> peer_;
  State state_ = State::kHandshake;
  Phase phase_ = Phase::kIdle;
  absl::Duration deadline_;
  bool pumping_ = false;
  bool again_ = false;
  bool waiting_to_read_ = false;
  bool waiting_to_write_ = false;

  RequestReader reader_;
  std::string input_;       // read, and not yet made part of a request
  uint64_t answer_id_ = 0;  // of the request under way
  bool close_after_ = false;
  bool head_only_ = false;

  std::string output_;
  std::string output_behind_;  // a large body, after its head
  size_t sent_ = 0;            // of output_
  bool blocked_ = false;       // the client's side took no more of output_ when last tried

  std::unique_ptr<StreamSource> source_;
  std::string chunk_size_suffix_;
  bool readable_ = false;
  size_t ignored_bytes_ = 0;          // that came while streaming or lingering
  absl::Duration stalled_since_;      // when the client last took something
  absl::Duration asked_patience_at_;  // its source
};

}  // namespace diego::http
