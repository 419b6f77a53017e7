#include "libs/clients/cell_client.h"

#include <catch2/catch.hpp>
#include <optional>

#include "absl/strings/str_cat.h"
#include "libs/clients/auctioneer_client.h"
#include "libs/clients/locket_client.h"
#include "libs/models/error.h"
#include "libs/rpc/server.h"
#include "libs/rpc/status.h"
#include "libs/rpc/testing/test_certificates.h"
#include "libs/rpc/trace_id.h"
#include "libs/sync/guarded.h"
#include "libs/wire/cell_state.h"
#include "proto/diego/auctioneer.grpc.pb.h"
#include "proto/diego/cell.grpc.pb.h"
#include "proto/models/locket.grpc.pb.h"

namespace diego::clients {
namespace {

// A cell that answers State, hands half of its work back, hangs on StopLRP and logs three lines.
class FakeCell final : public diego::Cell::CallbackService {
 public:
  grpc::ServerUnaryReactor* State(grpc::CallbackServerContext* context, const StateRequest*,
                                  StateResponse* response) override {
    CellState state;
    state.cell_id = CellId("cell-1");
    state.available.memory_mb = 1024;
    *response = wire::ToProto(state);
    return Finish(context, absl::OkStatus());
  }
  grpc::ServerUnaryReactor* Work(grpc::CallbackServerContext* context, const WorkRequest* request,
                                 WorkResponse* response) override {
    if (request->lrps_size() > 0) *response->add_rejected_lrps() = request->lrps(0);
    return Finish(context, absl::OkStatus());
  }
  // Never answers; ends when the client gives up.
  class Hanging final : public grpc::ServerUnaryReactor {
    void OnCancel() override { Finish(grpc::Status::CANCELLED); }
    void OnDone() override { delete this; }
  };
  grpc::ServerUnaryReactor* StopLRP(grpc::CallbackServerContext*, const StopLRPRequest*,
                                    StopLRPResponse*) override {
    return new Hanging;
  }
  grpc::ServerUnaryReactor* CancelTask(grpc::CallbackServerContext* context,
                                       const CancelTaskRequest*, CancelTaskResponse*) override {
    return Finish(context, DiegoError(ErrorType::kResourceNotFound));
  }
  // Refuses, and tells the trace id.
  grpc::ServerUnaryReactor* UpdateLRP(grpc::CallbackServerContext* context, const UpdateLRPRequest*,
                                      UpdateLRPResponse*) override {
    return Finish(context, absl::AbortedError(rpc::TraceIdOf(*context)));
  }
  class Lines final : public grpc::ServerWriteReactor<LogsResponse> {
   public:
    Lines() { Next(); }
    void OnWriteDone(bool ok) override {
      if (ok && ++written_ < 3) {
        Next();
      } else {
        Finish(grpc::Status::OK);
      }
    }
    void OnDone() override { delete this; }

   private:
    void Next() {
      line_.set_line(std::to_string(written_));
      line_.set_source("APP");
      StartWrite(&line_);
    }
    int written_ = 0;
    LogsResponse line_;
  };
  grpc::ServerWriteReactor<LogsResponse>* Logs(grpc::CallbackServerContext*,
                                               const LogsRequest*) override {
    return new Lines;
  }

 private:
  static grpc::ServerUnaryReactor* Finish(grpc::CallbackServerContext* context,
                                          const absl::Status& status) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(rpc::ToGrpc(status));
    return reactor;
  }
};

struct Fixture {
  rpc::TestCertificates certificates;
  FakeCell cell;
  std::unique_ptr<rpc::Server> server = Serve({&cell});
  std::unique_ptr<CellClient> client = Connect(absl::Seconds(20));

  std::unique_ptr<rpc::Server> Serve(const std::vector<grpc::Service*>& services) {
    rpc::ServerOptions options;
    options.address = "127.0.0.1:0";
    options.tls = certificates.For(rpc::Role::kRep, "cell-1");
    auto started = rpc::Server::Start(options, services);
    REQUIRE(started.ok());
    return *std::move(started);
  }
  std::unique_ptr<CellClient> Connect(absl::Duration timeout) {
    CellClientOptions options;
    options.tls = certificates.For(rpc::Role::kAuctioneer);
    options.timeout = timeout;
    auto connected = CellClient::Create(options);
    REQUIRE(connected.ok());
    return *std::move(connected);
  }
};

TEST_CASE("cell client: a thousand states are gathered without a thread each", "[clients]") {
  struct Gathered {
    int good = 0;
    int done = 0;
  };
  Guarded<Gathered> gathered;  // outlives the callbacks
  Fixture fixture;
  for (int i = 0; i < 1000; ++i) {
    fixture.client->State(fixture.server->address(), [&](const absl::StatusOr<CellState>& state) {
      gathered.With([&](Gathered& g) {
        ++g.done;
        g.good += state.ok() && state->available.memory_mb == 1024 ? 1 : 0;
      });
    });
  }
  const int good = gathered.When([](const Gathered& g) { return g.done == 1000; },
                                 absl::Seconds(30), [](const Gathered& g, bool) { return g.good; });
  CHECK(good == 1000);
}

TEST_CASE("cell client: work handed back, refusals, nobody there", "[clients]") {
  Fixture fixture;
  const std::string address = fixture.server->address();
  const CellLrp lrp{{ProcessGuid("p"), 0, Domain("d")}, InstanceGuid(""), {}, {}, ""};
  const auto rejected = fixture.client->PerformWork(address, {CellId("cell-1"), {lrp, lrp}, {}});
  REQUIRE(rejected.ok());
  CHECK(rejected->cell_id == CellId("cell-1"));
  CHECK(rejected->lrps == std::vector<CellLrp>{lrp});
  CHECK(IsDiegoError(fixture.client->CancelTask(address, TaskGuid("t")),
                     ErrorType::kResourceNotFound));
  fixture.server->Shutdown(absl::ZeroDuration());
  CHECK(absl::IsUnavailable(fixture.client->State(address).status()));
}

TEST_CASE("cell client: a cell that does not answer costs the deadline, no more", "[clients]") {
  Fixture fixture;
  auto hasty = fixture.Connect(absl::Milliseconds(100));
  CHECK(absl::IsDeadlineExceeded(hasty->StopLrp(fixture.server->address(), {}, {})));
}

TEST_CASE("cell client: its end cancels what is under way", "[clients]") {
  Guarded<absl::Status> seen;
  Fixture fixture;
  fixture.client->StopLrp(fixture.server->address(), {}, {}, [&](const absl::Status& status) {
    seen.With([&](absl::Status& s) { s = status; });
  });
  fixture.client.reset();
  CHECK(absl::IsCancelled(seen.With([](const absl::Status& s) { return s; })));
}

TEST_CASE("cell client: a call goes on with the trace id of the request it comes of", "[clients]") {
  Fixture fixture;
  for (const std::string trace_id : {"", "ab12"}) {
    Guarded<std::optional<absl::Status>> seen;
    fixture.client->UpdateLrp(
        fixture.server->address(), {},
        [&](const absl::Status& status) {
          seen.With([&](std::optional<absl::Status>& s) { s = status; });
        },
        trace_id);
    const std::optional<absl::Status> status =
        seen.When([](const auto& s) { return s.has_value(); }, absl::Seconds(20),
                  [](const auto& s, bool) { return s; });
    REQUIRE(status);
    CHECK(status->message() == trace_id);
  }
}

TEST_CASE("cell client: log lines come until they are no longer wanted", "[clients]") {
  Fixture fixture;
  std::string lines;
  const auto take = [&](const LogLine& line) {
    lines += line.source + line.text + " ";
    return line.text != "1";
  };
  CHECK(fixture.client->Logs(fixture.server->address(), {"c", 0, true}, take).ok());
  CHECK(lines == "APP0 APP1 ");
  CHECK(fixture.client
            ->Logs(fixture.server->address(), {"c", 0, false}, [](const LogLine&) { return true; })
            .ok());
}

class FakeAuctioneer final : public diego::Auctioneer::Service {
  grpc::Status RequestLRPAuctions(grpc::ServerContext* context, const LRPAuctionsRequest* request,
                                  AuctionsResponse* response) override {
    response->set_accepted(request->auctions_size() - 1);
    response->add_dropped(absl::StrCat("process_guid is empty", rpc::TraceIdOf(*context)));
    return grpc::Status::OK;
  }
};

TEST_CASE("auctioneer client: it says what was accepted and what was dropped", "[clients]") {
  Fixture fixture;
  FakeAuctioneer auctioneer;
  auto server = fixture.Serve({&auctioneer});
  ConnectionOptions options;
  options.addresses = {server->address()};
  options.tls = fixture.certificates.For(rpc::Role::kBbs);
  auto client = AuctioneerClient::Create(options);
  REQUIRE(client.ok());
  const auto answer = (*client)->RequestLrpAuctions({LrpStartRequest{}, LrpStartRequest{}});
  REQUIRE(answer.ok());
  CHECK(answer->accepted == 1);
  CHECK(answer->dropped == std::vector<std::string>{"process_guid is empty"});
  CHECK((*client)->RequestLrpAuctions({LrpStartRequest{}}, "ab12")->dropped ==
        std::vector<std::string>{"process_guid is emptyab12"});
  CHECK(absl::IsUnimplemented((*client)->RequestTaskAuctions({}).status()));
}

// A Locket with one lease that answers as the original does: without details.
class FakeLocketService final : public models::Locket::Service {
  grpc::Status Lock(grpc::ServerContext*, const models::LockRequest* request,
                    models::LockResponse* response) override {
    if (!lease_.owner().empty() && lease_.owner() != request->resource().owner()) {
      return {grpc::StatusCode::ALREADY_EXISTS, "lock-collision"};
    }
    lease_ = request->resource();
    lease_.set_fencing_token(request->ttl_in_seconds());
    response->set_fencing_token(request->ttl_in_seconds());
    return grpc::Status::OK;
  }
  grpc::Status Release(grpc::ServerContext*, const models::ReleaseRequest*,
                       models::ReleaseResponse*) override {
    lease_.Clear();
    return grpc::Status::OK;
  }
  grpc::Status Fetch(grpc::ServerContext*, const models::FetchRequest*,
                     models::FetchResponse* response) override {
    if (lease_.owner().empty()) return {grpc::StatusCode::NOT_FOUND, "resource-not-found"};
    *response->mutable_resource() = lease_;
    return grpc::Status::OK;
  }
  grpc::Status FetchAll(grpc::ServerContext*, const models::FetchAllRequest*,
                        models::FetchAllResponse* response) override {
    *response->add_resources() = lease_;
    return grpc::Status::OK;
  }
  models::Resource lease_;
};

TEST_CASE("locket client: leases are taken, read and given up", "[clients]") {
  Fixture fixture;
  FakeLocketService locket;
  auto server = fixture.Serve({&locket});
  ConnectionOptions options;
  options.addresses = {server->address()};
  options.tls = fixture.certificates.For(rpc::Role::kRep, "cell-1");
  auto client = LocketClient::Create(options);
  REQUIRE(client.ok());
  CellPresence presence;
  presence.cell_id = CellId("cell-1");
  presence.rep_grpc_address = "10.0.0.1:1802";
  presence.rootfs_providers = {{"preloaded", {"busybox"}}};
  Lease lease{"cell-1", "owner", PresenceToValue(presence), LeaseType::kPresence, 0};
  CHECK((*client)->Lock(lease, absl::Seconds(15)).value() == 15);
  lease.fencing_token = 15;
  CHECK((*client)->Fetch("cell-1").value() == lease);
  const auto all = (*client)->FetchAll(LeaseType::kPresence);
  REQUIRE(all.ok());
  REQUIRE(all->size() == 1);
  CHECK(PresenceFromValue((*all)[0].value).value() == presence);
  lease.owner = "other";
  CHECK(absl::IsAlreadyExists((*client)->Lock(lease, absl::Seconds(15)).status()));
  CHECK((*client)->Release("cell-1", "owner").ok());
  CHECK(absl::IsNotFound((*client)->Fetch("cell-1").status()));
  CHECK(PresenceFromValue("not json").status().code() == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("clients: no address and bad files are refused when they are made", "[clients]") {
  Fixture fixture;
  ConnectionOptions options;
  options.tls = fixture.certificates.For(rpc::Role::kBbs);
  CHECK(absl::IsInvalidArgument(LocketClient::Create(options).status()));
  options.addresses = {"127.0.0.1:1"};
  options.tls.key_file = "/no/such/key";
  CHECK(absl::IsInvalidArgument(LocketClient::Create(options).status()));
}

}  // namespace
}  // namespace diego::clients
