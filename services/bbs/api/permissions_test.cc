#include "services/bbs/api/permissions.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "proto/diego/bbs.pb.h"

namespace diego::bbs {
namespace {

using rpc::Role;

absl::Status As(Role role, BbsCall call) { return MayCall({role, CellId("cell-1"), "peer"}, call); }

TEST_CASE("permissions: the table names every call of the service, once, in its place",
          "[bbs][permissions]") {
  const auto* service = SubscribeRequest::descriptor()->file()->FindServiceByName("Bbs");
  REQUIRE(service != nullptr);
  std::set<std::string> methods;
  for (int i = 0; i < service->method_count(); ++i) methods.insert(service->method(i)->name());
  std::set<std::string> named;
  for (int i = 0; i < static_cast<int>(BbsCall::kCount); ++i) {
    named.insert(std::string(CallName(static_cast<BbsCall>(i))));
  }
  CHECK(methods == named);
  CHECK(CallName(BbsCall::kPing) == "Ping");
  CHECK(CallName(BbsCall::kStreamActualLRPsByProcessGuids) == "StreamActualLRPsByProcessGuids");
  CHECK(CallName(BbsCall::kStartTask) == "StartTask");
  CHECK(CallName(BbsCall::kCompleteTask) == "CompleteTask");
  CHECK(CallName(BbsCall::kSubscribe) == "Subscribe");
}

TEST_CASE("permissions: who may call what", "[bbs][permissions]") {
  struct Row {
    BbsCall call;
    std::set<Role> allowed;
  };
  const std::set<Role> readers = {Role::kRep, Role::kRouteEmitter, Role::kOperator};
  const std::set<Role> everybody = {Role::kBbs,          Role::kAuctioneer, Role::kRep,
                                    Role::kRouteEmitter, Role::kLocket,     Role::kOperator};
  const Row rows[] = {
      {BbsCall::kPing, everybody},
      {BbsCall::kCells, everybody},
      {BbsCall::kCellById, everybody},
      {BbsCall::kStreamCells, everybody},
      {BbsCall::kDomainByName, everybody},
      {BbsCall::kStreamDomains, everybody},
      {BbsCall::kStreamActualLRPsByProcessGuids, readers},
      {BbsCall::kDesiredLRPSchedulingInfoByProcessGuid, readers},
      {BbsCall::kDesireLRP, {Role::kOperator}},
      {BbsCall::kUpsertDomain, {Role::kOperator}},
      {BbsCall::kCancelDesiredLRPUpdate, {Role::kOperator}},
      {BbsCall::kRollBackDesiredLRP, {Role::kOperator}},
      {BbsCall::kDesiredLRPDefinitions, readers},
      {BbsCall::kRetireActualLRP, {Role::kOperator}},
      {BbsCall::kCancelTask, {Role::kOperator}},
      {BbsCall::kClaimActualLRP, {Role::kRep}},
      {BbsCall::kStartActualLRP, {Role::kRep}},
      {BbsCall::kRemoveActualLRP, {Role::kRep}},
      {BbsCall::kEvacuateRunningActualLRP, {Role::kRep}},
      {BbsCall::kStartTask, {Role::kRep}},
      {BbsCall::kCompleteTask, {Role::kRep}},
      {BbsCall::kFailActualLRP, {Role::kAuctioneer, Role::kOperator}},
      {BbsCall::kRejectTask, {Role::kAuctioneer, Role::kRep, Role::kOperator}},
      {BbsCall::kActualLRPs, readers},
      {BbsCall::kExplainLRP, readers},
      {BbsCall::kPlacementTags, readers},
      {BbsCall::kStreamDesiredLRPs, readers},
      {BbsCall::kTaskByGuid, readers},
      {BbsCall::kSubscribe, readers},
  };
  for (const Row& row : rows) {
    for (const Role role : {Role::kNone, Role::kBbs, Role::kAuctioneer, Role::kRep,
                            Role::kRouteEmitter, Role::kLocket, Role::kOperator}) {
      INFO(rpc::RoleName(role) << " calling " << CallName(row.call));
      const absl::Status status = As(role, row.call);
      CHECK(status.ok() == (row.allowed.count(role) == 1));
      if (!status.ok()) CHECK(absl::IsPermissionDenied(status));
    }
  }
  CHECK(As(Role::kRouteEmitter, BbsCall::kFailActualLRP).message() ==
        "role route-emitter may not call FailActualLRP, only auctioneer, operator");
}

}  // namespace
}  // namespace diego::bbs
