// HttpDoor: where the original's clients find the BBS. Open while this BBS is the active one or is
// about to be; closed, no client can connect, which is how they tell a standby.
// Source: reference/bbs-http-api.md "Conventions".
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "libs/http/server.h"
#include "libs/log/log.h"
#include "libs/sync/guarded.h"

namespace diego::bbs {

class HttpDoor {
 public:
  // A server for each of `servers`; `handler` answers their requests.
  HttpDoor(std::vector<http::ServerOptions> servers, http::Handler handler, const log::Logger& log)
      : options_(std::move(servers)), handler_(std::move(handler)), log_(log.Session("http")) {}

  // One thread calls these two. Open: the error is that of http::Server::Start, and nothing is
  // open then. Close: ends what clients have open. Both idempotent.
  absl::Status Open();
  void Close();

  // Any thread: the port of the first server, 0 while closed.
  int port() const;

 private:
  const std::vector<http::ServerOptions> options_;
  const http::Handler handler_;
  const log::Logger log_;
  std::vector<std::unique_ptr<http::Server>> servers_;
  Guarded<int> port_;
};

}  // namespace diego::bbs
