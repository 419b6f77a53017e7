// Every method of every service, in this process so that sanitizers see it, is called for a while
// with what BadRequests draws. Each call is answered in time with a code that says something, a
// refused one changes nothing, and at the end the services serve. The seed is printed; DIEGO_SEED
// replays it, DIEGO_BAD_REQUESTS_SECONDS makes it longer.
#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <iostream>
#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "integration/suite/bad_requests.h"
#include "integration/suite/raw_peer.h"
#include "libs/base/clock.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/server.h"
#include "libs/rpc/testing/test_certificates.h"
#include "libs/sync/guarded.h"
#include "libs/sync/worker.h"
#include "libs/testing/fake_clock.h"
#include "libs/wire/serialize.h"
#include "proto/diego/auctioneer.grpc.pb.h"
#include "proto/diego/bbs.grpc.pb.h"
#include "proto/diego/cell.grpc.pb.h"
#include "proto/models/locket.grpc.pb.h"
#include "services/auctioneer/server.h"
#include "services/bbs/server.h"
#include "services/locket/server.h"
#include "services/rep/api/cell_service.h"
#include "services/rep/engine/fake_executor.h"
#include "services/rep/engine/fake_records.h"

namespace diego::suite {
namespace {

using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;
using grpc::StatusCode;
using rpc::Role;

int64_t NumberFrom(const char* variable, int64_t otherwise) {
  const char* text = getenv(variable);
  int64_t number = 0;
  return text != nullptr && absl::SimpleAtoi(text, &number) ? number : otherwise;
}

uint64_t Seed() {
  static const uint64_t kSeed = [] {
    const auto seed =
        static_cast<uint64_t>(NumberFrom("DIEGO_SEED", static_cast<int64_t>(EntropySeed() >> 1)));
    std::cout << "DIEGO_SEED=" << seed << std::endl;
    return seed;
  }();
  return kSeed;
}

// Certificates without roles: whatever is refused is not refused for want of one.
struct World {
  World() {
    char path[] = "/tmp/diego-bad-requests-XXXXXX";
    REQUIRE(mkdtemp(path) != nullptr);
    directory = path;
    tls = certificates.For(Role::kNone);
    StartLocket();
  }
  ~World() {
    auctioneer.reset();
    bbs.reset();
    locket.reset();
    std::filesystem::remove_all(directory);
  }
  void StartLocket() {
    locket::LocketConfig config;
    config.listen_address = {"127.0.0.1", 0};
    config.ca_file = tls.ca_file;
    config.cert_file = tls.cert_file;
    config.key_file = tls.key_file;
    config.database_driver = "sqlite";
    config.database_connection_string = directory + "/locket.db";
    auto started = locket::LocketServer::Start(config, log::Logger::Discard(), [](int) {});
    REQUIRE(started.ok());
    locket = *std::move(started);
  }
  void StartBbs() {
    bbs::BbsConfig config;
    config.uuid = "bbs-1";
    config.grpc_listen_address = {"127.0.0.1", 0};
    config.listen_address = config.health_address = {"127.0.0.1", 0};
    config.ca_file = tls.ca_file;
    config.cert_file = tls.cert_file;
    config.key_file = tls.key_file;
    config.locket.addresses = {{"127.0.0.1", static_cast<uint16_t>(locket->port())}};
    config.auctioneer_address = {{"127.0.0.1", 1}};  // nobody: no placements of their own accord
    config.converge_repeat_interval = absl::Hours(1);
    config.database_driver = "sqlite";
    config.database_connection_string = directory + "/bbs.db";
    config.active_key_label = "key";
    config.encryption_keys = {{"key", "a passphrase"}};
    auto started = bbs::BbsServer::Start(config, RealClock(), log::Logger::Discard(), [](int) {});
    REQUIRE(started.ok());
    bbs = *std::move(started);
    WaitUntil([&] { return bbs->active(); });
  }
  void StartAuctioneer() {
    auctioneer::AuctioneerConfig config;
    config.listen_address = config.grpc_listen_address = {"127.0.0.1", 0};
    config.uuid = "auctioneer-1";
    config.ca_cert_file = config.bbs_ca_cert_file = config.rep_ca_cert =
        config.locket.ca_cert_file = tls.ca_file;
    config.server_cert_file = config.bbs_client_cert_file = config.rep_client_cert =
        config.locket.client_cert_file = tls.cert_file;
    config.server_key_file = config.bbs_client_key_file = config.rep_client_key =
        config.locket.client_key_file = tls.key_file;
    config.bbs.bbs_address = {{"127.0.0.1", static_cast<uint16_t>(bbs->port())}};
    config.locket.addresses = {{"127.0.0.1", static_cast<uint16_t>(locket->port())}};
    auto started = auctioneer::AuctioneerServer::Start(config, log::Logger::Discard());
    REQUIRE(started.ok());
    auctioneer = *std::move(started);
    WaitUntil([&] { return auctioneer->active(); });
  }
  template <typename Condition>
  static void WaitUntil(Condition condition) {
    Guarded<bool> never;
    const absl::Duration deadline = RealClock().Monotonic() + absl::Seconds(60);
    while (!condition()) {
      REQUIRE(RealClock().Monotonic() < deadline);
      never.When([](bool) { return false; }, absl::Milliseconds(10), [](bool, bool) {});
    }
  }

  rpc::TestCertificates certificates;
  rpc::TlsFiles tls;
  std::string directory;
  std::unique_ptr<locket::LocketServer> locket;
  std::unique_ptr<bbs::BbsServer> bbs;
  std::unique_ptr<auctioneer::AuctioneerServer> auctioneer;
};

// A cell's door with fakes behind it.
struct CellWorld {
  CellWorld() {
    rep::CellFacts facts;
    facts.cell_id = CellId("cell-1");
    facts.stacks = {"busybox"};
    facts.total = {100, 100, 10};
    const rpc::TlsFiles tls = certificates.For(Role::kNone);
    const auto peers = rpc::PeerRules::Make("auto", tls.cert_file);
    REQUIRE(peers.ok());
    cell = std::make_unique<rep::Cell>(facts, executor, notes, loop, 1, metrics, log);
    calls = std::make_unique<rep::CellCalls>(*cell, metrics, *peers, log);
    service = std::make_unique<rep::CellService>(*calls, streams);
    auto started = rpc::Server::Start({.address = "127.0.0.1:0", .tls = tls}, {service.get()});
    REQUIRE(started.ok());
    server = *std::move(started);
    pump = std::make_unique<Worker>("logs", [this] { return streams.Step(); });
  }
  ~CellWorld() {
    streams.Close();
    server->Shutdown(absl::Seconds(1));
    pump->Stop();
  }

  rpc::TestCertificates certificates;
  FakeClock clock;
  metrics::Registry registry{"rep"};
  rep::RepMetrics metrics{registry};
  log::Logger log = log::Logger::Discard();
  rep::FakeExecutor executor;
  rep::FakeRecords records{CellId("cell-1")};
  rep::CellNotes notes;
  rep::ReconcileLoop loop{
      {}, {CellId("cell-1"), "", false}, executor, records, notes, clock, metrics, log};
  rep::LogStore store{{}};
  rep::LogStreams streams{store, 2};
  std::unique_ptr<rep::Cell> cell;
  std::unique_ptr<rep::CellCalls> calls;
  std::unique_ptr<rep::CellService> service;
  std::unique_ptr<rpc::Server> server;
  std::unique_ptr<Worker> pump;
};

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

struct Door {
  const ServiceDescriptor* service = nullptr;
  std::shared_ptr<grpc::Channel> channel;
  // All records, as bytes; nothing when the service keeps none.
  std::function<std::string()> records = [] { return ""; };
  // A code that this service uses as well.
  StatusCode also = StatusCode::OK;
};

// Calls the methods in turn until the time is over.
void Harass(const Door& door) {
  BadRequests requests(Seed());
  const auto end =
      RealClock().Monotonic() + absl::Seconds(NumberFrom("DIEGO_BAD_REQUESTS_SECONDS", 4));
  std::map<StatusCode, int> answers;
  std::string records = door.records();
  for (uint64_t n = 0; RealClock().Monotonic() < end; ++n) {
    const int count = door.service->method_count();
    const MethodDescriptor& method = *door.service->method(static_cast<int>(n) % count);
    const BadRequests::Request request = requests.Next(*method.input_type());
    const std::string path = absl::StrCat("/", door.service->full_name(), "/", method.name());
    const grpc::Status status = CallWithBytes(door.channel, path, request.bytes, absl::Seconds(60));
    ++answers[status.error_code()];
    INFO("seed " << Seed() << ", request " << n << " to " << path << ": " << request.kind << ", "
                 << request.bytes.size() << " bytes; " << status.error_code() << " "
                 << status.error_message());
    const bool clear =
        status.ok() || IsClearRefusal(status.error_code()) || status.error_code() == door.also;
    REQUIRE(clear);
    // A refused call changes nothing; looked at now and then, as looking takes longer than calling.
    if (status.ok() || n % 16 == 0) {
      std::string now = door.records();
      if (!status.ok()) REQUIRE(now == records);
      records = std::move(now);
    }
  }
  std::string told;
  for (const auto& [code, times] : answers) absl::StrAppend(&told, " ", code, ":", times);
  std::cout << door.service->full_name() << ", answers by code:" << told << std::endl;
  CHECK(answers.count(StatusCode::INVALID_ARGUMENT) > 0);
}

template <typename Response, typename Stub, typename Method, typename Request>
std::string Listing(Stub& stub, Method method, const Request& request) {
  Response response;
  const grpc::Status status = (stub.*method)(rpc::MakeContext().get(), request, &response);
  INFO(status.error_message());
  REQUIRE(status.ok());
  if constexpr (requires { response.clear_revision(); }) response.clear_revision();
  return wire::Serialize(response);
}

TEST_CASE("bad requests: Locket", "[bad]") {
  World world;
  Door door{models::LockRequest::descriptor()->file()->FindServiceByName("Locket"),
            world.certificates.Channel(world.locket->port(), Role::kNone)};
  door.also = StatusCode::UNKNOWN;  // what does not fit its column
  Harass(door);
  const auto stub = models::Locket::NewStub(door.channel);
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
  Door door{PingRequest::descriptor()->file()->FindServiceByName("Bbs"),
            world.certificates.Channel(world.bbs->port(), Role::kNone)};
  const auto stub = Bbs::NewStub(door.channel);
  door.records = [&] {
    return Listing<models::DesiredLRPsResponse>(*stub, &Bbs::Stub::DesiredLRPs,
                                                models::DesiredLRPsRequest()) +
           Listing<models::ActualLRPsResponse>(*stub, &Bbs::Stub::ActualLRPs,
                                               models::ActualLRPsRequest()) +
           Listing<models::TasksResponse>(*stub, &Bbs::Stub::Tasks, models::TasksRequest());
  };
  Harass(door);
  CHECK(world.bbs->active());
  models::PingResponse pong;
  CHECK(stub->Ping(rpc::MakeContext().get(), PingRequest(), &pong).ok());
}

TEST_CASE("bad requests: auctioneer", "[bad]") {
  World world;
  world.StartBbs();
  world.StartAuctioneer();
  Harass({LRPAuctionsRequest::descriptor()->file()->FindServiceByName("Auctioneer"),
          world.certificates.Channel(world.auctioneer->port(), Role::kNone)});
  CHECK(world.auctioneer->active());
}

TEST_CASE("bad requests: cell", "[bad]") {
  CellWorld world;
  Harass({StateRequest::descriptor()->file()->FindServiceByName("Cell"),
          world.certificates.Channel(world.server->port(), Role::kNone)});
  const auto stub =
      diego::Cell::NewStub(world.certificates.Channel(world.server->port(), Role::kNone));
  StateResponse state;
  CHECK(stub->State(rpc::MakeContext().get(), StateRequest(), &state).ok());
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
