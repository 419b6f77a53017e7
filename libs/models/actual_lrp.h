// ActualLrp: one instance of a desired LRP as the system knows it.
// Source: reference/wire-models.md "Actual LRPs"; behaviours.md section 1.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>
#include "absl/strings/string_view.h"

#include "absl/time/time.h"
#include "libs/models/ids.h"
#include "libs/models/modification_tag.h"
#include "libs/models/opaque.h"

namespace diego {

struct ActualLrpKey {
  ProcessGuid process_guid;
  int32_t index = 0;
  Domain domain;

  friend bool operator==(const ActualLrpKey&, const ActualLrpKey&) = default;
  friend auto operator<=>(const ActualLrpKey&, const ActualLrpKey&) = default;
};

// Which run of the index, and where. Both empty: nobody holds the index.
struct InstanceKey {
  InstanceGuid instance_guid;
  CellId cell_id;

  bool empty() const { return instance_guid.empty() && cell_id.empty(); }
  friend bool operator==(const InstanceKey&, const InstanceKey&) = default;
  friend auto operator<=>(const InstanceKey&, const InstanceKey&) = default;
};

struct PortMapping {
  uint32_t container_port = 0;
  uint32_t host_port = 0;
  uint32_t container_tls_proxy_port = 0;
  uint32_t host_tls_proxy_port = 0;

  friend bool operator==(const PortMapping&, const PortMapping&) = default;
};

enum class PreferredAddress : int32_t { kUnknown = 0, kInstance = 1, kHost = 2 };

struct NetInfo {
  std::string address;  // the cell's, with host ports
  std::vector<PortMapping> ports;
  std::string instance_address;  // the container's, with container ports
  PreferredAddress preferred_address = PreferredAddress::kUnknown;
  std::string instance_ipv6_address;
  // Fields of a newer version: a serialized ActualLRPNetInfo of nothing else, its ports in order.
  Opaque unknown = {};

  friend bool operator==(const NetInfo&, const NetInfo&) = default;
};

enum class ActualLrpState { kUnclaimed, kClaimed, kRunning, kCrashed };

// "UNCLAIMED", "CLAIMED", "RUNNING", "CRASHED".
absl::string_view ActualLrpStateName(ActualLrpState state);
std::optional<ActualLrpState> ParseActualLrpState(absl::string_view name);

enum class Presence : int32_t { kOrdinary = 0, kEvacuating = 1, kSuspect = 2 };

// "ORDINARY", "EVACUATING", "SUSPECT".
absl::string_view PresenceName(Presence presence);

struct ActualLrp {
  ActualLrpKey key;
  Presence presence = Presence::kOrdinary;
  InstanceKey instance;
  NetInfo net_info;
  ActualLrpState state = ActualLrpState::kUnclaimed;
  int32_t crash_count = 0;
  std::string crash_reason;     // at most 1024 bytes
  std::string placement_error;  // at most 1024 bytes; only while unclaimed
  Opaque placement_refusal;     // a serialized models.PlacementRefusal; only with placement_error
  absl::Time since;             // of the last change of state
  ModificationTag tag;
  std::vector<std::string> internal_routes;  // hostnames
  std::map<std::string, std::string> metric_tags;
  std::optional<bool> routable;
  std::string availability_zone;
  // Which definition it runs, or waits to run. Empty in rows that were written without.
  std::string definition_id;

  friend bool operator==(const ActualLrp&, const ActualLrp&) = default;
};

}  // namespace diego
