#include "services/cfdot/testing/fake_servers.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "libs/base/check.h"
#include "libs/models/error.h"
#include "libs/rpc/request_id.h"

namespace diego::cfdot {
namespace {

grpc::Status NotFound() { return rpc::ToGrpc(DiegoError(ErrorType::kResourceNotFound)); }

// A chunk a record, so that readers must put chunks together.
template <typename Chunk, typename Records, typename Add>
void WriteChunks(const Records& records, grpc::ServerWriter<Chunk>* writer, Add add) {
  for (const auto& record : records) {
    Chunk chunk;
    *add(&chunk) = record;
    writer->Write(chunk);
  }
}

}  // namespace

void Calls::Note(const grpc::ServerContext& context, absl::string_view method,
                 const google::protobuf::Message& request) {
  const auto& metadata = context.client_metadata();
  const auto text = [&](const char* key) {
    const auto found = metadata.find(key);
    return found == metadata.end() ? std::string()
                                   : std::string(found->second.data(), found->second.size());
  };
  data_.With([&](Data& data) {
    data.lines.push_back(absl::StrCat(method, " {", request.ShortDebugString(), "}"));
    data.trace_ids.push_back(text("x-vcap-request-id"));
    data.request_ids.push_back(text(rpc::kRequestIdMetadata));
  });
}

std::vector<std::string> Calls::Take() {
  return data_.With([](Data& data) { return std::exchange(data.lines, {}); });
}

std::vector<std::string> Calls::trace_ids() const {
  return data_.With([](const Data& data) { return data.trace_ids; });
}

std::vector<std::string> Calls::request_ids() const {
  return data_.With([](const Data& data) { return data.request_ids; });
}

grpc::Status FakeBbs::Answer(const grpc::ServerContext& context, absl::string_view method,
                             const google::protobuf::Message& request) {
  calls.Note(context, method, request);
  const auto found = refusals.find(std::string(method));
  return rpc::ToGrpc(found == refusals.end() ? refusal : found->second);
}

grpc::Status FakeBbs::Ping(grpc::ServerContext* context, const PingRequest* request,
                           models::PingResponse* response) {
  response->set_available(true);
  if (subscribed_ && !pings_after_stream.empty()) {
    const grpc::Status status = pings_after_stream.front();
    pings_after_stream.pop_front();
    return status;
  }
  return Answer(*context, "Ping", *request);
}
grpc::Status FakeBbs::Domains(grpc::ServerContext* context, const DomainsRequest* request,
                              models::DomainsResponse* response) {
  for (const std::string& domain : domains) response->add_domains(domain);
  for (const auto& [domain, policy] : crash_restart_policies) {
    (*response->mutable_crash_restart_policies())[domain] = policy;
  }
  return Answer(*context, "Domains", *request);
}
grpc::Status FakeBbs::DomainByName(grpc::ServerContext* context, const DomainByNameRequest* request,
                                   DomainResponse* response) {
  const grpc::Status status = Answer(*context, "DomainByName", *request);
  if (!status.ok()) return status;
  response->set_domain(request->domain());
  response->set_fresh(std::count(domains.begin(), domains.end(), request->domain()) > 0);
  const auto policy = crash_restart_policies.find(request->domain());
  if (policy != crash_restart_policies.end()) {
    *response->mutable_crash_restart_policy() = policy->second;
  }
  return response->fresh() || response->has_crash_restart_policy() ? grpc::Status::OK : NotFound();
}
grpc::Status FakeBbs::UpsertDomain(grpc::ServerContext* context,
                                   const models::UpsertDomainRequest* request,
                                   models::UpsertDomainResponse*) {
  return Answer(*context, "UpsertDomain", *request);
}
grpc::Status FakeBbs::DesireLRP(grpc::ServerContext* context,
                                const models::DesireLRPRequest* request,
                                models::DesiredLRPLifecycleResponse*) {
  return Answer(*context, "DesireLRP", *request);
}
grpc::Status FakeBbs::UpdateDesiredLRP(grpc::ServerContext* context,
                                       const models::UpdateDesiredLRPRequest* request,
                                       models::DesiredLRPLifecycleResponse*) {
  return Answer(*context, "UpdateDesiredLRP", *request);
}
grpc::Status FakeBbs::CancelDesiredLRPUpdate(grpc::ServerContext* context,
                                             const models::CancelDesiredLRPUpdateRequest* request,
                                             models::DesiredLRPLifecycleResponse*) {
  return Answer(*context, "CancelDesiredLRPUpdate", *request);
}
grpc::Status FakeBbs::RollBackDesiredLRP(grpc::ServerContext* context,
                                         const models::RollBackDesiredLRPRequest* request,
                                         models::DesiredLRPLifecycleResponse*) {
  return Answer(*context, "RollBackDesiredLRP", *request);
}
grpc::Status FakeBbs::DesiredLRPDefinitions(grpc::ServerContext* context,
                                            const models::DesiredLRPByProcessGuidRequest* request,
                                            models::DesiredLRPDefinitionsResponse* response) {
  *response = definitions;
  return Answer(*context, "DesiredLRPDefinitions", *request);
}
grpc::Status FakeBbs::RemoveDesiredLRP(grpc::ServerContext* context,
                                       const models::RemoveDesiredLRPRequest* request,
                                       models::DesiredLRPLifecycleResponse*) {
  return Answer(*context, "RemoveDesiredLRP", *request);
}
grpc::Status FakeBbs::DesiredLRPByProcessGuid(grpc::ServerContext* context,
                                              const models::DesiredLRPByProcessGuidRequest* request,
                                              models::DesiredLRPResponse* response) {
  const grpc::Status status = Answer(*context, "DesiredLRPByProcessGuid", *request);
  if (!status.ok()) return status;
  for (const models::DesiredLRP& lrp : desired_lrps) {
    if (lrp.process_guid() != request->process_guid()) continue;
    *response->mutable_desired_lrp() = lrp;
    return grpc::Status::OK;
  }
  return NotFound();
}
grpc::Status FakeBbs::DesiredLRPSchedulingInfoByProcessGuid(
    grpc::ServerContext* context, const models::DesiredLRPByProcessGuidRequest* request,
    models::DesiredLRPSchedulingInfoByProcessGuidResponse* response) {
  response->mutable_desired_lrp_scheduling_info()->mutable_desired_lrp_key()->set_process_guid(
      request->process_guid());
  return Answer(*context, "DesiredLRPSchedulingInfoByProcessGuid", *request);
}
grpc::Status FakeBbs::RetireActualLRP(grpc::ServerContext* context,
                                      const models::RetireActualLRPRequest* request,
                                      models::ActualLRPLifecycleResponse*) {
  return Answer(*context, "RetireActualLRP", *request);
}
grpc::Status FakeBbs::ExplainLRP(grpc::ServerContext* context, const ExplainLRPRequest* request,
                                 ExplainLRPResponse* response) {
  *response = explanation;
  return Answer(*context, "ExplainLRP", *request);
}
grpc::Status FakeBbs::PlacementTags(grpc::ServerContext* context,
                                    const PlacementTagsRequest* request,
                                    PlacementTagsResponse* response) {
  response->add_tags()->set_name("gpu");
  return Answer(*context, "PlacementTags", *request);
}
grpc::Status FakeBbs::DesireTask(grpc::ServerContext* context,
                                 const models::DesireTaskRequest* request,
                                 models::TaskLifecycleResponse*) {
  return Answer(*context, "DesireTask", *request);
}
grpc::Status FakeBbs::CancelTask(grpc::ServerContext* context,
                                 const models::TaskGuidRequest* request,
                                 models::TaskLifecycleResponse*) {
  return Answer(*context, "CancelTask", *request);
}
grpc::Status FakeBbs::ResolvingTask(grpc::ServerContext* context,
                                    const models::TaskGuidRequest* request,
                                    models::TaskLifecycleResponse*) {
  return Answer(*context, "ResolvingTask", *request);
}
grpc::Status FakeBbs::DeleteTask(grpc::ServerContext* context,
                                 const models::TaskGuidRequest* request,
                                 models::TaskLifecycleResponse*) {
  return Answer(*context, "DeleteTask", *request);
}
grpc::Status FakeBbs::TaskByGuid(grpc::ServerContext* context,
                                 const models::TaskByGuidRequest* request,
                                 models::TaskResponse* response) {
  const grpc::Status status = Answer(*context, "TaskByGuid", *request);
  if (!status.ok()) return status;
  for (const models::Task& task : tasks) {
    if (task.task_guid() != request->task_guid()) continue;
    *response->mutable_task() = task;
    return grpc::Status::OK;
  }
  return NotFound();
}
grpc::Status FakeBbs::Cells(grpc::ServerContext* context, const CellsRequest* request,
                            models::CellsResponse* response) {
  for (const models::CellPresence& cell : cells) *response->add_cells() = cell;
  if (held_losses) *response->mutable_held_losses() = *held_losses;
  return Answer(*context, "Cells", *request);
}
grpc::Status FakeBbs::AcceptCellLosses(grpc::ServerContext* context,
                                       const AcceptCellLossesRequest* request,
                                       AcceptCellLossesResponse* response) {
  if (held_losses) *response->mutable_cell_ids() = held_losses->cell_ids();
  held_losses.reset();
  return Answer(*context, "AcceptCellLosses", *request);
}
grpc::Status FakeBbs::StreamActualLRPs(grpc::ServerContext* context,
                                       const models::ActualLRPsRequest* request,
                                       grpc::ServerWriter<models::ActualLRPsResponse>* writer) {
  const grpc::Status status = Answer(*context, "StreamActualLRPs", *request);
  if (!status.ok()) return status;
  std::vector<models::ActualLRP> chosen;
  for (const models::ActualLRP& lrp : actual_lrps) {
    const models::ActualLRPKey& key = lrp.actual_lrp_key();
    if (!request->process_guid().empty() && key.process_guid() != request->process_guid()) continue;
    if (request->optional_index_case() == models::ActualLRPsRequest::kIndex &&
        key.index() != request->index()) {
      continue;
    }
    chosen.push_back(lrp);
  }
  WriteChunks(chosen, writer,
              [](models::ActualLRPsResponse* chunk) { return chunk->add_actual_lrps(); });
  return grpc::Status::OK;
}
grpc::Status FakeBbs::StreamActualLRPsByProcessGuids(
    grpc::ServerContext* context, const models::ActualLRPsByProcessGuidsRequest* request,
    grpc::ServerWriter<models::ActualLRPsByProcessGuidsResponse>* writer) {
  WriteChunks(actual_lrps, writer, [](models::ActualLRPsByProcessGuidsResponse* chunk) {
    return chunk->add_actual_lrps();
  });
  return Answer(*context, "StreamActualLRPsByProcessGuids", *request);
}
grpc::Status FakeBbs::StreamDesiredLRPs(grpc::ServerContext* context,
                                        const models::DesiredLRPsRequest* request,
                                        grpc::ServerWriter<models::DesiredLRPsResponse>* writer) {
  WriteChunks(desired_lrps, writer,
              [](models::DesiredLRPsResponse* chunk) { return chunk->add_desired_lrps(); });
  return Answer(*context, "StreamDesiredLRPs", *request);
}
grpc::Status FakeBbs::StreamDesiredLRPSchedulingInfos(
    grpc::ServerContext* context, const models::DesiredLRPsRequest* request,
    grpc::ServerWriter<models::DesiredLRPSchedulingInfosResponse>* writer) {
  for (const models::DesiredLRP& lrp : desired_lrps) {
    models::DesiredLRPSchedulingInfosResponse chunk;
    models::DesiredLRPSchedulingInfo* info = chunk.add_desired_lrp_scheduling_infos();
    info->mutable_desired_lrp_key()->set_process_guid(lrp.process_guid());
    info->mutable_desired_lrp_key()->set_domain(lrp.domain());
    info->set_instances(lrp.instances());
    writer->Write(chunk);
  }
  return Answer(*context, "StreamDesiredLRPSchedulingInfos", *request);
}
grpc::Status FakeBbs::StreamDesiredLRPRoutingInfos(
    grpc::ServerContext* context, const models::DesiredLRPsRequest* request,
    grpc::ServerWriter<models::DesiredLRPsResponse>* writer) {
  WriteChunks(desired_lrps, writer,
              [](models::DesiredLRPsResponse* chunk) { return chunk->add_desired_lrps(); });
  return Answer(*context, "StreamDesiredLRPRoutingInfos", *request);
}
grpc::Status FakeBbs::StreamTasks(grpc::ServerContext* context, const models::TasksRequest* request,
                                  grpc::ServerWriter<models::TasksResponse>* writer) {
  WriteChunks(tasks, writer, [](models::TasksResponse* chunk) { return chunk->add_tasks(); });
  return Answer(*context, "StreamTasks", *request);
}
grpc::Status FakeBbs::Subscribe(grpc::ServerContext* context, const SubscribeRequest* request,
                                grpc::ServerWriter<SubscribeResponse>* writer) {
  const grpc::Status status = Answer(*context, "Subscribe", *request);
  subscribed_ = true;
  if (!status.ok()) return status;
  if (streams.empty()) return grpc::Status::OK;
  const FakeStream stream = std::move(streams.front());
  streams.pop_front();
  for (const SubscribeResponse& response : stream.responses) writer->Write(response);
  return rpc::ToGrpc(stream.end);
}

grpc::Status FakeCell::State(grpc::ServerContext* context, const StateRequest* request,
                             StateResponse* response) {
  calls.Note(*context, "State", *request);
  *response = state;
  return rpc::ToGrpc(refusal);
}
grpc::Status FakeCell::ContainerMetrics(grpc::ServerContext* context,
                                        const ContainerMetricsRequest* request,
                                        ContainerMetricsResponse* response) {
  calls.Note(*context, "ContainerMetrics", *request);
  *response = metrics;
  return rpc::ToGrpc(refusal);
}
grpc::Status FakeCell::Logs(grpc::ServerContext* context, const LogsRequest* request,
                            grpc::ServerWriter<LogsResponse>* writer) {
  calls.Note(*context, "Logs", *request);
  for (const LogsResponse& line : log) writer->Write(line);
  return rpc::ToGrpc(refusal);
}

grpc::Status FakeLocket::Lock(grpc::ServerContext* context, const models::LockRequest* request,
                              models::LockResponse*) {
  calls.Note(*context, "Lock", *request);
  return rpc::ToGrpc(refusal);
}
grpc::Status FakeLocket::Release(grpc::ServerContext* context,
                                 const models::ReleaseRequest* request, models::ReleaseResponse*) {
  calls.Note(*context, "Release", *request);
  return rpc::ToGrpc(refusal);
}
grpc::Status FakeLocket::Fetch(grpc::ServerContext* context, const models::FetchRequest* request,
                               models::FetchResponse* response) {
  calls.Note(*context, "Fetch", *request);
  for (const models::Resource& resource : resources) {
    if (resource.key() != request->key()) continue;
    *response->mutable_resource() = resource;
    return rpc::ToGrpc(refusal);
  }
  return {grpc::StatusCode::NOT_FOUND, "resource-not-found"};
}
grpc::Status FakeLocket::FetchAll(grpc::ServerContext* context,
                                  const models::FetchAllRequest* request,
                                  models::FetchAllResponse* response) {
  calls.Note(*context, "FetchAll", *request);
  for (const models::Resource& resource : resources) *response->add_resources() = resource;
  return rpc::ToGrpc(refusal);
}

FakeDiego::FakeDiego()
    : bbs_server_(Serve(&bbs, rpc::Role::kBbs)),
      cell_server_(Serve(&cell, rpc::Role::kRep)),
      locket_server_(Serve(&locket, rpc::Role::kLocket)) {}

std::unique_ptr<rpc::Server> FakeDiego::Serve(grpc::Service* service, rpc::Role role) {
  rpc::ServerOptions options;
  options.address = "127.0.0.1:0";
  options.tls = certificates.For(role, role == rpc::Role::kRep ? "cell-1" : "");
  auto server = rpc::Server::Start(options, {service});
  DIEGO_CHECK(server.ok()) << server.status().ToString();
  (*server)->SetServing(true);
  return *std::move(server);
}

}  // namespace diego::cfdot
