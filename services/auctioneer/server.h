// The auctioneer's start-up order:
//   1. metrics on their own port
//   2. clients of the BBS, the cells and Locket (they connect when first used)
//   3. the loop with its thread; it waits for work
//   4. gRPC; health says NOT_SERVING, requests are answered UNAVAILABLE: a standby
//   5. the lock: once held, health says SERVING, requests are taken, and the HTTP port is opened
// A BBS of the original looks for the auctioneer by who listens, so a standby does not.
// Active is who surely holds the lock: while Locket is away, until the lock's deadline. Shutting
// down gives the lock up first, so that a standby takes over at once; a round in progress then
// hands out nothing more.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "libs/log/log.h"
#include "services/auctioneer/config.h"

namespace diego::auctioneer {

class AuctioneerServer {
 public:
  static absl::StatusOr<std::unique_ptr<AuctioneerServer>> Start(const AuctioneerConfig& config,
                                                                 const log::Logger& log);
  ~AuctioneerServer();
  AuctioneerServer(const AuctioneerServer&) = delete;
  AuctioneerServer& operator=(const AuctioneerServer&) = delete;

  // The gRPC port that was bound.
  int port() const;
  // The HTTP port, while it is open; else 0.
  int http_port() const;
  // Whether it holds the lock.
  bool active() const;

 private:
  struct Parts;
  explicit AuctioneerServer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace diego::auctioneer
