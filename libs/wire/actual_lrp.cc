#include "libs/wire/actual_lrp.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"
#include "libs/models/error.h"
#include "libs/wire/enums.h"
#include "libs/wire/placement.h"
#include "libs/wire/serialize.h"
#include "libs/wire/utf8.h"

namespace diego::wire {
namespace {

// ActualLRP and ActualLRPInfo share these members under the same names.
template <typename Proto>
void WriteShared(const ActualLrp& lrp, Proto* out) {
  *out->mutable_actual_lrp_net_info() = ToProto(lrp.net_info);
  out->set_crash_count(lrp.crash_count);
  out->set_crash_reason(ValidUtf8(lrp.crash_reason));
  const absl::string_view state = ActualLrpStateName(lrp.state);
  out->set_state(state.data(), state.size());
  out->set_placement_error(ValidUtf8(lrp.placement_error));
  out->set_since(absl::ToUnixNanos(lrp.since));
  *out->mutable_modification_tag() = ToProto(lrp.tag);
  out->set_presence(static_cast<models::ActualLRP::Presence>(lrp.presence));
  if (lrp.routable) out->set_routable(*lrp.routable);
  out->set_availability_zone(lrp.availability_zone);
  out->set_definition_id(lrp.definition_id);
  if (!lrp.placement_refusal.empty()) {
    *out->mutable_placement_refusal() = PlacementRefusalOf(lrp.placement_refusal);
  }
}

template <typename Proto>
absl::Status ReadShared(const Proto& proto, ActualLrp* out) {
  DIEGO_ASSIGN_OR_RETURN(out->net_info, FromProto(proto.actual_lrp_net_info()));
  out->crash_count = proto.crash_count();
  out->crash_reason = proto.crash_reason();
  const std::optional<ActualLrpState> state = ParseActualLrpState(proto.state());
  if (!state) {
    return DiegoError(ErrorType::kInvalidRequest,
                      absl::StrCat("Invalid field: state: unknown value '", proto.state(), "'"));
  }
  out->state = *state;
  out->placement_error = proto.placement_error();
  out->since = absl::FromUnixNanos(proto.since());
  out->tag = FromProto(proto.modification_tag());
  DIEGO_RETURN_IF_ERROR(
      ReadEnum("presence", proto.presence(), models::ActualLRP::Presence_IsValid, &out->presence));
  if (proto.has_routable()) out->routable = proto.routable();
  out->availability_zone = proto.availability_zone();
  out->definition_id = proto.definition_id();
  if (proto.has_placement_refusal()) {
    out->placement_refusal = PlacementRefusalBytes(proto.placement_refusal());
  }
  return absl::OkStatus();
}

// What of it this version does not know; see NetInfo::unknown.
Opaque UnknownOf(const models::ActualLRPNetInfo& proto) {
  const auto unknown_of = [](const google::protobuf::Message& message) -> const auto& {
    return message.GetReflection()->GetUnknownFields(message);
  };
  const bool of_ports = absl::c_any_of(
      proto.ports(), [&](const models::PortMapping& port) { return !unknown_of(port).empty(); });
  if (!of_ports && unknown_of(proto).empty()) return Opaque();
  models::ActualLRPNetInfo rest;
  const auto take = [&](const google::protobuf::Message& from, google::protobuf::Message* to) {
    to->GetReflection()->MutableUnknownFields(to)->MergeFrom(unknown_of(from));
  };
  take(proto, &rest);
  if (of_ports) {
    for (const models::PortMapping& port : proto.ports()) take(port, rest.add_ports());
  }
  return Opaque(Serialize(rest));
}

}  // namespace

models::ModificationTag ToProto(const ModificationTag& tag) {
  models::ModificationTag proto;
  proto.set_epoch(tag.epoch);
  proto.set_index(tag.index);
  return proto;
}

ModificationTag FromProto(const models::ModificationTag& proto) {
  return {proto.epoch(), proto.index()};
}

models::ActualLRPKey ToProto(const ActualLrpKey& key) {
  models::ActualLRPKey proto;
  proto.set_process_guid(key.process_guid.value());
  proto.set_index(key.index);
  proto.set_domain(key.domain.value());
  return proto;
}

ActualLrpKey FromProto(const models::ActualLRPKey& proto) {
  return {ProcessGuid(proto.process_guid()), proto.index(), Domain(proto.domain())};
}

models::ActualLRPInstanceKey ToProto(const InstanceKey& key) {
  models::ActualLRPInstanceKey proto;
  proto.set_instance_guid(key.instance_guid.value());
  proto.set_cell_id(key.cell_id.value());
  return proto;
}

InstanceKey FromProto(const models::ActualLRPInstanceKey& proto) {
  return {InstanceGuid(proto.instance_guid()), CellId(proto.cell_id())};
}

models::ActualLRPNetInfo ToProto(const NetInfo& net_info) {
  models::ActualLRPNetInfo proto;
  if (!net_info.unknown.empty()) proto.ParseFromString(net_info.unknown.bytes());
  proto.set_address(net_info.address);
  const int known_ports = proto.ports_size();
  for (const PortMapping& port : net_info.ports) {
    const auto i = static_cast<int>(&port - net_info.ports.data());
    models::PortMapping* out = i < known_ports ? proto.mutable_ports(i) : proto.add_ports();
    out->set_container_port(port.container_port);
    out->set_host_port(port.host_port);
    out->set_container_tls_proxy_port(port.container_tls_proxy_port);
    out->set_host_tls_proxy_port(port.host_tls_proxy_port);
  }
  proto.set_instance_address(net_info.instance_address);
  proto.set_preferred_address(
      static_cast<models::ActualLRPNetInfo::PreferredAddress>(net_info.preferred_address));
  proto.set_instance_ipv6_address(net_info.instance_ipv6_address);
  return proto;
}

absl::StatusOr<NetInfo> FromProto(const models::ActualLRPNetInfo& proto) {
  NetInfo net_info;
  net_info.unknown = UnknownOf(proto);
  net_info.address = proto.address();
  net_info.ports.reserve(proto.ports_size());
  for (const models::PortMapping& port : proto.ports()) {
    net_info.ports.push_back({port.container_port(), port.host_port(),
                              port.container_tls_proxy_port(), port.host_tls_proxy_port()});
  }
  net_info.instance_address = proto.instance_address();
  DIEGO_RETURN_IF_ERROR(ReadEnum("preferred_address", proto.preferred_address(),
                                 models::ActualLRPNetInfo::PreferredAddress_IsValid,
                                 &net_info.preferred_address));
  net_info.instance_ipv6_address = proto.instance_ipv6_address();
  return net_info;
}

models::ActualLRP ToProto(const ActualLrp& lrp) {
  models::ActualLRP proto;
  *proto.mutable_actual_lrp_key() = ToProto(lrp.key);
  *proto.mutable_actual_lrp_instance_key() = ToProto(lrp.instance);
  WriteShared(lrp, &proto);
  ToProto(lrp.internal_routes, proto.mutable_actual_lrp_internal_routes());
  ToProto(lrp.metric_tags, proto.mutable_metric_tags());
  return proto;
}

absl::StatusOr<ActualLrp> FromProto(const models::ActualLRP& proto) {
  ActualLrp lrp;
  lrp.key = FromProto(proto.actual_lrp_key());
  lrp.instance = FromProto(proto.actual_lrp_instance_key());
  DIEGO_RETURN_IF_ERROR(ReadShared(proto, &lrp));
  lrp.internal_routes = FromProto(proto.actual_lrp_internal_routes());
  lrp.metric_tags = FromProto(proto.metric_tags());
  return lrp;
}

models::ActualLRPInfo ToInfoProto(const ActualLrp& lrp) {
  models::ActualLRPInfo proto;
  WriteShared(lrp, &proto);
  return proto;
}

absl::StatusOr<ActualLrp> FromInfoProto(const models::ActualLRPKey& key,
                                        const models::ActualLRPInstanceKey& instance,
                                        const models::ActualLRPInfo& proto) {
  ActualLrp lrp;
  lrp.key = FromProto(key);
  lrp.instance = FromProto(instance);
  DIEGO_RETURN_IF_ERROR(ReadShared(proto, &lrp));
  return lrp;
}

void ToProto(const std::vector<std::string>& hostnames, InternalRoutesProto* out) {
  out->Clear();
  for (const std::string& hostname : hostnames) out->Add()->set_hostname(hostname);
}

std::vector<std::string> FromProto(const InternalRoutesProto& proto) {
  std::vector<std::string> hostnames;
  hostnames.reserve(proto.size());
  for (const models::ActualLRPInternalRoute& route : proto) hostnames.push_back(route.hostname());
  return hostnames;
}

void ToProto(const std::map<std::string, std::string>& map, StringMapProto* out) {
  out->clear();
  for (const auto& [key, value] : map) (*out)[key] = value;
}

std::map<std::string, std::string> FromProto(const StringMapProto& proto) {
  return {proto.begin(), proto.end()};
}

}  // namespace diego::wire
