// Every method of every service is called for a while with what BadRequests draws. Each call is
// answered in time with a code that says something, a refused one changes nothing, and at the end
// the services serve.
#include "integration/suite/bad_requests.h"

#include <catch2/catch.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "integration/suite/bad_worlds.h"
#include "integration/suite/harass.h"
#include "integration/suite/raw_peer.h"
#include "libs/rpc/channel.h"
#include "proto/diego/auctioneer.grpc.pb.h"
#include "proto/diego/bbs.grpc.pb.h"
#include "proto/diego/cell.grpc.pb.h"
#include "proto/models/locket.grpc.pb.h"

namespace diego::suite {
namespace {

using google::protobuf::ServiceDescriptor;
using grpc::StatusCode;
using rpc::Role;

// What a service may say of a request it does not carry out.
bool IsClearRefusal(StatusCode code) {
  switch (code) {
    case StatusCode::INVALID_ARGUMENT:
    case StatusCode::NOT_FOUND:
    case StatusCode::ALREADY_EXISTS:
    case StatusCode::FAILED_PRECONDITION:
    case StatusCode::OUT_OF_RANGE:
    case StatusCode::PERMISSION_DENIED:
    case StatusCode::RESOURCE_EXHAUSTED: return true;
    default: return false;
  }
}

// `also`: a code that this service uses as well.
Door DoorOf(const ServiceDescriptor& service, const std::shared_ptr<grpc::Channel>& channel,
            StatusCode also = StatusCode::OK) {
  Door door;
  door.name = service.full_name();
  door.refusal = absl::StrCat(StatusCode::INVALID_ARGUMENT);
  for (int i = 0; i < service.method_count(); ++i) {
    door.calls.push_back(absl::StrCat("/", service.full_name(), "/", service.method(i)->name()));
  }
  const auto requests = std::make_shared<BadRequests>(Seed());
  door.draw = [requests, &service](size_t call) {
    return requests->Next(*service.method(static_cast<int>(call))->input_type());
  };
  door.ask = [channel, also, calls = door.calls](size_t call, const std::string& bytes) {
    const grpc::Status status = CallWithBytes(channel, calls[call], bytes, absl::Seconds(60));
    const StatusCode code = status.error_code();
    return Verdict{status.ok(), IsClearRefusal(code) || code == also, absl::StrCat(code),
                   status.error_message()};
  };
  return door;
}

TEST_CASE("bad requests: Locket", "[bad]") {
  World world;
  const auto channel = world.certificates.Channel(world.locket->port(), Role::kNone);
  // UNKNOWN: what does not fit its column.
  Harass(DoorOf(*models::LockRequest::descriptor()->file()->FindServiceByName("Locket"), channel,
                StatusCode::UNKNOWN));
  const auto stub = models::Locket::NewStub(channel);
  models::LockRequest request;
  request.mutable_resource()->set_key("afterwards");
  request.mutable_resource()->set_owner("me");
  request.mutable_resource()->set_type_code(models::LOCK);
  request.set_ttl_in_seconds(15);
  models::LockResponse response;
  CHECK(stub->Lock(rpc::MakeContext().get(), request, &response).ok());
}

TEST_CASE("bad requests: BBS", "[bad]") {
  World world;
  world.StartBbs();
  const auto channel = world.certificates.Channel(world.bbs->port(), Role::kNone);
  Door door = DoorOf(*PingRequest::descriptor()->file()->FindServiceByName("Bbs"), channel);
  door.records = [&] { return world.BbsRecords(); };
  Harass(door);
  CHECK(world.bbs->active());
  models::PingResponse pong;
  CHECK(Bbs::NewStub(channel)->Ping(rpc::MakeContext().get(), PingRequest(), &pong).ok());
}

TEST_CASE("bad requests: auctioneer", "[bad]") {
  World world;
  world.StartBbs();
  world.StartAuctioneer();
  Harass(DoorOf(*LRPAuctionsRequest::descriptor()->file()->FindServiceByName("Auctioneer"),
                world.certificates.Channel(world.auctioneer->port(), Role::kNone)));
  CHECK(world.auctioneer->active());
}

TEST_CASE("bad requests: cell", "[bad]") {
  CellWorld world;
  const auto channel = world.certificates.Channel(world.server->port(), Role::kNone);
  Harass(DoorOf(*StateRequest::descriptor()->file()->FindServiceByName("Cell"), channel));
  StateResponse state;
  CHECK(
      diego::Cell::NewStub(channel)->State(rpc::MakeContext().get(), StateRequest(), &state).ok());
}

TEST_CASE("bad requests: one that is too large is refused and not kept", "[bad]") {
  World world;
  const auto channel = world.certificates.Channel(world.locket->port(), Role::kNone);
  const std::string huge = "\x0a" + std::string("\xff\xff\xff\x7f") + std::string(8 << 20, 'x');
  const grpc::Status status =
      CallWithBytes(channel, "/models.Locket/Lock", huge, absl::Seconds(60));
  CHECK(status.error_code() == StatusCode::RESOURCE_EXHAUSTED);
}

}  // namespace
}  // namespace diego::suite
