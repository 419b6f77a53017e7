// What a deployment whose data lie below one directory has left on the machine.
#pragma once

#include <string>
#include <vector>

namespace diego::harness {

// One line a thing: "process 123: …", "mount …", "network namespace …", "interface …",
// "iptables …". Knows the deployment's bridges by their names, which are written in its cells'
// configuration files DIR/config/cell-*.json under "bridge_name".
std::vector<std::string> LeftoversOf(const std::string& directory);

}  // namespace diego::harness
