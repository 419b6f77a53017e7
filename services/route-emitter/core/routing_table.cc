#include "services/route-emitter/core/routing_table.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "absl/strings/str_cat.h"

namespace diego::route_emitter {
namespace {

bool IsRunning(const ActualLrp& lrp) { return lrp.state == ActualLrpState::kRunning; }
bool IsRoutable(const ActualLrp& lrp) { return lrp.routable.value_or(true); }

Endpoint EndpointOf(const ActualLrp& lrp) {
  return {lrp.instance.instance_guid, lrp.key.index, lrp.net_info,
          lrp.availability_zone,      lrp.since,     lrp.tag};
}

// All but modification tag, presence and since.
bool SameEndpoint(const Endpoint& a, const Endpoint& b) {
  return std::tie(a.index, a.net_info, a.zone) == std::tie(b.index, b.net_info, b.zone);
}

// The options are not part of a route's identity; the log guid is, but belongs to the LRP.
bool SameRoute(const HttpRoute& a, const HttpRoute& b) {
  return std::tie(a.container_port, a.hostname, a.route_service_url, a.isolation_segment,
                  a.protocol) == std::tie(b.container_port, b.hostname, b.route_service_url,
                                          b.isolation_segment, b.protocol);
}
bool SameRoute(const std::string& a, const std::string& b) { return a == b; }

template <typename Route>
bool Contains(const std::vector<Route>& routes, const Route& route) {
  return std::any_of(routes.begin(), routes.end(),
                     [&](const Route& other) { return SameRoute(other, route); });
}

// Appends those of `kept` that `routes` lacks.
template <typename Route>
void Merge(const std::vector<Route>& kept, std::vector<Route>* routes) {
  for (const Route& route : kept) {
    if (!Contains(*routes, route)) routes->push_back(route);
  }
}

void Move(std::vector<RegistryMessage>* from, std::vector<RegistryMessage>* to) {
  to->insert(to->end(), std::make_move_iterator(from->begin()),
             std::make_move_iterator(from->end()));
}

std::string AddressOf(const RegistryMessage& message) {
  return absl::StrCat(message.host, ":", message.port);
}

}  // namespace

// What one update has brought so far.
struct RoutingTable::Batch {
  Messages messages;
  std::set<std::string> shared_addresses;  // at some moment of the update
};

RoutingTable::Facet RoutingTable::Effective(const std::optional<RoutingInfo>& info,
                                            const Endpoints& endpoints,
                                            const InstanceGuid& instance) {
  Facet facet;
  facet.info = info ? &*info : nullptr;
  auto found = endpoints.find({instance, false});
  if (found == endpoints.end()) found = endpoints.find({instance, true});
  if (found == endpoints.end()) return facet;
  if (info && found->second.index >= info->instances) return facet;
  facet.endpoint = &found->second;
  return facet;
}

std::set<InstanceGuid> RoutingTable::InstancesOf(const Endpoints& endpoints) {
  std::set<InstanceGuid> instances;
  for (const auto& [key, endpoint] : endpoints) instances.insert(key.first);
  return instances;
}

TableUpdate RoutingTable::Apply(const diego::route_emitter::Change& change) {
  Batch batch;
  if (const auto* set = std::get_if<DesiredSet>(&change)) {
    Set(set->info, &batch);
  } else if (const auto* removed = std::get_if<DesiredRemoved>(&change)) {
    Remove(*removed, &batch);
  } else if (const auto* created = std::get_if<InstanceCreated>(&change)) {
    // Whether it is routable is not asked: that is for changes and snapshots.
    if (IsRunning(created->lrp)) AddEndpoint(created->lrp, false, &batch);
  } else if (const auto* changed = std::get_if<InstanceChanged>(&change)) {
    Change(*changed, &batch);
  } else if (const auto* gone = std::get_if<InstanceRemoved>(&change)) {
    if (IsRunning(gone->lrp)) RemoveEndpoint(gone->lrp, &batch);
  }
  return Finish(std::move(batch));
}

void RoutingTable::Set(const RoutingInfo& info, Batch* batch) {
  const auto found = entries_.find(info.process_guid);
  const bool stale = found != entries_.end() && found->second.info &&
                     !found->second.info->tag.SucceededBy(info.tag);
  if (!stale) SetInfo(info.process_guid, info, batch);
}

void RoutingTable::Remove(const DesiredRemoved& removed, Batch* batch) {
  const auto found = entries_.find(removed.process_guid);
  if (found == entries_.end() || !found->second.info) return;
  const ModificationTag& stored = found->second.info->tag;
  if (stored != removed.tag && !stored.SucceededBy(removed.tag)) return;
  SetInfo(removed.process_guid, std::nullopt, batch);
}

void RoutingTable::SetInfo(const ProcessGuid& process_guid, std::optional<RoutingInfo> next,
                           Batch* batch) {
  Entry& entry = entries_[process_guid];
  const std::optional<RoutingInfo> old = std::exchange(entry.info, std::move(next));
  for (const InstanceGuid& instance : InstancesOf(entry.endpoints)) {
    NoteInstance(process_guid, Effective(old, entry.endpoints, instance),
                 Effective(entry.info, entry.endpoints, instance), batch);
  }
  if (!entry.info && entry.endpoints.empty()) entries_.erase(process_guid);
}

void RoutingTable::AddEndpoint(const ActualLrp& lrp, bool drop_ordinary, Batch* batch) {
  Entry& entry = entries_[lrp.key.process_guid];
  const InstanceGuid& instance = lrp.instance.instance_guid;
  Facet before = Effective(entry.info, entry.endpoints, instance);
  const std::optional<Endpoint> old =
      before.endpoint != nullptr ? std::optional<Endpoint>(*before.endpoint) : std::nullopt;
  before.endpoint = old ? &*old : nullptr;

  const EndpointKey key{instance, lrp.presence == Presence::kEvacuating};
  const auto stored = entry.endpoints.find(key);
  if (stored == entry.endpoints.end() || stored->second.tag.SucceededBy(lrp.tag)) {
    entry.endpoints[key] = EndpointOf(lrp);
  }
  if (drop_ordinary) entry.endpoints.erase({instance, false});
  NoteInstance(lrp.key.process_guid, before, Effective(entry.info, entry.endpoints, instance),
               batch);
}

void RoutingTable::RemoveEndpoint(const ActualLrp& lrp, Batch* batch) {
  const auto found = entries_.find(lrp.key.process_guid);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  const InstanceGuid& instance = lrp.instance.instance_guid;
  const auto stored = entry.endpoints.find({instance, lrp.presence == Presence::kEvacuating});
  if (stored == entry.endpoints.end()) return;
  const ModificationTag& tag = stored->second.tag;
  if (tag != lrp.tag && !tag.SucceededBy(lrp.tag)) return;

  Facet before = Effective(entry.info, entry.endpoints, instance);
  const std::optional<Endpoint> old =
      before.endpoint != nullptr ? std::optional<Endpoint>(*before.endpoint) : std::nullopt;
  before.endpoint = old ? &*old : nullptr;
  entry.endpoints.erase(stored);
  NoteInstance(lrp.key.process_guid, before, Effective(entry.info, entry.endpoints, instance),
               batch);
  if (!entry.info && entry.endpoints.empty()) entries_.erase(found);
}

void RoutingTable::Change(const InstanceChanged& changed, Batch* batch) {
  const ActualLrp& before = changed.before;
  const ActualLrp& after = changed.after;
  if (IsRunning(after) && IsRoutable(after)) {
    const bool moved =
        before.presence != Presence::kEvacuating && after.presence == Presence::kEvacuating;
    AddEndpoint(after, moved, batch);
    return;
  }
  if (!IsRunning(before)) return;
  // It stopped running or being routable. What is stored is the endpoint of `before`; how new the
  // news are is said by `after`.
  ActualLrp gone = before;
  gone.tag = after.tag;
  RemoveEndpoint(gone, batch);
}

TableUpdate RoutingTable::Resync(const Snapshot& snapshot) {
  Batch batch;
  if (snapshot.desired.empty() && snapshot.actuals.empty() && snapshot.fresh_domains.empty() &&
      !entries_.empty()) {
    TableUpdate update;
    update.blank_snapshot = true;
    return update;
  }
  std::map<ProcessGuid, Entry> next;
  for (const RoutingInfo& info : snapshot.desired) next[info.process_guid].info = info;
  for (const auto& [process_guid, entry] : entries_) {
    if (!entry.info || snapshot.fresh_domains.count(entry.info->domain) > 0) continue;
    Entry& kept = next[process_guid];
    if (!kept.info) {
      kept.info = entry.info;
    } else {
      Merge(entry.info->http_routes, &kept.info->http_routes);
      Merge(entry.info->internal_hostnames, &kept.info->internal_hostnames);
    }
  }
  for (const ActualLrp& lrp : snapshot.actuals) {
    if (!IsRunning(lrp) || !IsRoutable(lrp)) continue;
    next[lrp.key.process_guid]
        .endpoints[{lrp.instance.instance_guid, lrp.presence == Presence::kEvacuating}] =
        EndpointOf(lrp);
  }
  for (const auto& [process_guid, entry] : entries_) next[process_guid];  // those gone: empty
  const std::map<ProcessGuid, Entry> old = std::exchange(entries_, std::move(next));
  static const Entry kNothing;
  for (auto it = entries_.begin(); it != entries_.end();) {
    const auto& [process_guid, entry] = *it;
    const auto found = old.find(process_guid);
    const Entry& was = found == old.end() ? kNothing : found->second;
    std::set<InstanceGuid> instances = InstancesOf(entry.endpoints);
    instances.merge(InstancesOf(was.endpoints));
    for (const InstanceGuid& instance : instances) {
      NoteInstance(process_guid, Effective(was.info, was.endpoints, instance),
                   Effective(entry.info, entry.endpoints, instance), &batch);
    }
    it = !entry.info && entry.endpoints.empty() ? entries_.erase(it) : std::next(it);
  }
  return Finish(std::move(batch));
}

void RoutingTable::NoteInstance(const ProcessGuid& process_guid, const Facet& before,
                                const Facet& after, Batch* batch) {
  const bool same_endpoint = before.endpoint != nullptr && after.endpoint != nullptr &&
                             SameEndpoint(*before.endpoint, *after.endpoint);
  if (!same_endpoint) {
    if (before.endpoint != nullptr) IndexAddresses(process_guid, *before.endpoint, false, batch);
    if (after.endpoint != nullptr) IndexAddresses(process_guid, *after.endpoint, true, batch);
  }
  NoteMessages(before, after, same_endpoint, batch);
}

void RoutingTable::NoteMessages(const Facet& before, const Facet& after, bool same_endpoint,
                                Batch* batch) const {
  static const RoutingInfo kNoRoutes;
  const auto routes_of = [](const Facet& facet) -> const RoutingInfo& {
    return facet.info != nullptr && facet.endpoint != nullptr ? *facet.info : kNoRoutes;
  };
  const RoutingInfo& from = routes_of(before);
  const RoutingInfo& to = routes_of(after);
  // Then only routes that one side lacks make a message.
  const bool by_route = same_endpoint && from.log_guid == to.log_guid;
  Messages made;
  for (const HttpRoute& route : from.http_routes) {
    if (by_route && Contains(to.http_routes, route)) continue;
    AppendHttp(from, route, *before.endpoint, UsesInstanceAddress(before.endpoint->net_info),
               &made.unregistrations);
  }
  for (const HttpRoute& route : to.http_routes) {
    if (by_route && Contains(from.http_routes, route)) continue;
    AppendHttp(to, route, *after.endpoint, UsesInstanceAddress(after.endpoint->net_info),
               &made.registrations);
  }
  if (options_.internal_routes) {
    for (const std::string& hostname : from.internal_hostnames) {
      if (by_route && Contains(to.internal_hostnames, hostname)) continue;
      AppendInternal(from, hostname, *before.endpoint, &made.internal_unregistrations);
    }
    for (const std::string& hostname : to.internal_hostnames) {
      if (by_route && Contains(from.internal_hostnames, hostname)) continue;
      AppendInternal(to, hostname, *after.endpoint, &made.internal_registrations);
    }
  }
  if (!same_endpoint && after.endpoint != nullptr) {
    const int64_t updated_at_ns = absl::ToUnixNanos(after.endpoint->since);
    for (RegistryMessage& m : made.registrations) m.endpoint_updated_at_ns = updated_at_ns;
    for (RegistryMessage& m : made.internal_registrations) m.endpoint_updated_at_ns = updated_at_ns;
  }
  Move(&made.unregistrations, &batch->messages.unregistrations);
  Move(&made.registrations, &batch->messages.registrations);
  Move(&made.internal_unregistrations, &batch->messages.internal_unregistrations);
  Move(&made.internal_registrations, &batch->messages.internal_registrations);
}

void RoutingTable::IndexAddresses(const ProcessGuid& process_guid, const Endpoint& endpoint,
                                  bool add, Batch* batch) {
  const bool direct = UsesInstanceAddress(endpoint.net_info);
  const std::string& host = direct ? endpoint.net_info.instance_address : endpoint.net_info.address;
  for (const PortMapping& port : endpoint.net_info.ports) {
    const std::string address =
        absl::StrCat(host, ":", direct ? port.container_port : port.host_port);
    auto& holders = by_address_[address];
    if (add) {
      holders.insert({process_guid, endpoint.instance_guid});
      if (holders.size() > 1) batch->shared_addresses.insert(address);
    } else {
      holders.erase({process_guid, endpoint.instance_guid});
      if (holders.empty()) by_address_.erase(address);
    }
  }
}

TableUpdate RoutingTable::Finish(Batch batch) const {
  // To unregister what something else registers at the same address under the same name would take
  // that one's route away, until it is emitted again.
  auto& gone = batch.messages.unregistrations;
  gone.erase(std::remove_if(gone.begin(), gone.end(),
                            [&](const RegistryMessage& m) { return StillRegistered(m); }),
             gone.end());
  auto& internal = batch.messages.internal_unregistrations;
  const auto& again = batch.messages.internal_registrations;
  internal.erase(std::remove_if(internal.begin(), internal.end(),
                                [&](const RegistryMessage& m) {
                                  return std::any_of(again.begin(), again.end(),
                                                     [&](const RegistryMessage& r) {
                                                       return SameRegistration(m, r);
                                                     });
                                }),
                 internal.end());
  TableUpdate update;
  for (const std::string& address : batch.shared_addresses) {
    const auto holders = by_address_.find(address);
    if (holders == by_address_.end()) continue;
    const InstanceGuid& first = holders->second.begin()->second;
    for (const auto& [process_guid, instance] : holders->second) {
      if (instance != first) update.collisions.push_back({address, first, instance});
    }
  }
  update.messages = std::move(batch.messages);
  return update;
}

bool RoutingTable::StillRegistered(const RegistryMessage& message) const {
  const auto holders = by_address_.find(AddressOf(message));
  if (holders == by_address_.end()) return false;
  for (const auto& [process_guid, instance] : holders->second) {
    const Entry& entry = entries_.at(process_guid);
    const Endpoint* endpoint = Effective(entry.info, entry.endpoints, instance).endpoint;
    if (endpoint == nullptr || !entry.info) continue;
    std::vector<RegistryMessage> registered;
    for (const HttpRoute& route : entry.info->http_routes) {
      AppendHttp(*entry.info, route, *endpoint, UsesInstanceAddress(endpoint->net_info),
                 &registered);
    }
    for (const RegistryMessage& other : registered) {
      if (std::tie(other.host, other.port, other.tls_port, other.uris) ==
          std::tie(message.host, message.port, message.tls_port, message.uris)) {
        return true;
      }
    }
  }
  return false;
}

Messages RoutingTable::All() const {
  Messages all;
  for (const auto& [process_guid, entry] : entries_) {
    if (!entry.info) continue;
    for (const auto& [key, stored] : entry.endpoints) {
      const Endpoint* endpoint = Effective(entry.info, entry.endpoints, key.first).endpoint;
      if (endpoint != &stored) continue;  // beyond the instances, or the evacuating twin
      for (const HttpRoute& route : entry.info->http_routes) {
        AppendHttp(*entry.info, route, *endpoint, UsesInstanceAddress(endpoint->net_info),
                   &all.registrations);
      }
      if (!options_.internal_routes) continue;
      for (const std::string& hostname : entry.info->internal_hostnames) {
        AppendInternal(*entry.info, hostname, *endpoint, &all.internal_registrations);
      }
    }
  }
  return all;
}

bool RoutingTable::Knows(const ProcessGuid& process_guid) const {
  const auto found = entries_.find(process_guid);
  return found != entries_.end() && found->second.info.has_value();
}

bool RoutingTable::UsesInstanceAddress(const NetInfo& net_info) const {
  return route_emitter::UsesInstanceAddress(net_info, options_.register_direct_instance_routes);
}

}  // namespace diego::route_emitter
