// Client: requests from any thread, carried out by one thread of its own.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "libs/http_client/request.h"

namespace diego::http_client {

// Thread-safe.
class Client {
 public:
  using Done = std::function<void(Outcome)>;

  // More than `most_requests` under way or waiting are refused.
  explicit Client(size_t most_requests);
  // Ends all requests with Cancelled, and returns after their callbacks.
  ~Client();

  // `done` is called exactly once, on the client's thread (which it must not block), or at once
  // with ResourceExhausted or, when the client is going, Cancelled.
  void Start(Request request, Done done);
  // The same, waiting for the outcome. Not from within a callback.
  Outcome Run(Request request);
  // Has the requests under way asked at once whether they are `cancelled`.
  void Wake();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace diego::http_client
