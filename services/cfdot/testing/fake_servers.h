// Servers that behave like a small Diego, for tests of cfdot: real gRPC over mutual TLS, records in
// memory. Set what they hold before calls, read what they were asked after.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libs/rpc/server.h"
#include "libs/rpc/status.h"
#include "libs/rpc/testing/test_certificates.h"
#include "libs/sync/guarded.h"
#include "proto/diego/bbs.grpc.pb.h"
#include "proto/diego/cell.grpc.pb.h"
#include "proto/models/locket.grpc.pb.h"

namespace diego::cfdot {

// The calls that came, as "<Method> {<request, one line>}", the trace ids of their commands, and
// their own request ids.
class Calls {
 public:
  void Note(const grpc::ServerContext& context, absl::string_view method,
            const google::protobuf::Message& request);
  std::vector<std::string> Take();
  std::vector<std::string> trace_ids() const;
  std::vector<std::string> request_ids() const;

 private:
  struct Data {
    std::vector<std::string> lines;
    std::vector<std::string> trace_ids;
    std::vector<std::string> request_ids;
  };
  Guarded<Data> data_;
};

// One Subscribe: what it sends, and how it ends.
struct FakeStream {
  std::vector<SubscribeResponse> responses;
  absl::Status end;
};

class FakeBbs final : public Bbs::Service {
 public:
  Calls calls;
  absl::Status refusal;                          // of every call, unless OK
  std::map<std::string, absl::Status> refusals;  // by method
  std::deque<grpc::Status> pings_after_stream;   // how the next ones end, once it was subscribed
  std::vector<models::DesiredLRP> desired_lrps;
  std::vector<models::ActualLRP> actual_lrps;
  ExplainLRPResponse explanation;
  std::vector<models::Task> tasks;
  std::vector<std::string> domains;
  std::map<std::string, models::CrashRestartPolicy> crash_restart_policies;
  models::DesiredLRPDefinitionsResponse definitions;
  std::vector<models::CellPresence> cells;
  std::optional<models::HeldCellLosses> held_losses;
  std::deque<FakeStream> streams;

  grpc::Status Ping(grpc::ServerContext*, const PingRequest*, models::PingResponse*) override;
  grpc::Status Domains(grpc::ServerContext*, const DomainsRequest*,
                       models::DomainsResponse*) override;
  grpc::Status DomainByName(grpc::ServerContext*, const DomainByNameRequest*,
                            DomainResponse*) override;
  grpc::Status UpsertDomain(grpc::ServerContext*, const models::UpsertDomainRequest*,
                            models::UpsertDomainResponse*) override;
  grpc::Status DesireLRP(grpc::ServerContext*, const models::DesireLRPRequest*,
                         models::DesiredLRPLifecycleResponse*) override;
  grpc::Status UpdateDesiredLRP(grpc::ServerContext*, const models::UpdateDesiredLRPRequest*,
                                models::DesiredLRPLifecycleResponse*) override;
  grpc::Status RemoveDesiredLRP(grpc::ServerContext*, const models::RemoveDesiredLRPRequest*,
                                models::DesiredLRPLifecycleResponse*) override;
  grpc::Status CancelDesiredLRPUpdate(grpc::ServerContext*,
                                      const models::CancelDesiredLRPUpdateRequest*,
                                      models::DesiredLRPLifecycleResponse*) override;
  grpc::Status RollBackDesiredLRP(grpc::ServerContext*, const models::RollBackDesiredLRPRequest*,
                                  models::DesiredLRPLifecycleResponse*) override;
  grpc::Status DesiredLRPDefinitions(grpc::ServerContext*,
                                     const models::DesiredLRPByProcessGuidRequest*,
                                     models::DesiredLRPDefinitionsResponse*) override;
  grpc::Status DesiredLRPByProcessGuid(grpc::ServerContext*,
                                       const models::DesiredLRPByProcessGuidRequest*,
                                       models::DesiredLRPResponse*) override;
  grpc::Status DesiredLRPSchedulingInfoByProcessGuid(
      grpc::ServerContext*, const models::DesiredLRPByProcessGuidRequest*,
      models::DesiredLRPSchedulingInfoByProcessGuidResponse*) override;
  grpc::Status RetireActualLRP(grpc::ServerContext*, const models::RetireActualLRPRequest*,
                               models::ActualLRPLifecycleResponse*) override;
  grpc::Status ExplainLRP(grpc::ServerContext*, const ExplainLRPRequest*,
                          ExplainLRPResponse*) override;
  grpc::Status PlacementTags(grpc::ServerContext*, const PlacementTagsRequest*,
                             PlacementTagsResponse*) override;
  grpc::Status DesireTask(grpc::ServerContext*, const models::DesireTaskRequest*,
                          models::TaskLifecycleResponse*) override;
  grpc::Status CancelTask(grpc::ServerContext*, const models::TaskGuidRequest*,
                          models::TaskLifecycleResponse*) override;
  grpc::Status ResolvingTask(grpc::ServerContext*, const models::TaskGuidRequest*,
                             models::TaskLifecycleResponse*) override;
  grpc::Status DeleteTask(grpc::ServerContext*, const models::TaskGuidRequest*,
                          models::TaskLifecycleResponse*) override;
  grpc::Status TaskByGuid(grpc::ServerContext*, const models::TaskByGuidRequest*,
                          models::TaskResponse*) override;
  grpc::Status Cells(grpc::ServerContext*, const CellsRequest*, models::CellsResponse*) override;
  grpc::Status AcceptCellLosses(grpc::ServerContext*, const AcceptCellLossesRequest*,
                                AcceptCellLossesResponse*) override;
  grpc::Status StreamActualLRPs(grpc::ServerContext*, const models::ActualLRPsRequest*,
                                grpc::ServerWriter<models::ActualLRPsResponse>*) override;
  grpc::Status StreamActualLRPsByProcessGuids(
      grpc::ServerContext*, const models::ActualLRPsByProcessGuidsRequest*,
      grpc::ServerWriter<models::ActualLRPsByProcessGuidsResponse>*) override;
  grpc::Status StreamDesiredLRPs(grpc::ServerContext*, const models::DesiredLRPsRequest*,
                                 grpc::ServerWriter<models::DesiredLRPsResponse>*) override;
  grpc::Status StreamDesiredLRPSchedulingInfos(
      grpc::ServerContext*, const models::DesiredLRPsRequest*,
      grpc::ServerWriter<models::DesiredLRPSchedulingInfosResponse>*) override;
  grpc::Status StreamDesiredLRPRoutingInfos(
      grpc::ServerContext*, const models::DesiredLRPsRequest*,
      grpc::ServerWriter<models::DesiredLRPsResponse>*) override;
  grpc::Status StreamTasks(grpc::ServerContext*, const models::TasksRequest*,
                           grpc::ServerWriter<models::TasksResponse>*) override;
  grpc::Status Subscribe(grpc::ServerContext*, const SubscribeRequest*,
                         grpc::ServerWriter<SubscribeResponse>*) override;

 private:
  grpc::Status Answer(const grpc::ServerContext& context, absl::string_view method,
                      const google::protobuf::Message& request);
  std::atomic<bool> subscribed_{false};
};

class FakeCell final : public Cell::Service {
 public:
  Calls calls;
  absl::Status refusal;
  StateResponse state;
  std::vector<LogsResponse> log;
  ContainerMetricsResponse metrics;

  grpc::Status State(grpc::ServerContext*, const StateRequest*, StateResponse*) override;
  grpc::Status ContainerMetrics(grpc::ServerContext*, const ContainerMetricsRequest*,
                                ContainerMetricsResponse*) override;
  grpc::Status Logs(grpc::ServerContext*, const LogsRequest*,
                    grpc::ServerWriter<LogsResponse>*) override;
};

class FakeLocket final : public models::Locket::Service {
 public:
  Calls calls;
  absl::Status refusal;
  std::vector<models::Resource> resources;

  grpc::Status Lock(grpc::ServerContext*, const models::LockRequest*,
                    models::LockResponse*) override;
  grpc::Status Release(grpc::ServerContext*, const models::ReleaseRequest*,
                       models::ReleaseResponse*) override;
  grpc::Status Fetch(grpc::ServerContext*, const models::FetchRequest*,
                     models::FetchResponse*) override;
  grpc::Status FetchAll(grpc::ServerContext*, const models::FetchAllRequest*,
                        models::FetchAllResponse*) override;
};

// All three, each on its own port of 127.0.0.1.
class FakeDiego {
 public:
  FakeDiego();

  FakeBbs bbs;
  FakeCell cell;
  FakeLocket locket;
  rpc::TestCertificates certificates;

  int bbs_port() const { return bbs_server_->port(); }
  int cell_port() const { return cell_server_->port(); }
  int locket_port() const { return locket_server_->port(); }

 private:
  std::unique_ptr<rpc::Server> Serve(grpc::Service* service, rpc::Role role);

  std::unique_ptr<rpc::Server> bbs_server_;
  std::unique_ptr<rpc::Server> cell_server_;
  std::unique_ptr<rpc::Server> locket_server_;
};

}  // namespace diego::cfdot
