#include "services/locket/api/permissions.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace diego::locket {
namespace {

using rpc::Role;

TEST_CASE("permissions: a component holds its own lock, a cell its own presence",
          "[locket][permissions]") {
  struct Row {
    Role role;
    std::string cell_id;
    std::string key;
    LeaseType type;
    bool allowed;
  };
  constexpr LeaseType kAny = LeaseType::kUnknown;  // a release
  const std::vector<Row> rows = {
      {Role::kBbs, "", "bbs", LeaseType::kLock, true},
      {Role::kBbs, "", "bbs", kAny, true},
      {Role::kBbs, "", "bbs", LeaseType::kPresence, false},
      {Role::kBbs, "", "auctioneer", LeaseType::kLock, false},
      {Role::kBbs, "", "cell-1", kAny, false},
      {Role::kAuctioneer, "", "auctioneer", LeaseType::kLock, true},
      {Role::kAuctioneer, "", "bbs", LeaseType::kLock, false},
      {Role::kRouteEmitter, "", "route_emitter", LeaseType::kLock, true},
      {Role::kRouteEmitter, "", "route-emitter", LeaseType::kLock, false},
      {Role::kRep, "cell-1", "cell-1", LeaseType::kPresence, true},
      {Role::kRep, "cell-1", "cell-1", kAny, true},
      {Role::kRep, "cell-1", "cell-1", LeaseType::kLock, false},
      {Role::kRep, "cell-1", "cell-2", LeaseType::kPresence, false},
      {Role::kRep, "cell-1", "bbs", kAny, false},
      {Role::kLocket, "", "bbs", LeaseType::kLock, false},
      {Role::kNone, "", "bbs", LeaseType::kLock, false},
      {Role::kOperator, "", "bbs", LeaseType::kLock, true},
      {Role::kOperator, "", "cell-1", LeaseType::kPresence, true},
      {Role::kOperator, "", "anything", kAny, true},
  };
  for (const Row& row : rows) {
    const rpc::PeerIdentity peer{row.role, CellId(row.cell_id), "peer"};
    const absl::Status status = MayHold(peer, row.key, row.type);
    INFO(rpc::RoleName(row.role) << " " << row.key << ": " << status.ToString());
    CHECK(status.ok() == row.allowed);
    if (!row.allowed) CHECK(absl::IsPermissionDenied(status));
  }
}

TEST_CASE("permissions: who has no role may not read", "[locket][permissions]") {
  CHECK(MayRead({Role::kRep, CellId("cell-1"), ""}).ok());
  CHECK(MayRead({Role::kLocket, CellId(), ""}).ok());
  CHECK(absl::IsPermissionDenied(MayRead({Role::kNone, CellId(), ""})));
}

}  // namespace
}  // namespace diego::locket
