#include "services/rep/core/cell_facts.h"

namespace diego::rep {

CellPresence PresenceOf(const CellFacts& facts) {
  CellPresence presence;
  presence.cell_id = facts.cell_id;
  presence.rep_address = facts.rep_address;
  presence.rep_url = facts.rep_url;
  presence.rep_grpc_address = facts.rep_grpc_address;
  presence.zone = facts.zone;
  presence.capacity = facts.total;
  presence.rootfs_providers = {{"preloaded", facts.stacks}, {"preloaded+layer", facts.stacks}};
  for (const std::string& provider : facts.supported_providers) {
    presence.rootfs_providers.push_back({provider, {}});
  }
  presence.placement_tags = facts.placement_tags;
  presence.optional_placement_tags = facts.optional_placement_tags;
  return presence;
}

}  // namespace diego::rep
