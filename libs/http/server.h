// Server: an HTTP/1.1 port, over mutual TLS or plain. A few threads serve all connections; none has
// a thread of its own, whether it waits, is answered or follows a stream.
//
//   auto server = http::Server::Start({.address = "0.0.0.0:8889", .tls = files},
//   router.ToHandler());
//
// What it holds against clients: sizes of header and body, a time for each of handshake, header,
// body and taking of an answer, a number of connections. It answers 400, 408, 413, 417, 431 and 501
// itself; all else is the handler's. See docs/adr/0012.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/http/request_reader.h"
#include "libs/http/router.h"
#include "libs/log/log.h"
#include "libs/rpc/tls.h"
#include "libs/rpc/tls_files.h"
#include "libs/sync/worker.h"

namespace diego::http {

inline constexpr size_t kMostConnections = 20000;

struct ServerOptions {
  std::string address = {};  // "host:port"; port 0 = any free one
  // Client certificates are required. Without these files: plain HTTP, on loopback addresses only.
  std::optional<rpc::TlsFiles> tls = {};
  bool plain_anywhere = false;  // for what is no secret and takes no orders: health
  absl::Duration certificate_refresh = rpc::kCertificateRefresh;
  std::string name = "http";  // of the threads
  int threads = 2;
  ReadLimits limits = {};
  size_t connections = kMostConnections;  // more are closed at once
  absl::Duration handshake_timeout = absl::Seconds(10);
  absl::Duration header_timeout = absl::Seconds(10);  // from a request's first byte
  absl::Duration body_timeout = absl::Seconds(60);    // from the end of its header
  absl::Duration write_timeout = absl::Seconds(30);   // in which a client takes nothing
  absl::Duration idle_timeout = absl::Seconds(120);   // between two requests
  log::Logger log = log::Logger::Discard();
};

struct Loop;
struct Shared;
class Acceptor;

// Thread-safe.
class Server {
 public:
  // Listens and serves at once. Errors: InvalidArgument for the TLS files or the address,
  // Unavailable with the address when the port cannot be had. From here on SIGPIPE is ignored, and
  // the process's limit of open files is its hard limit.
  static absl::StatusOr<std::unique_ptr<Server>> Start(ServerOptions options, Handler handler,
                                                       const Clock& clock = RealClock());
  // Without grace if nobody has shut it down. Answers that come later are dropped.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  int port() const { return port_; }
  // The address given, with the bound port.
  const std::string& address() const { return address_; }
  size_t connections() const;

  // Takes no new connections and requests; answers and streams under way may end within `grace`,
  // then everything is closed. Not from the server's own threads. Idempotent.
  void Shutdown(absl::Duration grace);

 private:
  Server() = default;

  std::shared_ptr<Shared> shared_;
  std::vector<std::shared_ptr<Loop>> loops_;
  std::unique_ptr<Acceptor> acceptor_;
  std::vector<std::unique_ptr<Worker>> workers_;
  int port_ = 0;
  std::string address_;
};

}  // namespace diego::http
