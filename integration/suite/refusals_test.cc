// What nobody may do, and what nobody can read: every door of every process is tried with wrong
// identities, wrong bytes and wrong requests. Each attempt gets a clear answer, changes nothing and
// leaves the process serving.
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/message.h"
#include "integration/suite/raw_peer.h"
#include "integration/suite/refusals_fixture.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/models/error.h"
#include "libs/rpc/certificates.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/status.h"
#include "libs/rpc/testing/test_certificates.h"
#include "libs/rpc/tls.h"
#include "proto/models/locket.grpc.pb.h"

namespace diego::suite {
namespace {

using google::protobuf::MethodDescriptor;
using rpc::Role;

constexpr absl::Duration kCallTimeout = absl::Seconds(10);
constexpr uint64_t kSeed = 20261123;

std::string Slurp(const std::string& path) {
  FILE* file = fopen(path.c_str(), "r");
  REQUIRE(file != nullptr);
  std::string text(1 << 16, '\0');
  text.resize(fread(text.data(), 1, text.size(), file));
  fclose(file);
  return text;
}

std::string RandomBytes(Random* random, size_t size) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random->Next());
  return bytes;
}

template <typename Visit>
void ForEachMethod(const Door& door, Visit visit) {
  for (int i = 0; i < door.descriptor()->method_count(); ++i) visit(*door.descriptor()->method(i));
}

// A channel with these PEM texts; an empty certificate: none.
grpc::Status PingWith(const Door& door, const grpc::SslCredentialsOptions& pem) {
  const auto channel = rpc::MakeChannel(door.address, grpc::SslCredentials(pem));
  return CallWithBytes(channel, "/grpc.health.v1.Health/Check", "", kCallTimeout);
}

// In TLS 1.3 a server refuses a certificate after the client believes itself connected, so that the
// client hears of it in one of several ways.
bool EndsTheConnection(const std::string& message) {
  for (const char* words :
       {"failed to connect to all addresses", "ocket closed", "onnection reset", "roken pipe"}) {
    if (absl::StrContains(message, words)) return true;
  }
  return false;
}

TEST_CASE("a peer without a certificate of our CA gets no connection", "[integration]") {
  RefusalsFixture& fixture = RefusalsFixture::Shared();
  const rpc::TlsFiles ours = fixture.TlsFor(Role::kOperator);
  const rpc::TestCertificates strangers;
  rpc::CertificateRequest request;
  request.role = Role::kOperator;
  request.hosts = {"127.0.0.1"};
  request.not_before = RealClock().Now() - absl::Hours(1);
  request.not_after = RealClock().Now() + absl::Hours(1);
  const auto strange = strangers.authority().Issue(request);
  REQUIRE(strange.ok());
  for (const Door& door : fixture.doors()) {
    INFO(door.service);
    grpc::SslCredentialsOptions pem;
    pem.pem_root_certs = Slurp(ours.ca_file);
    const grpc::Status none = PingWith(door, pem);
    CHECK(none.error_code() == grpc::StatusCode::UNAVAILABLE);
    INFO(none.error_message());
    CHECK(EndsTheConnection(none.error_message()));
    pem.pem_cert_chain = strange->certificate_pem;
    pem.pem_private_key = strange->key_pem;
    const grpc::Status foreign = PingWith(door, pem);
    CHECK(foreign.error_code() == grpc::StatusCode::UNAVAILABLE);
    INFO(foreign.error_message());
    CHECK(EndsTheConnection(foreign.error_message()));
    pem.pem_cert_chain = Slurp(ours.cert_file);
    pem.pem_private_key = Slurp(ours.key_file);
    CHECK(PingWith(door, pem).ok());
    // The other way round: a client of another deployment does not talk to us.
    pem.pem_root_certs = strangers.authority().certificate_pem();
    CHECK(PingWith(door, pem).error_code() == grpc::StatusCode::UNAVAILABLE);
    const auto plain = rpc::MakeChannel(door.address, grpc::InsecureChannelCredentials());
    CHECK(CallWithBytes(plain, "/grpc.health.v1.Health/Check", "", kCallTimeout).error_code() ==
          grpc::StatusCode::UNAVAILABLE);
  }
  CHECK(fixture.Unharmed() == absl::OkStatus());
}

TEST_CASE("a certificate without a role may call nothing", "[integration]") {
  RefusalsFixture& fixture = RefusalsFixture::Shared();
  for (const Door& door : fixture.doors()) {
    const auto channel = fixture.ChannelAs(door, Role::kNone);
    ForEachMethod(door, [&](const MethodDescriptor& method) {
      INFO(method.full_name());
      // Locket looks at the request's shape first; give it one.
      const bool leases = method.name() == "Lock" || method.name() == "Release";
      models::LockRequest lock;
      lock.mutable_resource()->set_key("bbs");
      lock.mutable_resource()->set_owner("nobody");
      lock.mutable_resource()->set_type_code(models::LOCK);
      if (method.name() == "Lock") lock.set_ttl_in_seconds(5);
      const grpc::Status status = CallWithBytes(
          channel, door.MethodPath(method), leases ? lock.SerializeAsString() : "", kCallTimeout);
      CHECK(status.error_code() == grpc::StatusCode::PERMISSION_DENIED);
      CHECK(absl::StrContains(status.error_message(), "role none"));
    });
  }
  CHECK(fixture.Unharmed() == absl::OkStatus());
}

TEST_CASE("a role may not make another role's calls", "[integration]") {
  struct Case {
    std::string service;
    std::string method;
    Role role;
    std::string text;
  };
  const auto row = GENERATE(values<Case>({
      {"diego.Bbs", "DesireLRP", Role::kRep, "role rep may not call DesireLRP, only operator"},
      {"diego.Bbs", "DesireTask", Role::kAuctioneer,
       "role auctioneer may not call DesireTask, only operator"},
      {"diego.Bbs", "ClaimActualLRP", Role::kOperator,
       "role operator may not call ClaimActualLRP, only rep"},
      {"diego.Bbs", "StartTask", Role::kBbs, "role bbs may not call StartTask, only rep"},
      {"diego.Bbs", "RetireActualLRP", Role::kRouteEmitter,
       "role route-emitter may not call RetireActualLRP, only operator"},
      {"diego.Bbs", "Subscribe", Role::kLocket, "role locket may not call Subscribe, only rep"},
      {"diego.Bbs", "StreamTasks", Role::kAuctioneer,
       "role auctioneer may not call StreamTasks, only rep"},
      {"diego.Auctioneer", "RequestLRPAuctions", Role::kRep,
       "certificate \"cell-2\" has the role rep; this call is for bbs, operator"},
      {"diego.Auctioneer", "RequestTaskAuctions", Role::kRouteEmitter,
       "certificate \"route-emitter\" has the role route-emitter; this call is for bbs, operator"},
      {"diego.Cell", "Work", Role::kOperator,
       "certificate \"operator\" has the role operator; this call is for auctioneer"},
      {"diego.Cell", "StopLRP", Role::kAuctioneer,
       "certificate \"auctioneer\" has the role auctioneer; this call is for bbs"},
      {"diego.Cell", "State", Role::kRep,
       "certificate \"cell-2\" has the role rep; this call is for auctioneer, operator"},
      {"diego.Cell", "Logs", Role::kRouteEmitter,
       "certificate \"route-emitter\" has the role route-emitter; this call is for operator"},
  }));
  RefusalsFixture& fixture = RefusalsFixture::Shared();
  const Door& door = fixture.door(row.service);
  const CellId cell(row.role == Role::kRep ? RefusalsFixture::other_cell() : CellId());
  const grpc::Status status =
      CallWithBytes(fixture.ChannelAs(door, row.role, cell),
                    absl::StrCat("/", row.service, "/", row.method), "", kCallTimeout);
  CHECK(status.error_code() == grpc::StatusCode::PERMISSION_DENIED);
  CHECK_THAT(status.error_message(), Catch::StartsWith(row.text));
  CHECK(fixture.Unharmed() == absl::OkStatus());
}

TEST_CASE("a component may hold no lease but its own", "[integration]") {
  struct Case {
    Role role;
    std::string key;
    models::TypeCode type;
    std::string text;
  };
  const auto row = GENERATE(values<Case>({
      {Role::kRep, "cell-9", models::PRESENCE,
       "role rep may not hold \"cell-9\", only the presence \"cell-2\""},
      {Role::kRep, "bbs", models::LOCK,
       "role rep may not hold \"bbs\", only the presence \"cell-2\""},
      {Role::kAuctioneer, "bbs", models::LOCK,
       "role auctioneer may not hold \"bbs\", only the lock \"auctioneer\""},
      {Role::kRouteEmitter, "auctioneer", models::LOCK,
       "role route-emitter may not hold \"auctioneer\", only the lock \"route_emitter\""},
      {Role::kLocket, "bbs", models::LOCK, "role locket may not hold leases"},
  }));
  RefusalsFixture& fixture = RefusalsFixture::Shared();
  const CellId cell(row.role == Role::kRep ? RefusalsFixture::other_cell() : CellId());
  const auto stub =
      models::Locket::NewStub(fixture.ChannelAs(fixture.door("models.Locket"), row.role, cell));
  models::LockRequest lock;
  lock.set_ttl_in_seconds(5);
  lock.mutable_resource()->set_key(row.key);
  lock.mutable_resource()->set_owner("thief");
  lock.mutable_resource()->set_type_code(row.type);
  models::LockResponse locked;
  const grpc::Status taken = stub->Lock(rpc::MakeContext().get(), lock, &locked);
  CHECK(taken.error_code() == grpc::StatusCode::PERMISSION_DENIED);
  CHECK(taken.error_message() == row.text);
  models::ReleaseRequest release;
  *release.mutable_resource() = lock.resource();
  models::ReleaseResponse released;
  CHECK(stub->Release(rpc::MakeContext().get(), release, &released).error_code() ==
        grpc::StatusCode::PERMISSION_DENIED);
  CHECK(fixture.Unharmed() == absl::OkStatus());
}

TEST_CASE("a cell may not speak for another", "[integration]") {
  constexpr char kKeys[] =
      "actual_lrp_key { process_guid: 'web' domain: 'demo' } "
      "actual_lrp_instance_key { instance_guid: 'instance-1' cell_id: 'cell-9' } ";
  constexpr char kNetInfo[] = "actual_lrp_net_info { address: '10.0.0.2' } ";
  struct Case {
    std::string method;
    std::string request;
  };
  const auto row = GENERATE_COPY(values<Case>({
      {"ClaimActualLRP",
       "process_guid: 'web' actual_lrp_instance_key { instance_guid: 'x' cell_id: 'cell-9' }"},
      {"StartActualLRP", absl::StrCat(kKeys, kNetInfo)},
      {"CrashActualLRP", absl::StrCat(kKeys, "error_message: 'no'")},
      {"RemoveActualLRP",
       "process_guid: 'web' "
       "actual_lrp_instance_key { instance_guid: 'instance-1' cell_id: 'cell-9' }"},
      {"EvacuateClaimedActualLRP", kKeys},
      {"EvacuateRunningActualLRP", absl::StrCat(kKeys, kNetInfo)},
      {"EvacuateStoppedActualLRP", kKeys},
      {"EvacuateCrashedActualLRP", absl::StrCat(kKeys, "error_message: 'no'")},
      {"RemoveEvacuatingActualLRP", kKeys},
      {"StartTask", "task_guid: 'sum' cell_id: 'cell-9'"},
      {"CompleteTask", "task_guid: 'sum' cell_id: 'cell-9'"},
  }));
  INFO(row.method);
  RefusalsFixture& fixture = RefusalsFixture::Shared();
  const Door& door = fixture.door("diego.Bbs");
  const MethodDescriptor* method = door.descriptor()->FindMethodByName(row.method);
  const grpc::Status status =
      CallWithBytes(fixture.ChannelAs(door, Role::kRep, RefusalsFixture::other_cell()),
                    door.MethodPath(*method), RequestBytes(*method, row.request), kCallTimeout);
  CHECK(status.error_code() == grpc::StatusCode::PERMISSION_DENIED);
  CHECK_THAT(status.error_message(), Catch::Contains("cell-2") && Catch::Contains("cell-9"));
  CHECK(fixture.Unharmed() == absl::OkStatus());
}

TEST_CASE("bytes that are no TLS, half of it, or no HTTP/2 end their connection only",
          "[integration]") {
  RefusalsFixture& fixture = RefusalsFixture::Shared();
  Random random(kSeed);
  const std::string hello = ClientHello();
  REQUIRE(hello.size() > 100);
  const rpc::TlsFiles tls = fixture.TlsFor(Role::kOperator);
  const absl::Duration timeout = absl::Seconds(15);
  for (const Door& door : fixture.doors()) {
    INFO(door.service);
    CHECK(SendOnSocket(door.address, "", timeout) == absl::OkStatus());
    CHECK(SendOnSocket(door.address, "GET / HTTP/1.1\r\n\r\n", timeout) == absl::OkStatus());
    CHECK(SendOnSocket(door.address, RandomBytes(&random, 1 << 20), timeout) == absl::OkStatus());
    for (const size_t size : {size_t{1}, size_t{5}, hello.size() / 2, hello.size()}) {
      CHECK(SendOnSocket(door.address, hello.substr(0, size), timeout) == absl::OkStatus());
    }
    CHECK(SendOnSocket(door.address, hello + RandomBytes(&random, 500), timeout) ==
          absl::OkStatus());
    CHECK(SendBehindTls(door.address, tls, RandomBytes(&random, 4096), timeout) ==
          absl::OkStatus());
    CHECK(SendBehindTls(door.address, tls,
                        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + RandomBytes(&random, 4096),
                        timeout) == absl::OkStatus());
  }
  CHECK(fixture.Unharmed() == absl::OkStatus());
}

TEST_CASE("a message of 100 MB is refused by its size", "[integration]") {
  RefusalsFixture& fixture = RefusalsFixture::Shared();
  const std::string large(100 << 20, '\0');
  for (const Door& door : fixture.doors()) {
    const MethodDescriptor& method = *door.descriptor()->method(0);
    INFO(method.full_name());
    const grpc::Status status = CallWithBytes(fixture.ChannelAs(door, Role::kOperator),
                                              door.MethodPath(method), large, absl::Seconds(60));
    CHECK(status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED);
    CHECK_THAT(status.error_message(), Catch::Contains("larger than max"));
  }
  CHECK(fixture.Unharmed() == absl::OkStatus());
}

TEST_CASE("methods that do not exist are said to be unknown", "[integration]") {
  RefusalsFixture& fixture = RefusalsFixture::Shared();
  for (const Door& door : fixture.doors()) {
    const auto channel = fixture.ChannelAs(door, Role::kOperator);
    for (const std::string& path :
         {absl::StrCat("/", door.service, "/DropEverything"), std::string("/no.Such/Service")}) {
      CHECK(CallWithBytes(channel, path, "", kCallTimeout).error_code() ==
            grpc::StatusCode::UNIMPLEMENTED);
    }
  }
  CHECK(fixture.Unharmed() == absl::OkStatus());
}

TEST_CASE("random bytes as a request change nothing, whatever the method and role",
          "[integration]") {
  RefusalsFixture& fixture = RefusalsFixture::Shared();
  struct Caller {
    Role role;
    CellId cell;
  };
  const std::vector<Caller> callers = {{Role::kOperator, CellId()},
                                       {Role::kRep, RefusalsFixture::other_cell()},
                                       {Role::kAuctioneer, CellId()},
                                       {Role::kBbs, CellId()}};
  uint64_t seed = kSeed;
  int malformed = 0;
  for (const Door& door : fixture.doors()) {
    for (const Caller& caller : callers) {
      const auto channel = fixture.ChannelAs(door, caller.role, caller.cell);
      ForEachMethod(door, [&](const MethodDescriptor& method) {
        for (int i = 0; i < 40; ++i) {
          Random random(++seed);
          const std::string bytes = RandomBytes(&random, random.Below(i < 20 ? 8 : 200));
          INFO(method.full_name() << " as " << rpc::RoleName(caller.role) << ", seed " << seed);
          const std::unique_ptr<google::protobuf::Message> message(
              google::protobuf::MessageFactory::generated_factory()
                  ->GetPrototype(method.input_type())
                  ->New());
          const bool readable = message->ParseFromString(bytes);
          const grpc::Status status =
              CallWithBytes(channel, door.MethodPath(method), bytes, kCallTimeout);
          if (!status.ok()) REQUIRE_FALSE(status.error_message().empty());
          if (readable) continue;
          ++malformed;
          REQUIRE(status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
          REQUIRE_THAT(status.error_message(),
                       Catch::StartsWith("the request received is invalid"));
          REQUIRE(IsDiegoError(rpc::FromGrpc(status), ErrorType::kInvalidRequest));
        }
      });
    }
    CHECK(fixture.Unharmed() == absl::OkStatus());
  }
  CHECK(malformed > 2000);
}

}  // namespace
}  // namespace diego::suite
