// What to remove from the machine's NAT table, computed from the output of iptables-save. Pure.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace diego::rep {

// Input for `iptables-restore --noflush` that removes every rule whose comment names the network,
// and the plugin chains that such rules lead to. Empty when there is nothing to remove.
std::string RemovalOfNetwork(absl::string_view saved, absl::string_view network_name);

// The same for the chains that the portmap plugin shares between all networks. Empty when they are
// absent or some network still has a mapped port.
std::string RemovalOfSharedChains(absl::string_view saved);

}  // namespace diego::rep
