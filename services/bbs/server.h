// The BBS's start-up order:
//   1. metrics on their own port
//   2. encryption keys, the database's options, clients of Locket, the auctioneer and the cells:
//      what is wrong with them is found before anything else begins
//   3. gRPC: health is NOT_SERVING and every call UNAVAILABLE: a standby
//      The original's HTTP API stays closed until the lock is won; its health port answers at once
//   4. the loops that act outward, and the one that reads the cells' presences
//   5. the lock keeper seeks the lock; the office takes it from there (office.h): office in the
//      database, migrations, load, serve: health turns SERVING
// Shutting down: the term ends and its calls are answered, the lock is given up at once so that the
// standby takes over, then gRPC ends.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "libs/log/log.h"
#include "services/bbs/config.h"

namespace diego::bbs {

class BbsServer {
 public:
  // `clock` outlives the server: what records carry is its wall-clock time, deadlines its monotonic
  // one. `end` is called, with an exit code, when the server cannot go on (a database of a newer
  // version, unknown encryption keys).
  static absl::StatusOr<std::unique_ptr<BbsServer>> Start(const BbsConfig& config,
                                                          const Clock& clock,
                                                          const log::Logger& log,
                                                          std::function<void(int)> end);
  ~BbsServer();
  BbsServer(const BbsServer&) = delete;
  BbsServer& operator=(const BbsServer&) = delete;

  // The ports that were bound.
  int port() const;
  int metrics_port() const;
  int health_port() const;
  // That of the HTTP API; 0 while its door is closed.
  int http_port() const;
  bool active() const;

 private:
  struct Parts;
  explicit BbsServer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace diego::bbs
