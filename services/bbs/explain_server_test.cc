// Why instances are as they are, as operators read it from the whole server.
#include <catch2/catch.hpp>
#include <string>

#include "libs/models/placement_refusal.h"
#include "services/bbs/server_fixture.h"

namespace diego::bbs {
namespace {

using grpc::StatusCode;
using rpc::Role;

ExplainLRPResponse ExplainIt(Bbs::Stub& stub, const std::string& guid) {
  const auto context = rpc::MakeContext();
  ExplainLRPRequest request;
  request.set_process_guid(guid);
  ExplainLRPResponse response;
  const grpc::Status status = stub.ExplainLRP(context.get(), request, &response);
  INFO(status.error_message());
  REQUIRE(status.ok());
  return response;
}

TEST_CASE(
    "bbs: why an instance has no place is kept in numbers, also by the next active one, until "
    "it has one",
    "[bbs][server]") {
  Fixture bbs;
  const BbsServer& first = bbs.StartActiveBbs("one");
  BbsServer& second = bbs.StartBbs("two");
  auto operation = bbs.As(first, Role::kOperator);
  REQUIRE(Desire(*operation, DesireRequest("app", 2)).ok());
  PlacementRefusal refusal;
  refusal.reason = PlacementRefusal::Reason::kNoRoom;
  refusal.cells_considered = 7;
  refusal.memory_short_mb = 512;
  const auto auctioneer = bbs.ClientAs(Role::kAuctioneer);
  const ActualLrpKey key{ProcessGuid("app"), 0, Domain("cf-apps")};
  REQUIRE(auctioneer->FailActualLrp(key, "insufficient resources: memory", refusal).ok());

  const auto check = [&] {
    const ExplainLRPResponse told = ExplainIt(*operation, "app");
    CHECK(told.desired().instances() == 2);
    CHECK(told.revision() > 0);
    REQUIRE(told.instances_size() == 2);
    CHECK(told.instances(0).waiting() == InstanceExplanation::FOR_PLACE);
    CHECK(told.instances(0).instance().placement_error() == "insufficient resources: memory");
    CHECK(told.instances(0).instance().placement_refusal().cells_considered() == 7);
    CHECK(told.instances(0).instance().placement_refusal().memory_short_mb() == 512);
    CHECK(told.instances(1).waiting() == InstanceExplanation::FOR_PLACE);
    CHECK_FALSE(told.instances(1).instance().has_placement_refusal());
  };
  check();
  bbs.servers.erase(bbs.servers.begin());
  REQUIRE(Eventually([&] { return second.active(); }));
  operation = bbs.As(second, Role::kOperator);
  check();

  const auto cell = bbs.As(second, Role::kRep, "cell-1");
  REQUIRE(Start(*cell, StartRequest("app", 0, "cell-1")).ok());
  const ExplainLRPResponse runs = ExplainIt(*operation, "app");
  CHECK(runs.instances(0).waiting() == InstanceExplanation::NOTHING);
  CHECK_FALSE(runs.instances(0).instance().has_placement_refusal());

  const auto context = rpc::MakeContext();
  ExplainLRPRequest nobody;
  nobody.set_process_guid("nobody");
  ExplainLRPResponse none;
  CHECK(operation->ExplainLRP(context.get(), nobody, &none).error_code() == StatusCode::NOT_FOUND);
}

TEST_CASE("bbs: a crashed instance says when it restarts", "[bbs][server]") {
  Fixture bbs;
  const BbsServer& server = bbs.StartActiveBbs("one");
  REQUIRE(Desire(*bbs.As(server, Role::kOperator), DesireRequest("app", 1)).ok());
  const auto stub = bbs.As(server, Role::kRep, "cell-1");
  const auto cell = bbs.ClientAs(Role::kRep, "cell-1");
  const ActualLrpKey key{ProcessGuid("app"), 0, Domain("cf-apps")};
  for (int i = 0; i < 3; ++i) {
    REQUIRE(Start(*stub, StartRequest("app", 0, "cell-1")).ok());
    REQUIRE(cell->CrashActualLrp(key, {InstanceGuid("instance-0"), CellId("cell-1")}, "boom").ok());
  }
  const ExplainLRPResponse told = ExplainIt(*bbs.As(server, Role::kOperator), "app");
  REQUIRE(told.instances_size() == 1);
  CHECK(told.instances(0).waiting() == InstanceExplanation::FOR_RESTART);
  CHECK(told.instances(0).restart_due_at() ==
        told.instances(0).instance().since() + absl::ToInt64Nanoseconds(absl::Seconds(30)));
}

TEST_CASE("bbs: an instance past the count is to stop once its domain is fresh, not before",
          "[bbs][server]") {
  Fixture bbs;
  const BbsServer& server = bbs.StartActiveBbs("one");
  REQUIRE(Start(*bbs.As(server, Role::kRep, "cell-1"), StartRequest("app", 1, "cell-1")).ok());
  const auto stub = bbs.As(server, Role::kOperator);
  REQUIRE(Desire(*stub, DesireRequest("app", 1)).ok());
  const auto waiting = [&] {
    const ExplainLRPResponse told = ExplainIt(*stub, "app");
    REQUIRE(told.instances_size() == 2);
    return told.instances(1).waiting();
  };
  CHECK(waiting() == InstanceExplanation::NOTHING);
  REQUIRE(bbs.ClientAs(Role::kOperator)->UpsertDomain(Domain("cf-apps"), absl::Hours(1)).ok());
  CHECK(waiting() == InstanceExplanation::FOR_STOP);
}

}  // namespace
}  // namespace diego::bbs
