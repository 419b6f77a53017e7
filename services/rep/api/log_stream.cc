#include "services/rep/api/log_stream.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"

namespace diego::rep {
namespace {

constexpr size_t kLinesPerRead = 64;
constexpr absl::Duration kLongestWait = absl::Milliseconds(200);

// A stream that has ended before it began.
class RefusedStream final : public grpc::ServerWriteReactor<LogsResponse> {
 public:
  explicit RefusedStream(const absl::Status& status) { Finish(rpc::ToGrpc(status)); }
  void OnDone() override { delete this; }
};

absl::Status ShuttingDown() { return absl::UnavailableError("the cell is shutting down"); }

}  // namespace

LogStream::LogStream(LogStreams& all, const LogStore& store, std::string container_guid,
                     uint64_t from, bool follow)
    : all_(all),
      store_(store),
      container_guid_(std::move(container_guid)),
      follow_(follow),
      next_(from) {}

void LogStream::Begin(std::shared_ptr<LogStream> self) {
  self_ = std::move(self);
  SendNext();
}

void LogStream::Wake() {
  const bool mine = turn_.With([](Turn& turn) {
    if (turn.busy) turn.woken = true;
    return !turn.ended && !std::exchange(turn.busy, true);
  });
  if (mine) SendNext();
}

void LogStream::Close(const absl::Status& why) {
  const bool mine = turn_.With([&](Turn& turn) {
    if (turn.closing.ok()) turn.closing = why;
    return !turn.ended && !std::exchange(turn.busy, true);
  });
  if (mine) End(why);
}

void LogStream::OnWriteDone(bool ok) {
  if (ok) {
    SendNext();
  } else {
    End(absl::CancelledError("the client is gone"));
  }
}

void LogStream::OnCancel() { Close(absl::CancelledError("the client is gone")); }

void LogStream::OnDone() {
  const std::shared_ptr<LogStream> last = std::move(self_);
  all_.Forget(last);
}

void LogStream::SendNext() {
  const absl::Status closing = turn_.With([](Turn& turn) { return turn.closing; });
  if (!closing.ok()) return End(closing);
  while (lines_.empty()) {
    LogChunk chunk = store_.Read(container_guid_, next_, kLinesPerRead);
    next_ = chunk.next;
    lines_.assign(chunk.lines.begin(), chunk.lines.end());
    if (!lines_.empty()) break;
    if (chunk.ended || !follow_) return End(absl::OkStatus());
    if (Rest()) return;
  }
  const LogLine& line = lines_.front();
  message_.set_time_ns(absl::ToUnixNanos(line.time));
  message_.set_source(line.source);
  message_.set_error_stream(line.stream == Stream::kStderr);
  message_.set_line(line.text);
  lines_.pop_front();
  StartWrite(&message_);
}

bool LogStream::Rest() {
  return turn_.With([](Turn& turn) {
    if (std::exchange(turn.woken, false) || !turn.closing.ok()) return false;
    turn.busy = false;
    return true;
  });
}

void LogStream::End(const absl::Status& status) {
  turn_.With([](Turn& turn) { turn.ended = true; });
  Finish(rpc::ToGrpc(status));
}

grpc::ServerWriteReactor<LogsResponse>* LogStreams::Open(const LogsRequest& request) {
  const size_t tail = request.tail_lines() > 0 ? static_cast<size_t>(request.tail_lines()) : 0;
  const std::optional<uint64_t> from = store_.TailStart(request.container_guid(), tail);
  if (!from) {
    return new RefusedStream(absl::NotFoundError(
        absl::StrCat("no log of container '", request.container_guid(), "' on this cell")));
  }
  auto stream =
      std::make_shared<LogStream>(*this, store_, request.container_guid(), *from, request.follow());
  const absl::Status admitted = data_.With([&](Data& data) {
    if (data.closed) return ShuttingDown();
    if (data.streams.size() >= most_) {
      return absl::ResourceExhaustedError("too many readers of logs; try again later");
    }
    data.streams.insert(stream);
    return absl::OkStatus();
  });
  if (!admitted.ok()) return new RefusedStream(admitted);
  stream->Begin(stream);
  return stream.get();
}

grpc::ServerWriteReactor<LogsResponse>* LogStreams::Refuse(const absl::Status& why) {
  return new RefusedStream(why);
}

absl::Duration LogStreams::Step() {
  const uint64_t version = store_.Wait(version_, kLongestWait);
  if (std::exchange(version_, version) == version) return absl::ZeroDuration();
  for (const std::shared_ptr<LogStream>& stream : Streams()) stream->Wake();
  return absl::ZeroDuration();
}

void LogStreams::Close() {
  data_.With([](Data& data) { data.closed = true; });
  for (const std::shared_ptr<LogStream>& stream : Streams()) stream->Close(ShuttingDown());
}

void LogStreams::Forget(const std::shared_ptr<LogStream>& stream) {
  data_.With([&](Data& data) { data.streams.erase(stream); });
}

std::set<std::shared_ptr<LogStream>> LogStreams::Streams() const {
  return data_.With([](const Data& data) { return data.streams; });
}

}  // namespace diego::rep
