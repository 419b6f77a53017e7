// What routers need to know of LRPs and instances, and the messages made of it. Pure functions.
// Source: reference/route-emitter.md "Keys in DesiredLRP.routes", "RegistryMessage JSON".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/models/actual_lrp.h"
#include "libs/models/desired_lrp.h"
#include "libs/models/ids.h"
#include "services/route-emitter/core/route_message.h"

namespace diego::route_emitter {

// One hostname of one entry of `cf-router`.
struct HttpRoute {
  uint32_t container_port = 0;
  std::string hostname;  // may carry a path
  std::string route_service_url;
  std::string isolation_segment;
  std::string protocol;
  std::string options;  // raw JSON; not part of the route's identity

  friend bool operator==(const HttpRoute&, const HttpRoute&) = default;
};

// The part of a desired LRP that routers need, its routes parsed.
struct RoutingInfo {
  ProcessGuid process_guid;
  Domain domain;
  std::string log_guid;
  int32_t instances = 0;
  ModificationTag tag;
  std::vector<HttpRoute> http_routes;
  std::vector<std::string> internal_hostnames;
  MetricTags metric_tags;
};

// Where an instance answers.
struct Endpoint {
  InstanceGuid instance_guid;
  int32_t index = 0;
  NetInfo net_info;
  std::string zone;
  absl::Time since;
  ModificationTag tag;
};

// Whether messages name the container's own address and ports instead of the cell's.
bool UsesInstanceAddress(const NetInfo& net_info, bool register_direct_instance_routes);

// One message for each port mapping of the route's container port.
void AppendHttp(const RoutingInfo& info, const HttpRoute& route, const Endpoint& endpoint,
                bool direct, std::vector<RegistryMessage>* out);
// None for an instance without an address of its own.
void AppendInternal(const RoutingInfo& info, const std::string& hostname, const Endpoint& endpoint,
                    std::vector<RegistryMessage>* out);

}  // namespace diego::route_emitter
