// RegistryMessage: what routers are told of one endpoint under one name, and what a change of the
// table makes of it. Source: reference/route-emitter.md "RegistryMessage JSON".
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace diego::route_emitter {

// Empty texts and zeros are left out of the JSON, except host, port and uris.
struct RegistryMessage {
  std::string host;
  uint32_t port = 0;
  uint32_t tls_port = 0;
  std::vector<std::string> uris;
  std::string protocol;
  std::string app;
  std::string route_service_url;
  std::string private_instance_id;
  std::string private_instance_index;
  std::string server_cert_domain_san;
  std::string isolation_segment;
  int64_t endpoint_updated_at_ns = 0;  // only when an added or changed endpoint caused the message
  std::map<std::string, std::string> tags;
  std::string availability_zone;
  std::string options;  // raw JSON

  friend bool operator==(const RegistryMessage&, const RegistryMessage&) = default;
};

// Two messages for the same endpoint under the same name, as the unregistration cache sees it.
bool SameRegistration(const RegistryMessage& a, const RegistryMessage& b);
// Orders by the same fields: host, port, tls_port, uris, protocol.
struct ByRegistration {
  bool operator()(const RegistryMessage& a, const RegistryMessage& b) const;
};

// To be published in this order: unregistrations, then registrations.
struct Messages {
  std::vector<RegistryMessage> unregistrations;
  std::vector<RegistryMessage> registrations;
  std::vector<RegistryMessage> internal_unregistrations;
  std::vector<RegistryMessage> internal_registrations;

  bool empty() const {
    return unregistrations.empty() && registrations.empty() && internal_unregistrations.empty() &&
           internal_registrations.empty();
  }
  friend bool operator==(const Messages&, const Messages&) = default;
};

}  // namespace diego::route_emitter
