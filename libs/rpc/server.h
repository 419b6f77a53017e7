// Server: one gRPC port over mutual TLS, with grpc.health.v1 and server reflection.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/server.h"
#include "libs/rpc/tls.h"

namespace diego::rpc {

struct ServerOptions {
  std::string address = {};  // "host:port"; port 0 = any free one
  TlsFiles tls = {};
  absl::Duration certificate_refresh = kCertificateRefresh;
  // A larger message is answered with RESOURCE_EXHAUSTED.
  int max_receive_bytes = 64 << 20;
  int max_send_bytes = 1 << 30;
  // Calls in progress on one connection; more wait at the client.
  int max_streams_per_connection = 10000;
  // Full names, "diego.Bbs", that health checks may ask for besides "".
  std::vector<std::string> health_names = {};
};

// Thread-safe after Start.
class Server {
 public:
  // Listens and serves at once; health says NOT_SERVING until SetServing(true). The services must
  // outlive the server. Errors: InvalidArgument for the TLS files, Unavailable with the address
  // when the port cannot be had.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                                       const std::vector<grpc::Service*>& services);
  // Shuts down without grace if nobody has.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // The port that was bound.
  int port() const { return port_; }
  // The address given, with the bound port.
  const std::string& address() const { return address_; }

  // What health checks of "" and of `health_names` hear.
  void SetServing(bool serving);

  // Health turns NOT_SERVING, no new calls are taken; calls in progress may end within `grace`,
  // then are cancelled. Returns when all handlers are over. Idempotent.
  void Shutdown(absl::Duration grace);

 private:
  Server() = default;

  std::unique_ptr<grpc::Server> server_;
  std::vector<std::string> health_names_;
  int port_ = 0;
  std::string address_;
};

}  // namespace diego::rpc
