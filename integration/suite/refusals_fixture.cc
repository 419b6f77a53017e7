#include "integration/suite/refusals_fixture.h"

#include <stdlib.h>

#include <filesystem>
#include <functional>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "integration/harness/eventually.h"
#include "libs/base/check.h"
#include "libs/base/clock.h"
#include "libs/base/status_util.h"
#include "libs/rpc/certificates.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/status.h"
#include "libs/rpc/tls.h"
#include "proto/diego/auctioneer.grpc.pb.h"
#include "proto/diego/bbs.grpc.pb.h"
#include "proto/diego/cell.grpc.pb.h"
#include "proto/models/locket.grpc.pb.h"

namespace diego::suite {
namespace {

constexpr absl::Duration kReady = absl::Seconds(60);

// Set-up either works or there is nothing to test.
template <typename Stub, typename Request, typename Response>
void MustCall(Stub& stub,
              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
              const Request& request) {
  Response response;
  const auto context = rpc::MakeContext();
  const grpc::Status status = (stub.*method)(context.get(), request, &response);
  DIEGO_CHECK(status.ok()) << status.error_message();
}

models::ActualLRPKey WebKey() {
  models::ActualLRPKey key;
  key.set_process_guid("web");
  key.set_domain("demo");
  return key;
}

models::ActualLRPInstanceKey WebInstance() {
  models::ActualLRPInstanceKey key;
  key.set_instance_guid("instance-1");
  key.set_cell_id(RefusalsFixture::present_cell().value());
  return key;
}

template <typename Response, typename Stub, typename Request>
void AppendList(std::string* text, Stub& stub,
                std::unique_ptr<grpc::ClientReader<Response>> (Stub::*method)(grpc::ClientContext*,
                                                                              const Request&),
                const Request& request) {
  const auto context = rpc::MakeContext();
  const auto reader = (stub.*method)(context.get(), request);
  Response chunk;
  while (reader->Read(&chunk)) {
    chunk.clear_revision();
    absl::StrAppend(text, chunk.ShortDebugString(), "\n");
  }
  const grpc::Status status = reader->Finish();
  if (!status.ok()) absl::StrAppend(text, "cannot list: ", status.error_message(), "\n");
}

}  // namespace

const google::protobuf::ServiceDescriptor* Door::descriptor() const {
  return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(service);
}

std::string Door::MethodPath(const google::protobuf::MethodDescriptor& method) const {
  return absl::StrCat("/", service, "/", method.name());
}

std::string RequestBytes(const google::protobuf::MethodDescriptor& method,
                         const std::string& text) {
  const std::unique_ptr<google::protobuf::Message> request(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(method.input_type())
          ->New());
  DIEGO_CHECK(google::protobuf::TextFormat::ParseFromString(text, request.get())) << text;
  return request->SerializeAsString();
}

RefusalsFixture& RefusalsFixture::Shared() {
  static RefusalsFixture fixture;
  return fixture;
}

RefusalsFixture::RefusalsFixture() {
  char pattern[] = "/tmp/diego-refusals-XXXXXX";
  directory_ = mkdtemp(pattern);
  harness::ClusterOptions options;
  options.directory = directory_;
  options.bin_dir = DIEGO_BIN_DIR;
  options.bbs_count = 1;
  options.cell_count = 1;
  auto cluster = harness::Cluster::Create(options);
  DIEGO_CHECK(cluster.ok()) << cluster.status().ToString();
  cluster_ = *std::move(cluster);
  StartMember("locket",
              [&] { return cluster_->locket().FetchAll(clients::LeaseType::kLock).status(); });
  StartMember("bbs-1", [&] { return cluster_->ActiveBbs().status(); });
  doors_ = {{"locket", "models.Locket", cluster_->Find("locket").address},
            {"bbs-1", "diego.Bbs", cluster_->Find("bbs-1").address}};
  FillBbs();
  StartMember("auctioneer", [&] { return cluster_->locket().Fetch("auctioneer").status(); });
  StartMember("cell-1", [&] { return cluster_->locket().Fetch("cell-1").status(); });
  doors_.push_back({"auctioneer", "diego.Auctioneer", cluster_->Find("auctioneer").address});
  doors_.push_back({"cell-1", "diego.Cell", cluster_->Find("cell-1").address});
  // The last of the set-up's consequences: the cell's presence, auctions of what runs already.
  const absl::Status settled = harness::Eventually("records to settle", kReady, [&] {
    const std::string now = Records();
    const bool same = now == records_;
    records_ = now;
    return same ? absl::OkStatus() : absl::UnavailableError("they change");
  });
  DIEGO_CHECK(settled.ok()) << settled.ToString();
}

RefusalsFixture::~RefusalsFixture() {
  static_cast<void>(cluster_->StopAll());
  cluster_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void RefusalsFixture::StartMember(const std::string& name,
                                  const std::function<absl::Status()>& ready) {
  absl::Status status = cluster_->Start(name);
  if (status.ok()) status = harness::Eventually(name + " to be ready", kReady, ready);
  DIEGO_CHECK(status.ok()) << status.ToString();
}

// An LRP with an instance that runs on a cell that is present, and a completed task: neither
// convergence nor the auctioneer has anything to do about them.
void RefusalsFixture::FillBbs() {
  const auto cell_locket =
      models::Locket::NewStub(ChannelAs(door("models.Locket"), rpc::Role::kRep, present_cell()));
  models::LockRequest presence;
  presence.set_ttl_in_seconds(3600);
  presence.mutable_resource()->set_key(present_cell().value());
  presence.mutable_resource()->set_owner("refusals");
  presence.mutable_resource()->set_type_code(models::PRESENCE);
  presence.mutable_resource()->set_value(
      R"({"cell_id":"cell-9","rep_address":"http://127.0.0.1:1","rep_url":"https://127.0.0.1:1",)"
      R"("zone":"z9","capacity":{"memory_mb":1,"disk_mb":1,"containers":1}})");
  MustCall(*cell_locket, &models::Locket::Stub::Lock, presence);

  const auto operator_bbs = Bbs::NewStub(ChannelAs(door("diego.Bbs"), rpc::Role::kOperator));
  const auto cell_bbs = Bbs::NewStub(ChannelAs(door("diego.Bbs"), rpc::Role::kRep, present_cell()));
  models::DesireLRPRequest desire;
  models::DesiredLRP* lrp = desire.mutable_desired_lrp();
  lrp->set_process_guid("web");
  lrp->set_domain("demo");
  lrp->set_root_fs("preloaded:busybox");
  lrp->set_instances(1);
  lrp->mutable_action()->mutable_run_action()->set_path("/bin/true");
  lrp->mutable_action()->mutable_run_action()->set_user("vcap");
  (*lrp->mutable_metric_tags())["source_id"].set_static_("web");
  MustCall(*operator_bbs, &Bbs::Stub::DesireLRP, desire);
  models::StartActualLRPRequest start;
  *start.mutable_actual_lrp_key() = WebKey();
  *start.mutable_actual_lrp_instance_key() = WebInstance();
  start.mutable_actual_lrp_net_info()->set_address("10.0.0.9");
  MustCall(*cell_bbs, &Bbs::Stub::StartActualLRP, start);

  models::DesireTaskRequest task;
  task.set_task_guid("sum");
  task.set_domain("demo");
  task.mutable_task_definition()->set_root_fs("preloaded:busybox");
  *task.mutable_task_definition()->mutable_action() = lrp->action();
  MustCall(*operator_bbs, &Bbs::Stub::DesireTask, task);
  models::StartTaskRequest start_task;
  start_task.set_task_guid("sum");
  start_task.set_cell_id(present_cell().value());
  MustCall(*cell_bbs, &Bbs::Stub::StartTask, start_task);
  models::CompleteTaskRequest complete;
  complete.set_task_guid("sum");
  complete.set_cell_id(present_cell().value());
  MustCall(*cell_bbs, &Bbs::Stub::CompleteTask, complete);
}

const Door& RefusalsFixture::door(const std::string& service) const {
  for (const Door& door : doors_) {
    if (door.service == service) return door;
  }
  DIEGO_CHECK(false) << service;
  return doors_.front();
}

absl::StatusOr<rpc::TlsFiles> RefusalsFixture::IssueWithoutRole() {
  const std::string certificates = directory_ + "/certs";
  DIEGO_ASSIGN_OR_RETURN(const auto authority, rpc::CertificateAuthority::Load(certificates));
  rpc::CertificateRequest request;
  request.common_name = "nobody";
  request.not_before = RealClock().Now() - absl::Hours(1);
  request.not_after = RealClock().Now() + absl::Hours(1);
  DIEGO_ASSIGN_OR_RETURN(const rpc::KeyPair pair, authority.Issue(request));
  return rpc::SaveKeyPair(certificates, "nobody", pair);
}

rpc::TlsFiles RefusalsFixture::TlsFor(rpc::Role role, const CellId& cell_id) {
  const auto files =
      role == rpc::Role::kNone ? IssueWithoutRole() : cluster_->TlsFor(role, cell_id);
  DIEGO_CHECK(files.ok()) << files.status().ToString();
  return *files;
}

std::shared_ptr<grpc::Channel> RefusalsFixture::ChannelAs(const Door& door, rpc::Role role,
                                                          const CellId& cell_id) {
  const auto credentials = rpc::MakeChannelCredentials(TlsFor(role, cell_id));
  DIEGO_CHECK(credentials.ok()) << credentials.status().ToString();
  return rpc::MakeChannel(door.address, *credentials);
}

std::string RefusalsFixture::Records() {
  const auto bbs = Bbs::NewStub(ChannelAs(door("diego.Bbs"), rpc::Role::kOperator));
  std::string text;
  AppendList<models::DesiredLRPsResponse>(&text, *bbs, &Bbs::Stub::StreamDesiredLRPs,
                                          models::DesiredLRPsRequest());
  AppendList<models::ActualLRPsResponse>(&text, *bbs, &Bbs::Stub::StreamActualLRPs,
                                         models::ActualLRPsRequest());
  AppendList<models::TasksResponse>(&text, *bbs, &Bbs::Stub::StreamTasks, models::TasksRequest());
  AppendList<models::DomainsResponse>(&text, *bbs, &Bbs::Stub::StreamDomains, DomainsRequest());
  for (const clients::LeaseType type : {clients::LeaseType::kLock, clients::LeaseType::kPresence}) {
    const auto leases = cluster_->locket().FetchAll(type);
    if (!leases.ok()) absl::StrAppend(&text, leases.status().ToString(), "\n");
    if (!leases.ok()) continue;
    std::map<std::string, std::string> sorted;
    for (const clients::Lease& lease : *leases) sorted[lease.key] = lease.owner;
    for (const auto& [key, owner] : sorted) absl::StrAppend(&text, key, " held by ", owner, "\n");
  }
  return text;
}

absl::Status RefusalsFixture::Unharmed() {
  for (const Door& door : doors_) {
    if (!cluster_->Find(door.member).process->Running()) {
      return absl::AbortedError(
          absl::StrCat(door.member, " has ended; see ", cluster_->Find(door.member).log_file));
    }
  }
  DIEGO_RETURN_IF_ERROR(cluster_->bbs().Ping());
  const auto context = rpc::MakeContext();
  StateResponse state;
  const auto cell = Cell::NewStub(ChannelAs(door("diego.Cell"), rpc::Role::kOperator));
  DIEGO_RETURN_IF_ERROR(rpc::FromGrpc(cell->State(context.get(), StateRequest(), &state)));
  if (!state.lrps().empty() || !state.tasks().empty()) {
    return absl::InternalError("the cell took work on");
  }
  AuctionsResponse auctions;
  const auto auction_context = rpc::MakeContext();
  const auto auctioneer =
      Auctioneer::NewStub(ChannelAs(door("diego.Auctioneer"), rpc::Role::kOperator));
  DIEGO_RETURN_IF_ERROR(rpc::FromGrpc(
      auctioneer->RequestLRPAuctions(auction_context.get(), LRPAuctionsRequest(), &auctions)));
  const std::string now = Records();
  if (now == records_) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("records have changed from\n", records_, "to\n", now));
}

}  // namespace diego::suite
