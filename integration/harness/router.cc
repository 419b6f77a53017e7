#include "integration/harness/router.h"

#include <nats/nats.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "libs/base/clock.h"

namespace diego::harness {

struct Router::Connection {
  natsConnection* nats = nullptr;
  natsSubscription* subscription = nullptr;
  std::string start_message;
  Router* router = nullptr;

  ~Connection() {
    if (subscription != nullptr) natsSubscription_Unsubscribe(subscription);
    natsSubscription_Destroy(subscription);
    natsConnection_Close(nats);
    natsConnection_Destroy(nats);
  }

  static void OnMessage(natsConnection* nats, natsSubscription*, natsMsg* message, void* self) {
    auto* connection = static_cast<Connection*>(self);
    const std::string subject = natsMsg_GetSubject(message);
    if (subject == "router.greet") {
      if (const char* reply = natsMsg_GetReply(message)) {
        natsConnection_PublishString(nats, reply, connection->start_message.c_str());
      }
    } else if (subject == "router.register" || subject == "router.unregister") {
      connection->router->Take(
          subject, std::string(natsMsg_GetData(message), natsMsg_GetDataLength(message)));
    }
    natsMsg_Destroy(message);
  }
};

Router::Router(absl::Duration prune_after) : prune_after_(prune_after) {}
Router::~Router() = default;

absl::StatusOr<std::unique_ptr<Router>> Router::Connect(const std::string& nats_url,
                                                        int register_interval_seconds) {
  const int prune_after_seconds = 3 * register_interval_seconds;
  std::unique_ptr<Router> router(new Router(absl::Seconds(prune_after_seconds)));
  router->connection_ = std::make_unique<Connection>();
  Connection& connection = *router->connection_;
  connection.router = router.get();
  connection.start_message =
      absl::StrCat(R"({"minimumRegisterIntervalInSeconds":)", register_interval_seconds,
                   R"(,"pruneThresholdInSeconds":)", prune_after_seconds, "}");
  if (const natsStatus status = natsConnection_ConnectTo(&connection.nats, nats_url.c_str());
      status != NATS_OK) {
    return absl::UnavailableError(
        absl::StrCat("NATS at ", nats_url, ": ", natsStatus_GetText(status)));
  }
  // One subscription, as gorouter's: each has a thread of its own, and what is told by two may be
  // heard in another order than it was sent.
  const natsStatus status = natsConnection_Subscribe(
      &connection.subscription, connection.nats, "router.*", Connection::OnMessage, &connection);
  if (status != NATS_OK) return absl::UnavailableError(natsStatus_GetText(status));
  natsConnection_PublishString(connection.nats, "router.start", connection.start_message.c_str());
  natsConnection_Flush(connection.nats);
  return router;
}

void Router::Take(const std::string& subject, const std::string& json) {
  const auto message = nlohmann::json::parse(json, nullptr, false);
  if (!message.is_object() || !message.contains("uris") || !message["uris"].is_array()) return;
  const std::string endpoint =
      absl::StrCat(message.value("host", ""), ":", message.value("port", uint32_t{0}));
  table_.With([&](Table& table) {
    for (const auto& uri : message["uris"]) {
      std::map<std::string, absl::Duration>& endpoints =
          table.endpoints_by_uri[uri.get<std::string>()];
      if (subject == "router.register") {
        endpoints[endpoint] = RealClock().Monotonic();
      } else {
        endpoints.erase(endpoint);
      }
    }
    if (table.messages.size() >= kMostMessages) table.messages.erase(table.messages.begin());
    table.messages.push_back({subject, json});
  });
}

std::set<std::string> Router::Endpoints(const std::string& hostname) const {
  return table_.With([&](const Table& table) {
    const auto found = table.endpoints_by_uri.find(hostname);
    std::set<std::string> fresh;
    if (found == table.endpoints_by_uri.end()) return fresh;
    for (const auto& [endpoint, registered_at] : found->second) {
      if (RealClock().Monotonic() - registered_at < prune_after_) fresh.insert(endpoint);
    }
    return fresh;
  });
}

std::vector<RouterMessage> Router::Messages() const {
  return table_.With([](const Table& table) { return table.messages; });
}

}  // namespace diego::harness
