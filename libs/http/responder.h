// Responder: where the answer to one request goes; and what a streamed answer is made of.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "libs/http/message.h"

namespace diego::http {

// Collects chunks of a body with Transfer-Encoding "chunked".
class ChunkWriter {
 public:
  // `size_suffix` stands between the size and its line break: "" or a chunk extension.
  ChunkWriter(std::string* out, absl::string_view size_suffix)
      : out_(out), size_suffix_(size_suffix) {}
  // One chunk. Nothing for an empty one, which would end the body.
  void Write(absl::string_view data);
  // The chunk that ends the body.
  void WriteEnd();
  // Bytes that wait to be sent.
  size_t size() const { return out_->size(); }

 private:
  std::string* const out_;
  const absl::string_view size_suffix_;
};

// The body of a streamed answer. It is asked for more whenever everything before was taken by the
// client's connection, so that a slow client holds no more than one helping in memory. Calls come
// from a thread of the server, one at a time, and must not block.
class StreamSource {
 public:
  enum class Next {
    kMore,  // ask again as soon as this is sent
    kWait,  // ask again after the waker was called
    kEnd,   // that was all: the body ends, and with it the connection
  };
  virtual ~StreamSource() = default;
  // Writes a helping: stop once `out` holds about `enough` bytes.
  virtual Next Write(ChunkWriter* out, size_t enough) = 0;
  // About once a second while some of what it wrote waits for the client to take it. False: it is
  // asked for no more; the body ends behind what waits.
  virtual bool Patient() { return true; }
};

struct StreamHead {
  int status = 200;
  std::string content_type = {};
  std::vector<Header> headers = {};
  std::string chunk_size_suffix = {};
};

// The connection's side of one answer. Thread-safe.
class ResponseSink {
 public:
  virtual ~ResponseSink() = default;
  virtual void Send(Response response) = 0;
  virtual void Stream(StreamHead head, std::unique_ptr<StreamSource> source) = 0;
  virtual std::function<void()> Waker() = 0;
};

// Copies are the same answer. Thread-safe. The first Send or Stream counts, further ones are
// ignored; when the last copy goes without either, the answer is 500.
class Responder {
 public:
  explicit Responder(std::shared_ptr<ResponseSink> sink)
      : state_(std::make_shared<State>(std::move(sink))) {}

  void Send(Response response) const {
    if (!state_->answered.exchange(true)) state_->sink->Send(std::move(response));
  }
  void Stream(StreamHead head, std::unique_ptr<StreamSource> source) const {
    if (!state_->answered.exchange(true)) state_->sink->Stream(std::move(head), std::move(source));
  }
  // Wakes the source of the stream that this answer is or will be. Any thread, any time, also long
  // after the stream's end; cheap.
  std::function<void()> Waker() const { return state_->sink->Waker(); }

 private:
  struct State {
    explicit State(std::shared_ptr<ResponseSink> s) : sink(std::move(s)) {}
    ~State() {
      if (!answered) sink->Send(TextResponse(500, "Internal Server Error"));
    }
    const std::shared_ptr<ResponseSink> sink;
    std::atomic<bool> answered{false};
  };
  std::shared_ptr<State> state_;
};

}  // namespace diego::http
