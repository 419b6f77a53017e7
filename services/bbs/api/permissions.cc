#include "services/bbs/api/permissions.h"

#include <array>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace diego::bbs {
namespace {

using rpc::Role;

constexpr unsigned Bit(Role role) { return 1u << static_cast<unsigned>(role); }
constexpr unsigned kOperator = Bit(Role::kOperator);
constexpr unsigned kCell = Bit(Role::kRep);
constexpr unsigned kReaders = kOperator | kCell | Bit(Role::kRouteEmitter);
constexpr unsigned kPlacers = kOperator | Bit(Role::kAuctioneer);
constexpr unsigned kEverybody =
    kReaders | Bit(Role::kAuctioneer) | Bit(Role::kBbs) | Bit(Role::kLocket);

struct Rule {
  absl::string_view name;
  unsigned roles;
};
constexpr std::array<Rule, static_cast<size_t>(BbsCall::kCount)> kRules = {{
    {"Ping", kEverybody},
    {"Domains", kEverybody},
    {"DomainByName", kEverybody},
    {"UpsertDomain", kOperator},
    // What is wanted is the operator's to say.
    {"DesireLRP", kOperator},
    {"UpdateDesiredLRP", kOperator},
    {"RemoveDesiredLRP", kOperator},
    {"CancelDesiredLRPUpdate", kOperator},
    {"RollBackDesiredLRP", kOperator},
    {"DesiredLRPDefinitions", kReaders},
    {"DesiredLRPs", kReaders},
    {"DesiredLRPByProcessGuid", kReaders},
    {"DesiredLRPSchedulingInfos", kReaders},
    {"DesiredLRPSchedulingInfoByProcessGuid", kReaders},
    {"DesiredLRPRoutingInfos", kReaders},
    {"ActualLRPs", kReaders},
    {"ActualLRPsByProcessGuids", kReaders},
    // What runs is the cell's to say, what could not be placed the auctioneer's.
    {"ClaimActualLRP", kCell},
    {"StartActualLRP", kCell},
    {"CrashActualLRP", kCell},
    {"FailActualLRP", kPlacers},
    {"RemoveActualLRP", kCell},
    {"RetireActualLRP", kOperator},
    {"ExplainLRP", kReaders},
    {"EvacuateClaimedActualLRP", kCell},
    {"EvacuateRunningActualLRP", kCell},
    {"EvacuateStoppedActualLRP", kCell},
    {"EvacuateCrashedActualLRP", kCell},
    {"RemoveEvacuatingActualLRP", kCell},
    {"DesireTask", kOperator},
    {"StartTask", kCell},
    {"CancelTask", kOperator},
    {"FailTask", kPlacers},
    {"RejectTask", kPlacers | kCell},
    {"CompleteTask", kCell},
    {"ResolvingTask", kOperator},
    {"DeleteTask", kOperator},
    {"Tasks", kReaders},
    {"TaskByGuid", kReaders},
    {"Cells", kEverybody},
    {"CellById", kEverybody},
    {"AcceptCellLosses", kOperator},
    {"PlacementTags", kReaders},
    {"StreamDomains", kEverybody},
    {"StreamActualLRPs", kReaders},
    {"StreamActualLRPsByProcessGuids", kReaders},
    {"StreamDesiredLRPs", kReaders},
    {"StreamDesiredLRPSchedulingInfos", kReaders},
    {"StreamDesiredLRPRoutingInfos", kReaders},
    {"StreamTasks", kReaders},
    {"StreamCells", kEverybody},
    {"Subscribe", kReaders},
}};

}  // namespace

absl::string_view CallName(BbsCall call) { return kRules.at(static_cast<size_t>(call)).name; }

absl::Status MayCall(const rpc::PeerIdentity& peer, BbsCall call) {
  const Rule& rule = kRules.at(static_cast<size_t>(call));
  if (peer.role == Role::kTrusted || rule.roles & Bit(peer.role)) return absl::OkStatus();
  std::vector<std::string> allowed;
  for (const Role role : {Role::kBbs, Role::kAuctioneer, Role::kRep, Role::kRouteEmitter,
                          Role::kLocket, Role::kOperator}) {
    if (rule.roles & Bit(role)) allowed.emplace_back(rpc::RoleName(role));
  }
  return absl::PermissionDeniedError(absl::StrCat("role ", rpc::RoleName(peer.role),
                                                  " may not call ", rule.name, ", only ",
                                                  absl::StrJoin(allowed, ", ")));
}

}  // namespace diego::bbs
