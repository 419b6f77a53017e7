#include "services/route-emitter/effects/nats_bus.h"

#include <nats/nats.h>

#include <atomic>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/random.h"
#include "libs/base/status_util.h"
#include "libs/sync/guarded.h"
#include "services/route-emitter/effects/registry_json.h"

namespace diego::route_emitter {
namespace {

constexpr int64_t kPingIntervalMs = 20000;
constexpr int64_t kReconnectWaitMs = 500;
constexpr int64_t kConnectTimeoutMs = 2000;
constexpr int64_t kFlushTimeoutMs = 1000;
// What may wait for a lost connection; past it publishing fails and the next emission mends it.
constexpr int kReconnectBufferBytes = 8 << 20;

absl::Status ToStatus(natsStatus status, absl::string_view what) {
  if (status == NATS_OK) return absl::OkStatus();
  const absl::string_view text = natsStatus_GetText(status);
  if (status == NATS_INVALID_ARG || status == NATS_SSL_ERROR) {
    return absl::InvalidArgumentError(absl::StrCat(what, ": ", text));
  }
  return absl::UnavailableError(absl::StrCat(what, ": ", text));
}

template <typename T, void (*Destroy)(T*)>
struct Destroyer {
  void operator()(T* object) const { Destroy(object); }
};
using OptionsPtr = std::unique_ptr<natsOptions, Destroyer<natsOptions, natsOptions_Destroy>>;
using ConnectionPtr =
    std::unique_ptr<natsConnection, Destroyer<natsConnection, natsConnection_Destroy>>;
using SubscriptionPtr =
    std::unique_ptr<natsSubscription, Destroyer<natsSubscription, natsSubscription_Destroy>>;

}  // namespace

struct NatsBus::Impl {
  // One kind of routers: where they are heard.
  struct Listening {
    Impl* bus = nullptr;
    std::function<void(const RouterStart&)> on_start;
    std::string inbox;
    SubscriptionPtr starts;
    SubscriptionPtr answers;
  };

  explicit Impl(const log::Logger& logger) : log(logger.Session("nats")) {}
  ~Impl();

  static void OnMessage(natsConnection*, natsSubscription*, natsMsg* message, void* closure);
  // The library's threads are done with a subscription, with the connection.
  static void OnOver(void* closure) {
    static_cast<Impl*>(closure)->in_use.With([](int& in_use) { --in_use; });
  }
  static void OnClosed(natsConnection*, void* closure) { OnOver(closure); }
  static void OnDisconnected(natsConnection*, void* closure) {
    const Impl* bus = static_cast<const Impl*>(closure);
    if (bus->closing) return;
    bus->log.Error("nats-disconnected", absl::UnavailableError("the connection is lost"));
  }
  static void OnReconnected(natsConnection* connection, void* closure) {
    char url[256] = "";
    natsConnection_GetConnectedUrl(connection, url, sizeof(url));
    static_cast<Impl*>(closure)->log.Info("nats-connected", {{"url", url}});
  }

  absl::Status Subscribe(const std::string& subject, Listening* entry, SubscriptionPtr* out);
  absl::Status PublishAll(const char* subject, const std::vector<RegistryMessage>& messages);

  const log::Logger log;
  std::map<RouterKind, std::unique_ptr<Listening>> listening;
  ConnectionPtr connection;
  std::atomic<bool> closing{false};
  Guarded<int> in_use;  // how many things of the library may still call back
};

NatsBus::Impl::~Impl() {
  if (!connection) return;
  closing = true;
  // What was published goes out before the connection closes.
  natsConnection_FlushTimeout(connection.get(), kFlushTimeoutMs);
  natsConnection_Close(connection.get());
  // Callbacks refer to this object: they must all be over before it goes.
  in_use.When([](int in_use) { return in_use == 0; }, absl::Milliseconds(kFlushTimeoutMs),
              [](int, bool) {});
}

void NatsBus::Impl::OnMessage(natsConnection*, natsSubscription*, natsMsg* message, void* closure) {
  const auto* listening = static_cast<const Listening*>(closure);
  const absl::string_view data(natsMsg_GetData(message),
                               static_cast<size_t>(natsMsg_GetDataLength(message)));
  const absl::StatusOr<RouterStart> start = ParseRouterStart(data);
  if (start.ok()) {
    listening->on_start(*start);
  } else {
    listening->bus->log.Error("failed-to-read-router-start", start.status());
  }
  natsMsg_Destroy(message);
}

absl::Status NatsBus::Impl::Subscribe(const std::string& subject, Listening* entry,
                                      SubscriptionPtr* out) {
  natsSubscription* subscription = nullptr;
  DIEGO_RETURN_IF_ERROR(ToStatus(
      natsConnection_Subscribe(&subscription, connection.get(), subject.c_str(), OnMessage, entry),
      absl::StrCat("subscribing to ", subject)));
  in_use.With([](int& in_use) { ++in_use; });
  natsSubscription_SetOnCompleteCB(subscription, OnOver, this);
  out->reset(subscription);
  return absl::OkStatus();
}

absl::Status NatsBus::Impl::PublishAll(const char* subject,
                                       const std::vector<RegistryMessage>& messages) {
  for (const RegistryMessage& message : messages) {
    const std::string json = ToJson(message);
    DIEGO_RETURN_IF_ERROR(ToStatus(natsConnection_Publish(connection.get(), subject, json.data(),
                                                          static_cast<int>(json.size())),
                                   absl::StrCat("publishing to ", subject)));
  }
  return absl::OkStatus();
}

namespace {

absl::Status Configure(const NatsOptions& options, natsOptions* nats) {
  std::vector<std::string> urls;
  for (const std::string& address : options.addresses) urls.push_back("nats://" + address);
  std::vector<const char*> servers;
  for (const std::string& url : urls) servers.push_back(url.c_str());
  const auto set = [](natsStatus status, absl::string_view what) { return ToStatus(status, what); };
  DIEGO_RETURN_IF_ERROR(set(
      natsOptions_SetServers(nats, servers.data(), static_cast<int>(servers.size())), "addresses"));
  DIEGO_RETURN_IF_ERROR(set(natsOptions_SetName(nats, "route-emitter"), "name"));
  DIEGO_RETURN_IF_ERROR(set(natsOptions_SetPingInterval(nats, kPingIntervalMs), "ping interval"));
  DIEGO_RETURN_IF_ERROR(set(natsOptions_SetTimeout(nats, kConnectTimeoutMs), "timeout"));
  DIEGO_RETURN_IF_ERROR(set(natsOptions_SetMaxReconnect(nats, -1), "reconnects"));
  DIEGO_RETURN_IF_ERROR(set(natsOptions_SetReconnectWait(nats, kReconnectWaitMs), "wait"));
  DIEGO_RETURN_IF_ERROR(
      set(natsOptions_SetReconnectBufSize(nats, kReconnectBufferBytes), "buffer"));
  if (!options.username.empty()) {
    DIEGO_RETURN_IF_ERROR(
        set(natsOptions_SetUserInfo(nats, options.username.c_str(), options.password.c_str()),
            "nats_username and nats_password"));
  }
  if (!options.tls) return absl::OkStatus();
  DIEGO_RETURN_IF_ERROR(set(natsOptions_SetSecure(nats, true), "TLS"));
  DIEGO_RETURN_IF_ERROR(set(natsOptions_LoadCATrustedCertificates(nats, options.ca_file.c_str()),
                            absl::StrCat("nats_ca_cert_file ", options.ca_file)));
  return set(
      natsOptions_LoadCertificatesChain(nats, options.cert_file.c_str(), options.key_file.c_str()),
      absl::StrCat("nats_client_cert_file ", options.cert_file, " with nats_client_key_file ",
                   options.key_file));
}

}  // namespace

absl::StatusOr<std::unique_ptr<NatsBus>> NatsBus::Connect(const NatsOptions& options,
                                                          const log::Logger& log) {
  if (options.addresses.empty()) return absl::InvalidArgumentError("no NATS address is given");
  auto impl = std::make_unique<Impl>(log);
  natsOptions* raw = nullptr;
  DIEGO_RETURN_IF_ERROR(ToStatus(natsOptions_Create(&raw), "making NATS options"));
  const OptionsPtr nats(raw);
  DIEGO_RETURN_IF_ERROR(Configure(options, nats.get()));
  natsOptions_SetDisconnectedCB(nats.get(), Impl::OnDisconnected, impl.get());
  natsOptions_SetClosedCB(nats.get(), Impl::OnClosed, impl.get());
  natsOptions_SetReconnectedCB(nats.get(), Impl::OnReconnected, impl.get());
  // With this callback a first connection that fails is tried again in the background.
  natsOptions_SetRetryOnFailedConnect(nats.get(), true, Impl::OnReconnected, impl.get());
  natsConnection* connection = nullptr;
  const natsStatus status = natsConnection_Connect(&connection, nats.get());
  if (status != NATS_OK && status != NATS_NOT_YET_CONNECTED) {
    return ToStatus(status, "connecting to NATS");
  }
  impl->connection.reset(connection);
  impl->in_use.With([](int& in_use) { ++in_use; });
  if (status == NATS_OK) {
    Impl::OnReconnected(connection, impl.get());
  } else {
    log.Error("nats-not-yet-connected", absl::UnavailableError("trying on"),
              {{"addresses", options.addresses}});
  }
  return std::unique_ptr<NatsBus>(new NatsBus(std::move(impl)));
}

NatsBus::NatsBus(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

NatsBus::~NatsBus() = default;

absl::Status NatsBus::Listen(RouterKind kind, std::function<void(const RouterStart&)> on_start) {
  auto entry = std::make_unique<Impl::Listening>();
  entry->bus = impl_.get();
  entry->on_start = std::move(on_start);
  entry->inbox = RandomUuid();
  DIEGO_RETURN_IF_ERROR(
      impl_->Subscribe(absl::StrCat(RouterKindName(kind), ".start"), entry.get(), &entry->starts));
  DIEGO_RETURN_IF_ERROR(impl_->Subscribe(entry->inbox, entry.get(), &entry->answers));
  impl_->listening[kind] = std::move(entry);
  return absl::OkStatus();
}

absl::Status NatsBus::Greet(RouterKind kind) {
  const auto found = impl_->listening.find(kind);
  if (found == impl_->listening.end()) return absl::InternalError("not listening to such routers");
  const std::string subject = absl::StrCat(RouterKindName(kind), ".greet");
  return ToStatus(natsConnection_PublishRequest(impl_->connection.get(), subject.c_str(),
                                                found->second->inbox.c_str(), nullptr, 0),
                  absl::StrCat("publishing to ", subject));
}

absl::Status NatsBus::Publish(const Messages& messages) {
  DIEGO_RETURN_IF_ERROR(impl_->PublishAll("router.unregister", messages.unregistrations));
  DIEGO_RETURN_IF_ERROR(impl_->PublishAll("router.register", messages.registrations));
  DIEGO_RETURN_IF_ERROR(
      impl_->PublishAll("service-discovery.unregister", messages.internal_unregistrations));
  return impl_->PublishAll("service-discovery.register", messages.internal_registrations);
}

}  // namespace diego::route_emitter
