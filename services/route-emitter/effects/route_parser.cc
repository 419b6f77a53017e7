#include "services/route-emitter/effects/route_parser.h"

#include <functional>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"

namespace diego::route_emitter {
namespace {

using Json = nlohmann::json;

std::string TextOf(const Json& entry, const char* key) {
  const auto found = entry.find(key);
  return found != entry.end() && found->is_string() ? found->get<std::string>() : "";
}

// "" or why the entry is left out.
std::string ReadHttpRoute(const Json& entry, std::vector<HttpRoute>* routes) {
  if (!entry.is_object()) return "is not an object";
  const auto port = entry.find("port");
  if (port == entry.end() || !port->is_number_unsigned() || port->get<uint64_t>() > 65535) {
    return "has no port between 0 and 65535";
  }
  const auto hostnames = entry.find("hostnames");
  if (hostnames == entry.end() || !hostnames->is_array()) return "has no array of hostnames";
  for (const Json& hostname : *hostnames) {
    if (!hostname.is_string()) return "has a hostname that is no text";
  }
  for (const Json& hostname : *hostnames) {
    HttpRoute route;
    route.container_port = port->get<uint32_t>();
    route.hostname = hostname.get<std::string>();
    route.route_service_url = TextOf(entry, "route_service_url");
    route.isolation_segment = TextOf(entry, "isolation_segment");
    route.protocol = TextOf(entry, "protocol");
    const auto options = entry.find("options");
    if (options != entry.end() && !options->is_null()) route.options = options->dump();
    routes->push_back(std::move(route));
  }
  return "";
}

// Calls `read` on every entry of the array that `key` holds.
void ForEachEntry(const DesiredLrp& lrp, const std::string& key, std::vector<std::string>* faults,
                  const std::function<std::string(const Json&)>& read) {
  const auto found = lrp.routes.find(key);
  if (found == lrp.routes.end()) return;
  const Json array = Json::parse(found->second, nullptr, /*allow_exceptions=*/false);
  if (array.is_null()) return;
  if (!array.is_array()) {
    faults->push_back(absl::StrCat(key, ": is no JSON array"));
    return;
  }
  for (size_t i = 0; i < array.size(); ++i) {
    const std::string fault = read(array[i]);
    if (!fault.empty()) faults->push_back(absl::StrCat(key, "[", i, "]: ", fault));
  }
}

}  // namespace

ParsedRoutes ParseRoutes(const DesiredLrp& lrp) {
  ParsedRoutes parsed;
  RoutingInfo& info = parsed.info;
  info.process_guid = lrp.process_guid;
  info.domain = lrp.domain;
  info.log_guid = lrp.log_guid;
  info.instances = lrp.instances;
  info.tag = lrp.tag;
  info.metric_tags = lrp.metric_tags;
  ForEachEntry(lrp, "cf-router", &parsed.faults,
               [&](const Json& entry) { return ReadHttpRoute(entry, &info.http_routes); });
  ForEachEntry(lrp, "internal-router", &parsed.faults, [&](const Json& entry) -> std::string {
    const std::string hostname = entry.is_object() ? TextOf(entry, "hostname") : "";
    if (hostname.empty()) return "has no hostname";
    info.internal_hostnames.push_back(hostname);
    return "";
  });
  return parsed;
}

}  // namespace diego::route_emitter
