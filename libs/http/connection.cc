#include "libs/http/connection.h"

#include <atomic>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace diego::http {
namespace {

using boost::asio::ip::tcp;
using Io = Transport::Io;
using Error = boost::system::error_code;

constexpr size_t kReadBytes = 16 << 10;
constexpr size_t kSmallBodyBytes = 16 << 10;  // sent together with its head
constexpr size_t kHelpingBytes = 32 << 10;
constexpr size_t kMostIgnoredBytes = 1 << 20;
constexpr int kStepsPerTurn = 64;
constexpr absl::Duration kLingering = absl::Seconds(2);
constexpr absl::Duration kPatienceBeat = absl::Seconds(1);

// An idle connection holds no buffer.
void Release(std::string* buffer) { std::string().swap(*buffer); }

bool HasHeader(const std::vector<Header>& headers, absl::string_view name) {
  for (const Header& header : headers) {
    if (absl::EqualsIgnoreCase(header.name, name)) return true;
  }
  return false;
}

}  // namespace

const std::string& Loop::Date() {
  const absl::Duration now = shared->clock.Monotonic();
  if (now >= date_at_ + absl::Seconds(1)) {
    date_at_ = now;
    date_ = absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", shared->clock.Now(), absl::UTCTimeZone());
  }
  return date_;
}

void Loop::Sweep() {
  const std::vector<std::shared_ptr<Connection>> all(connections.begin(), connections.end());
  for (const std::shared_ptr<Connection>& connection : all) connection->Sweep();
}

void Loop::Drain() {
  draining = true;
  const std::vector<std::shared_ptr<Connection>> all(connections.begin(), connections.end());
  for (const std::shared_ptr<Connection>& connection : all) connection->Drain();
}

void Loop::End() {
  const std::vector<std::shared_ptr<Connection>> all(connections.begin(), connections.end());
  for (const std::shared_ptr<Connection>& connection : all) connection->Close();
}

// Finds its way back to the connection's thread; the connection may be gone by then.
class Connection::Sink final : public ResponseSink {
 public:
  Sink(std::shared_ptr<Loop> loop, std::weak_ptr<Connection> connection, uint64_t id)
      : loop_(std::move(loop)), connection_(std::move(connection)), id_(id) {}

  void Send(Response response) override {
    boost::asio::dispatch(loop_->context, [connection = connection_, id = id_,
                                           response = std::move(response)]() mutable {
      if (const auto alive = connection.lock()) alive->Answer(id, std::move(response));
    });
  }
  void Stream(StreamHead head, std::unique_ptr<StreamSource> source) override {
    boost::asio::dispatch(loop_->context,
                          [connection = connection_, id = id_, head = std::move(head),
                           source = std::move(source)]() mutable {
                            if (const auto alive = connection.lock()) {
                              alive->BeginStream(id, std::move(head), std::move(source));
                            }
                          });
  }
  std::function<void()> Waker() override {
    // At most one wake is on its way, however often it is called.
    auto called = std::make_shared<std::atomic<bool>>(false);
    return [loop = loop_, connection = connection_, called = std::move(called)] {
      if (called->exchange(true)) return;
      boost::asio::post(loop->context, [connection, called] {
        *called = false;
        if (const auto alive = connection.lock()) alive->Pump();
      });
    };
  }

 private:
  const std::shared_ptr<Loop> loop_;
  const std::weak_ptr<Connection> connection_;
  const uint64_t id_;
};

Connection::Connection(Loop* loop, tcp::socket socket, SslPointer ssl)
    : loop_(loop),
      socket_(std::move(socket)),
      transport_(socket_.native_handle(), std::move(ssl)),
      deadline_(Now() + options().handshake_timeout),
      reader_(options().limits) {}

Connection::~Connection() {
  loop_->shared->open.With([](size_t& open) { --open; });
}

void Connection::Start() {
  loop_->connections.insert(shared_from_this());
  Pump();
}

void Connection::Close() {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  source_.reset();
  transport_.Close();
  Error ignored;
  // Else the kernel would keep megabytes for a client that takes nothing, long after we are done.
  if (blocked_) socket_.set_option(boost::asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
  loop_->connections.erase(shared_from_this());
}

void Connection::Drain() {
  close_after_ = true;
  const bool idle = state_ == State::kReading && phase_ == Phase::kIdle && input_.empty();
  if (idle || state_ == State::kHandshake) Close();
}

void Connection::Sweep() {
  const absl::Duration now = Now();
  if (state_ == State::kStreaming && blocked_) SweepStream(now);
  if (now < deadline_ || state_ == State::kClosed) return;
  if (state_ == State::kReading && phase_ != Phase::kIdle) {
    Refuse(TextResponse(408, "408 Request Timeout: the request did not come in time"));
    return Pump();
  }
  Close();
}

void Connection::SweepStream(absl::Duration now) {
  if (now - stalled_since_ > options().write_timeout) return Close();
  if (source_ == nullptr || now - asked_patience_at_ < kPatienceBeat) return;
  asked_patience_at_ = now;
  if (source_->Patient()) return;
  EndStream();
}

// The place among the followers is free at once; what still waits is given as long as any answer.
void Connection::EndStream() {
  source_.reset();
  ChunkWriter(&output_, chunk_size_suffix_).WriteEnd();
  deadline_ = Now() + options().write_timeout;
}

void Connection::Pump() {
  if (std::exchange(pumping_, true)) {
    again_ = true;
    return;
  }
  const auto self = shared_from_this();
  int steps = 0;
  do {
    again_ = false;
    while (Advance()) {
      if (++steps < kStepsPerTurn) continue;
      // The others on this loop have their turn as well.
      boost::asio::post(loop_->context, [self] { self->Pump(); });
      again_ = false;
      break;
    }
  } while (again_);
  pumping_ = false;
}

bool Connection::Advance() {
  switch (state_) {
    case State::kHandshake: return Handshake();
    case State::kReading: return Read();
    case State::kSending: return Send();
    case State::kStreaming: return Stream();
    case State::kLingering: return Linger();
    case State::kHandling:
    case State::kClosed: return false;
  }
  return false;
}

bool Connection::Handshake() {
  const Io io = transport_.Handshake();
  if (io == Io::kDone) {
    peer_ = transport_.Peer();
    BeginReading();
    return true;
  }
  Wait(io);
  return false;
}

void Connection::BeginReading() {
  if (loop_->draining || close_after_) return BeginLingering();
  state_ = State::kReading;
  phase_ = Phase::kIdle;
  deadline_ = Now() + options().idle_timeout;
  if (input_.empty()) Release(&input_);
}

void Connection::SetPhase() {
  const Phase phase = reader_.header_done()                    ? Phase::kBody
                      : reader_.under_way() || !input_.empty() ? Phase::kHeader
                                                               : Phase::kIdle;
  if (phase == phase_) return;
  phase_ = phase;
  if (phase == Phase::kHeader) deadline_ = Now() + options().header_timeout;
  if (phase == Phase::kBody) deadline_ = Now() + options().body_timeout;
}

bool Connection::Read() {
  if (!input_.empty()) {
    size_t used = 0;
    const RequestReader::Result result = reader_.Read(input_, &used);
    input_.erase(0, used);
    if (result == RequestReader::Result::kFailed) {
      Refuse(reader_.error());
      return true;
    }
    if (result == RequestReader::Result::kDone) {
      Handle();
      return true;
    }
    SetPhase();
    if (reader_.TakeExpectsContinue()) {
      output_ = "HTTP/1.1 100 Continue\r\n\r\n";
      if (const Io io = Flush(); io != Io::kDone) {
        // A client that takes not even this is not waiting for it.
        Close();
        return false;
      }
    }
  }
  char buffer[kReadBytes];
  size_t count = 0;
  const Io io = transport_.Read(buffer, sizeof buffer, &count);
  if (io != Io::kDone) {
    Wait(io);
    return false;
  }
  input_.append(buffer, count);
  return true;
}

void Connection::Handle() {
  Request request = reader_.Take();
  close_after_ = !reader_.keep_alive() || loop_->draining;
  head_only_ = request.method == "HEAD";
  request.peer = peer_;
  state_ = State::kHandling;
  deadline_ = absl::InfiniteDuration();
  auto sink = std::make_shared<Sink>(loop_->self(), weak_from_this(), ++answer_id_);
  loop_->shared->handler(std::move(request), Responder(std::move(sink)));
}

void Connection::PutHead(int status, const std::string& content_type,
                         const std::vector<Header>& headers, absl::string_view framing) {
  output_ = absl::StrCat("HTTP/1.1 ", status, " ", ReasonPhrase(status), "\r\n");
  if (!content_type.empty()) absl::StrAppend(&output_, "Content-Type: ", content_type, "\r\n");
  for (const Header& header : headers) {
    absl::StrAppend(&output_, header.name, ": ", header.value, "\r\n");
  }
  if (!HasHeader(headers, "Date")) absl::StrAppend(&output_, "Date: ", loop_->Date(), "\r\n");
  absl::StrAppend(&output_, framing, "\r\n");
  sent_ = 0;
}

void Connection::Answer(uint64_t id, Response response) {
  if (state_ != State::kHandling || id != answer_id_) return;
  PutHead(response.status, response.content_type, response.headers,
          absl::StrCat("Content-Length: ", response.body.size(), "\r\n",
                       close_after_ ? "Connection: close\r\n" : ""));
  if (head_only_) response.body.clear();
  if (response.body.size() <= kSmallBodyBytes) {
    output_ += response.body;
  } else {
    output_behind_ = std::move(response.body);
  }
  state_ = State::kSending;
  deadline_ = Now() + options().write_timeout;
  Pump();
}

void Connection::BeginStream(uint64_t id, StreamHead head, std::unique_ptr<StreamSource> source) {
  if (state_ != State::kHandling || id != answer_id_) return;
  PutHead(head.status, head.content_type, head.headers, "Transfer-Encoding: chunked\r\n");
  chunk_size_suffix_ = std::move(head.chunk_size_suffix);
  source_ = std::move(source);
  state_ = State::kStreaming;
  stalled_since_ = Now();
  Pump();
}

void Connection::Refuse(Response response) {
  close_after_ = true;
  head_only_ = false;
  state_ = State::kHandling;
  Answer(answer_id_, std::move(response));
}

Io Connection::Flush() {
  while (sent_ < output_.size()) {
    size_t count = 0;
    const Io io = transport_.Write(output_.data() + sent_, output_.size() - sent_, &count);
    blocked_ = io != Io::kDone;
    if (blocked_) return io;
    sent_ += count;
    stalled_since_ = Now();
  }
  Release(&output_);
  sent_ = 0;
  return Io::kDone;
}

bool Connection::Send() {
  const size_t sent_before = sent_;
  const Io io = Flush();
  if (io != Io::kDone) {
    if (sent_ != sent_before) deadline_ = Now() + options().write_timeout;
    Wait(io);
    return false;
  }
  if (!output_behind_.empty()) {
    output_.swap(output_behind_);
    return true;
  }
  BeginReading();
  return true;
}

bool Connection::Stream() {
  if (std::exchange(readable_, false) && !DrainInput()) {
    Close();
    return false;
  }
  if (const Io io = Flush(); io != Io::kDone) {
    Wait(io);
    if (io == Io::kWantWrite) WaitToRead();
    return false;
  }
  if (source_ == nullptr) {
    BeginLingering();
    return true;
  }
  ChunkWriter writer(&output_, chunk_size_suffix_);
  switch (source_->Write(&writer, kHelpingBytes)) {
    case StreamSource::Next::kMore: return true;
    case StreamSource::Next::kEnd: EndStream(); return true;
    case StreamSource::Next::kWait: break;
  }
  if (!output_.empty()) return true;
  WaitToRead();
  return false;
}

bool Connection::DrainInput() {
  char buffer[kReadBytes];
  size_t count = 0;
  Io io = Io::kDone;
  while (io == Io::kDone && ignored_bytes_ < kMostIgnoredBytes) {
    io = transport_.Read(buffer, sizeof buffer, &count);
    ignored_bytes_ += count;
  }
  return io == Io::kWantRead || io == Io::kWantWrite;
}

void Connection::BeginLingering() {
  state_ = State::kLingering;
  deadline_ = Now() + kLingering;
  ignored_bytes_ = 0;
  // To close with bytes unread would make the kernel take back what the client has yet to read.
  transport_.Close();
  Error ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

bool Connection::Linger() {
  char buffer[kReadBytes];
  Io io = Io::kDone;
  while (io == Io::kDone && ignored_bytes_ < kMostIgnoredBytes) {
    size_t count = 0;
    io = transport_.Discard(buffer, sizeof buffer, &count);
    ignored_bytes_ += count;
  }
  if (io == Io::kWantRead) {
    WaitToRead();
  } else {
    Close();
  }
  return false;
}

void Connection::Wait(Io io) {
  switch (io) {
    case Io::kWantRead: return WaitToRead();
    case Io::kWantWrite: return WaitToWrite();
    case Io::kDone:
    case Io::kClosed:
    case Io::kFailed: return Close();
  }
}

void Connection::WaitToRead() {
  if (std::exchange(waiting_to_read_, true)) return;
  socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](const Error&) {
    self->waiting_to_read_ = false;
    self->readable_ = true;
    self->Pump();
  });
}

void Connection::WaitToWrite() {
  if (std::exchange(waiting_to_write_, true)) return;
  socket_.async_wait(tcp::socket::wait_write, [self = shared_from_this()](const Error&) {
    self->waiting_to_write_ = false;
    self->Pump();
  });
}

}  // namespace diego::http
