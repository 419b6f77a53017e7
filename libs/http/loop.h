// Loop: one thread of a server, with the connections that live on it. Internal to libs/http.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>

#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/http/router.h"
#include "libs/http/server.h"
#include "libs/sync/guarded.h"

namespace diego::http {

class Connection;

// What all connections of a server share. Outlives them.
struct Shared {
  Shared(ServerOptions o, Handler h, const Clock& c)
      : options(std::move(o)), handler(std::move(h)), clock(c) {}
  const ServerOptions options;
  const Handler handler;
  const Clock& clock;
  Guarded<size_t> open;  // connections
};

// Held by everything that may still post to it. Only `context` may be touched by other threads.
struct Loop : std::enable_shared_from_this<Loop> {
  explicit Loop(std::shared_ptr<Shared> s)
      : shared(std::move(s)), work(boost::asio::make_work_guard(context)) {}

  std::shared_ptr<Loop> self() { return shared_from_this(); }
  // The time as answers give it, made once a second.
  const std::string& Date();
  void Sweep();
  // Lets every connection end after what it is about.
  void Drain();
  // Closes every connection; when the thread is gone.
  void End();

  const std::shared_ptr<Shared> shared;
  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work;
  std::unordered_set<std::shared_ptr<Connection>> connections;
  bool draining = false;

 private:
  absl::Duration date_at_ = -absl::InfiniteDuration();
  std::string date_;
};

}  // namespace diego::http
