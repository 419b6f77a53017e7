// RoutingTable: which names lead to which endpoints, and what routers must be told when that
// changes. (table, change) -> (table, messages): no I/O, clock or lock. Used by one thread at a
// time. Source: reference/route-emitter.md "Event handling", "table rule", "Sync".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "libs/models/actual_lrp.h"
#include "libs/models/desired_lrp.h"
#include "libs/models/ids.h"
#include "services/route-emitter/core/registration.h"
#include "services/route-emitter/core/route_message.h"

namespace diego::route_emitter {

struct DesiredSet {  // created or changed
  RoutingInfo info;
};
struct DesiredRemoved {
  ProcessGuid process_guid;
  ModificationTag tag;
};
struct InstanceCreated {
  ActualLrp lrp;
};
struct InstanceChanged {
  ActualLrp before;
  ActualLrp after;
};
struct InstanceRemoved {
  ActualLrp lrp;
};
using Change =
    std::variant<DesiredSet, DesiredRemoved, InstanceCreated, InstanceChanged, InstanceRemoved>;

// All there is at one moment.
struct Snapshot {
  std::vector<RoutingInfo> desired;
  std::vector<ActualLrp> actuals;
  std::set<Domain> fresh_domains;
};

// Two instances that claim one address.
struct Collision {
  std::string address;  // host:port
  InstanceGuid first;
  InstanceGuid second;
};

struct TableUpdate {
  Messages messages;
  std::vector<Collision> collisions;
  // A resync only: the snapshot knew nothing at all, not even a fresh domain, so that the table
  // was left alone. Missing information never stops an instance.
  bool blank_snapshot = false;
};

struct TableOptions {
  bool register_direct_instance_routes = false;
  bool internal_routes = false;  // whether messages for internal routes are made at all
};

class RoutingTable {
 public:
  explicit RoutingTable(TableOptions options) : options_(options) {}

  TableUpdate Apply(const Change& change);
  // Makes the table what the snapshot says and returns the difference. Routes that the snapshot
  // lacks are kept while their domain is not fresh; endpoints always come from the snapshot.
  TableUpdate Resync(const Snapshot& snapshot);

  // Registrations of everything, for the periodic emission.
  Messages All() const;
  // Whether the routes of this LRP are known (if only that it has none).
  bool Knows(const ProcessGuid& process_guid) const;

 private:
  using EndpointKey = std::pair<InstanceGuid, bool>;  // and whether it is evacuating
  using Endpoints = std::map<EndpointKey, Endpoint>;
  struct Entry {
    std::optional<RoutingInfo> info;
    Endpoints endpoints;
  };
  // One instance under its LRP's routes; either may be unknown.
  struct Facet {
    const RoutingInfo* info = nullptr;
    const Endpoint* endpoint = nullptr;
  };
  struct Batch;

  // The endpoint that counts for an instance: the ordinary one before the evacuating one, and none
  // at or above the desired number of instances.
  static Facet Effective(const std::optional<RoutingInfo>& info, const Endpoints& endpoints,
                         const InstanceGuid& instance);
  static std::set<InstanceGuid> InstancesOf(const Endpoints& endpoints);

  void Set(const RoutingInfo& info, Batch* batch);
  void Remove(const DesiredRemoved& removed, Batch* batch);
  void SetInfo(const ProcessGuid& process_guid, std::optional<RoutingInfo> next, Batch* batch);
  void AddEndpoint(const ActualLrp& lrp, bool drop_ordinary, Batch* batch);
  void RemoveEndpoint(const ActualLrp& lrp, Batch* batch);
  void Change(const InstanceChanged& changed, Batch* batch);

  // What became of one instance: keeps the index of addresses and notes the messages.
  void NoteInstance(const ProcessGuid& process_guid, const Facet& before, const Facet& after,
                    Batch* batch);
  void NoteMessages(const Facet& before, const Facet& after, bool same_endpoint,
                    Batch* batch) const;
  void IndexAddresses(const ProcessGuid& process_guid, const Endpoint& endpoint, bool add,
                      Batch* batch);
  TableUpdate Finish(Batch batch) const;
  // True when the table itself registers what `message` unregisters.
  bool StillRegistered(const RegistryMessage& message) const;

  bool UsesInstanceAddress(const NetInfo& net_info) const;

  TableOptions options_;
  std::map<ProcessGuid, Entry> entries_;
  // host:port as emitted -> who is registered there.
  std::map<std::string, std::set<std::pair<ProcessGuid, InstanceGuid>>> by_address_;
};

}  // namespace diego::route_emitter
