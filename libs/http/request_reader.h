// RequestReader: makes requests of the bytes of one connection, HTTP/1.0 and 1.1. Knows no socket.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "libs/http/message.h"

namespace diego::http {

struct ReadLimits {
  size_t header_bytes = 64 << 10;  // request line and headers
  uint64_t body_bytes = 64 << 20;
};

// One request after the other. One thread at a time. Holds next to no memory between requests.
class RequestReader {
 public:
  explicit RequestReader(const ReadLimits& limits);
  ~RequestReader();

  enum class Result {
    kMore,    // give the bytes that were not used again, with more behind them
    kDone,    // Take() has a request
    kFailed,  // error() says how to answer; the connection cannot go on
  };
  // Reads from the front of `bytes` and says in `used` how many of them are done with. Bytes behind
  // a whole request are those of the next.
  Result Read(absl::string_view bytes, size_t* used);

  // Some byte of a request was read that is not whole yet.
  bool under_way() const { return parser_ != nullptr; }
  // The header of the request under way is whole: its body follows.
  bool header_done() const;
  // True once a request: its client waits for "100 Continue" before it sends the body.
  bool TakeExpectsContinue();

  // After kDone, once.
  Request Take();
  // Of the request that Take returned: whether the client will take another answer on the
  // connection.
  bool keep_alive() const { return keep_alive_; }

  const Response& error() const { return error_; }

 private:
  struct Parser;
  Result Fail(int status, absl::string_view text);
  Result CheckHeader();

  const ReadLimits limits_;
  std::unique_ptr<Parser> parser_;
  bool keep_alive_ = false;
  Response error_;
};

}  // namespace diego::http
