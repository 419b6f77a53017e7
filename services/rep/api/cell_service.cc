#include "services/rep/api/cell_service.h"

#include "libs/rpc/status.h"
#include "libs/rpc/trace_id.h"
#include "libs/wire/actual_lrp.h"
#include "libs/wire/cell_state.h"

namespace diego::rep {
namespace {

Caller CallerOf(const grpc::CallbackServerContext& context) {
  return {rpc::IdentityOf(context), rpc::TraceIdOf(context)};
}

// Answers now.
grpc::ServerUnaryReactor* Finish(grpc::CallbackServerContext* context, const absl::Status& status) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(rpc::ToGrpc(status));
  return reactor;
}

}  // namespace

CellService::Unary* CellService::State(Context* context, const StateRequest*,
                                       StateResponse* response) {
  const absl::StatusOr<CellState> state = calls_.State(CallerOf(*context));
  if (state.ok()) *response = wire::ToProto(*state);
  return Finish(context, state.status());
}

CellService::Unary* CellService::Work(Context* context, const WorkRequest* request,
                                      WorkResponse* response) {
  const absl::StatusOr<diego::Work> rejected =
      calls_.Perform(CallerOf(*context), wire::FromProto(*request));
  if (rejected.ok()) *response = wire::RejectedProto(*rejected);
  return Finish(context, rejected.status());
}

CellService::Unary* CellService::StopLRP(Context* context, const StopLRPRequest* request,
                                         StopLRPResponse*) {
  const InstanceKey instance = wire::FromProto(request->instance_key());
  return Finish(context, calls_.StopLrp(CallerOf(*context), instance.instance_guid));
}

CellService::Unary* CellService::UpdateLRP(Context* context, const UpdateLRPRequest* request,
                                           UpdateLRPResponse*) {
  return Finish(context, calls_.UpdateLrp(CallerOf(*context), wire::FromProto(*request)));
}

CellService::Unary* CellService::CancelTask(Context* context, const CancelTaskRequest* request,
                                            CancelTaskResponse*) {
  return Finish(context, calls_.CancelTask(CallerOf(*context), TaskGuid(request->task_guid())));
}

CellService::Unary* CellService::Evacuate(Context* context, const EvacuateRequest* request,
                                          EvacuateResponse*) {
  return Finish(context, calls_.Evacuate(CallerOf(*context), CellId(request->cell_id())));
}

CellService::Unary* CellService::ContainerMetrics(Context* context, const ContainerMetricsRequest*,
                                                  ContainerMetricsResponse* response) {
  const absl::StatusOr<CellUsage> usage = calls_.Usage(CallerOf(*context));
  if (usage.ok()) *response = wire::ToProto(*usage);
  return Finish(context, usage.status());
}

grpc::ServerWriteReactor<LogsResponse>* CellService::Logs(Context* context,
                                                          const LogsRequest* request) {
  const absl::Status status = calls_.MayReadLog(CallerOf(*context), request->container_guid());
  return status.ok() ? logs_.Open(*request) : LogStreams::Refuse(status);
}

}  // namespace diego::rep
