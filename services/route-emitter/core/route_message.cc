#include "services/route-emitter/core/route_message.h"

#include <tuple>

namespace diego::route_emitter {
namespace {

auto Identity(const RegistryMessage& m) {
  return std::tie(m.host, m.port, m.tls_port, m.uris, m.protocol);
}

}  // namespace

bool SameRegistration(const RegistryMessage& a, const RegistryMessage& b) {
  return Identity(a) == Identity(b);
}

bool ByRegistration::operator()(const RegistryMessage& a, const RegistryMessage& b) const {
  return Identity(a) < Identity(b);
}

}  // namespace diego::route_emitter
