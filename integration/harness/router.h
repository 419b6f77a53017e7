// A router as the route-emitter meets one: it answers greetings on NATS with the interval it wants
// routes repeated at, keeps the table of what was registered, and prunes what is not repeated.
// Source: reference/route-emitter.md "NATS subjects".
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/sync/guarded.h"

namespace diego::harness {

struct RouterMessage {
  std::string subject;
  std::string json;
};

// Thread-safe.
class Router {
 public:
  // Connects, subscribes and answers greetings until destroyed.
  static absl::StatusOr<std::unique_ptr<Router>> Connect(const std::string& nats_url,
                                                         int register_interval_seconds);
  ~Router();

  // "host:port" of every endpoint now registered for the host name, and repeated within three
  // intervals.
  std::set<std::string> Endpoints(const std::string& hostname) const;
  // The register and unregister messages so far, at most the last kMostMessages, as they came.
  static constexpr size_t kMostMessages = 10000;
  std::vector<RouterMessage> Messages() const;

 private:
  struct Table {
    // When each endpoint of a uri was last registered, on the monotonic clock.
    std::map<std::string, std::map<std::string, absl::Duration>> endpoints_by_uri;
    std::vector<RouterMessage> messages;
  };
  struct Connection;
  explicit Router(absl::Duration prune_after);
  void Take(const std::string& subject, const std::string& json);

  const absl::Duration prune_after_;
  Guarded<Table> table_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace diego::harness
