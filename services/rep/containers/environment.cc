#include "services/rep/containers/environment.h"

#include "absl/strings/str_cat.h"

namespace diego::rep {
namespace {

// [{"external":61001,"internal":8080}]; a port of 0 is left out.
std::string PortsJson(const std::vector<PortMapping>& ports) {
  std::string json = "[";
  for (const PortMapping& port : ports) {
    absl::StrAppend(&json, json.size() > 1 ? ",{" : "{");
    if (port.host_port != 0) absl::StrAppend(&json, "\"external\":", port.host_port);
    if (port.container_port != 0) {
      absl::StrAppend(&json, port.host_port != 0 ? "," : "", "\"internal\":", port.container_port);
    }
    absl::StrAppend(&json, "}");
  }
  return absl::StrCat(json, "]");
}

}  // namespace

Environment LrpEnvironment(const std::string& instance_guid, int32_t index,
                           const Environment& own) {
  Environment env = {{"INSTANCE_GUID", instance_guid},
                     {"INSTANCE_INDEX", absl::StrCat(index)},
                     {"CF_INSTANCE_GUID", instance_guid},
                     {"CF_INSTANCE_INDEX", absl::StrCat(index)}};
  env.insert(env.end(), own.begin(), own.end());
  return env;
}

Environment ContainerEnvironment(const Environment& env,
                                 const std::string& trusted_system_certificates_path) {
  Environment all = env;
  if (!trusted_system_certificates_path.empty()) {
    all.push_back({"CF_SYSTEM_CERT_PATH", trusted_system_certificates_path});
  }
  return all;
}

Environment ProcessEnvironment(const Environment& own, const std::string& cell_ip,
                               const NetworkInfo& network) {
  Environment env = own;
  env.push_back({"CF_INSTANCE_IP", cell_ip});
  env.push_back({"CF_INSTANCE_INTERNAL_IP", network.container_ip});
  if (network.ports.empty()) {
    env.push_back({"CF_INSTANCE_PORT", ""});
    env.push_back({"CF_INSTANCE_ADDR", ""});
  } else if (const uint16_t port = network.ports[0].host_port; port != 0) {
    env.push_back({"CF_INSTANCE_PORT", absl::StrCat(port)});
    env.push_back({"CF_INSTANCE_ADDR", absl::StrCat(cell_ip, ":", port)});
  }
  env.push_back({"CF_INSTANCE_PORTS", PortsJson(network.ports)});
  return env;
}

}  // namespace diego::rep
