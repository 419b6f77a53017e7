#include "services/route-emitter/core/registration.h"

#include <map>

#include "absl/strings/str_cat.h"

namespace diego::route_emitter {
namespace {

constexpr char kComponent[] = "route-emitter";

std::map<std::string, std::string> ResolveTags(const MetricTags& tags, const Endpoint& endpoint) {
  std::map<std::string, std::string> resolved;
  for (const auto& [name, value] : tags) {
    switch (value.dynamic) {
      case MetricTagValue::Dynamic::kIndex: resolved[name] = absl::StrCat(endpoint.index); break;
      case MetricTagValue::Dynamic::kInstanceGuid:
        resolved[name] = endpoint.instance_guid.value();
        break;
      case MetricTagValue::Dynamic::kInvalid: resolved[name] = value.static_value; break;
    }
  }
  return resolved;
}

}  // namespace

bool UsesInstanceAddress(const NetInfo& net_info, bool register_direct_instance_routes) {
  switch (net_info.preferred_address) {
    case PreferredAddress::kInstance: return true;
    case PreferredAddress::kHost: return false;
    case PreferredAddress::kUnknown: break;
  }
  return register_direct_instance_routes;
}

void AppendHttp(const RoutingInfo& info, const HttpRoute& route, const Endpoint& endpoint,
                bool direct, std::vector<RegistryMessage>* out) {
  for (const PortMapping& port : endpoint.net_info.ports) {
    if (port.container_port != route.container_port) continue;
    RegistryMessage message;
    message.host = direct ? endpoint.net_info.instance_address : endpoint.net_info.address;
    message.port = direct ? port.container_port : port.host_port;
    message.tls_port = direct ? port.container_tls_proxy_port : port.host_tls_proxy_port;
    message.uris = {route.hostname};
    message.protocol = route.protocol;
    message.app = info.log_guid;
    message.route_service_url = route.route_service_url;
    message.private_instance_id = endpoint.instance_guid.value();
    message.private_instance_index = absl::StrCat(endpoint.index);
    message.server_cert_domain_san = endpoint.instance_guid.value();
    message.isolation_segment = route.isolation_segment;
    message.tags = ResolveTags(info.metric_tags, endpoint);
    message.tags["component"] = kComponent;
    message.availability_zone = endpoint.zone;
    message.options = route.options;
    out->push_back(std::move(message));
  }
}

void AppendInternal(const RoutingInfo& info, const std::string& hostname, const Endpoint& endpoint,
                    std::vector<RegistryMessage>* out) {
  if (endpoint.net_info.instance_address.empty()) return;
  RegistryMessage message;
  message.host = endpoint.net_info.instance_address;
  message.uris = {hostname, absl::StrCat(endpoint.index, ".", hostname)};
  message.app = info.log_guid;
  message.private_instance_index = absl::StrCat(endpoint.index);
  message.tags["component"] = kComponent;
  out->push_back(std::move(message));
}

}  // namespace diego::route_emitter
