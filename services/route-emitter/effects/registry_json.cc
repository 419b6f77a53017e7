#include "services/route-emitter/effects/registry_json.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "nlohmann/json.hpp"

namespace diego::route_emitter {
namespace {

using Json = nlohmann::ordered_json;

void Put(Json* json, const char* key, const std::string& value) {
  if (!value.empty()) (*json)[key] = value;
}

// What is longer is taken as this: no router means it, and it must not overflow.
constexpr uint64_t kLongestSeconds = 86400;

// A whole number of seconds, not negative; nullopt for anything else.
std::optional<absl::Duration> SecondsOf(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_number_unsigned()) return std::nullopt;
  return absl::Seconds(std::min(found->get<uint64_t>(), kLongestSeconds));
}

}  // namespace

std::string ToJson(const RegistryMessage& message) {
  Json json;
  json["host"] = message.host;
  json["port"] = message.port;
  if (message.tls_port != 0) json["tls_port"] = message.tls_port;
  json["uris"] = message.uris;
  Put(&json, "protocol", message.protocol);
  Put(&json, "app", message.app);
  Put(&json, "route_service_url", message.route_service_url);
  Put(&json, "private_instance_id", message.private_instance_id);
  Put(&json, "private_instance_index", message.private_instance_index);
  Put(&json, "server_cert_domain_san", message.server_cert_domain_san);
  Put(&json, "isolation_segment", message.isolation_segment);
  if (message.endpoint_updated_at_ns != 0) {
    json["endpoint_updated_at_ns"] = message.endpoint_updated_at_ns;
  }
  if (!message.tags.empty()) json["tags"] = message.tags;
  Put(&json, "availability_zone", message.availability_zone);
  if (!message.options.empty()) {
    Json options = Json::parse(message.options, nullptr, /*allow_exceptions=*/false);
    if (!options.is_discarded()) json["options"] = std::move(options);
  }
  // Bytes that are not UTF-8 are replaced rather than thrown about.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::StatusOr<RouterStart> ParseRouterStart(absl::string_view json) {
  const Json parsed = Json::parse(json.begin(), json.end(), nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object()) {
    return absl::InvalidArgumentError("what a router sent is no JSON object");
  }
  const auto interval = SecondsOf(parsed, "minimumRegisterIntervalInSeconds");
  if (!interval) {
    return absl::InvalidArgumentError(
        "minimumRegisterIntervalInSeconds is missing or no number of seconds in what a router "
        "sent");
  }
  // Nothing is done by the threshold: the interval is heard without it.
  const auto prune = SecondsOf(parsed, "pruneThresholdInSeconds");
  return RouterStart{*interval, prune.value_or(absl::ZeroDuration())};
}

}  // namespace diego::route_emitter
