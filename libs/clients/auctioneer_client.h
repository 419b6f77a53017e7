// AuctioneerClient: hands over requests for placement.
// Source: reference/rep-auctioneer-http-api.md "Auctioneer".
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/clients/connection.h"
#include "libs/models/cell_state.h"

namespace diego::clients {

// What an auctioneer says to requests. That one was accepted says nothing of its placement.
struct AuctionAnswer {
  int32_t accepted = 0;
  // Requests that can never be placed because they are malformed, each with the field at fault.
  std::vector<std::string> dropped;
};

// Thread-safe; calls block for at most the connection's timeout. Both calls may be repeated without
// harm: an auctioneer treats equal requests as one. ResourceExhausted: more is waiting there than
// may wait.
class AuctioneerClient {
 public:
  // The addresses are those of all auctioneers; the one that holds the lock answers.
  static absl::StatusOr<std::unique_ptr<AuctioneerClient>> Create(const ConnectionOptions& options);
  // Speaks the original's HTTP and JSON instead, over mutual TLS. Its auctioneers do not say what
  // they drop: everything counts as accepted.
  static absl::StatusOr<std::unique_ptr<AuctioneerClient>> CreateHttp(
      const ConnectionOptions& options);
  ~AuctioneerClient();

  // `trace_id`: of the request that these come of, if any.
  absl::StatusOr<AuctionAnswer> RequestLrpAuctions(const std::vector<LrpStartRequest>& requests,
                                                   const std::string& trace_id = "");
  absl::StatusOr<AuctionAnswer> RequestTaskAuctions(const std::vector<TaskStartRequest>& requests,
                                                    const std::string& trace_id = "");
  // Ends the pauses between attempts of all calls. For shutting down.
  void Cancel();

 private:
  struct Impl;
  struct GrpcImpl;
  struct HttpImpl;
  explicit AuctioneerClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace diego::clients
