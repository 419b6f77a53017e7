#include "services/rep/api/cell_service.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "libs/base/status_util.h"
#include "libs/models/error.h"
#include "libs/models/fault_list.h"
#include "libs/rpc/status.h"
#include "libs/wire/actual_lrp.h"
#include "libs/wire/cell_state.h"

namespace diego::rep {
namespace {

// A guid becomes the name of a directory and of network devices.
bool IsGuid(const std::string& guid) {
  return !guid.empty() && guid.size() <= 255 &&
         std::all_of(guid.begin(), guid.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '-' || c == '_';
         });
}

absl::Status Validate(const diego::Work& work) {
  FaultList faults;
  for (const CellLrp& lrp : work.lrps) {
    if (!IsGuid(lrp.key.process_guid.value())) faults.Field("process_guid");
    if (lrp.key.index < 0) faults.Field("index");
    if (lrp.key.domain.empty()) faults.Field("domain");
  }
  for (const CellTask& task : work.tasks) {
    if (!IsGuid(task.task_guid.value())) faults.Field("task_guid");
  }
  return faults.ToStatus();
}

absl::Status RequireGuid(const std::string& guid, absl::string_view field) {
  FaultList faults;
  if (!IsGuid(guid)) faults.Field(field);
  return faults.ToStatus();
}

constexpr absl::string_view kCallNames[] = {"auction-fetch-state",
                                            "auction-perform-work",
                                            "stop-lrp-instance",
                                            "update-lrp-instance",
                                            "cancel-task",
                                            "container-metrics",
                                            "logs"};

double CpuFraction(const rep::ContainerMetrics& metrics) {
  return metrics.age > absl::ZeroDuration() ? absl::FDivDuration(metrics.cpu_time, metrics.age) : 0;
}

}  // namespace

absl::Status MayCall(const rpc::PeerIdentity& peer, CellCall call) {
  using rpc::Role;
  switch (call) {
    case CellCall::kState: return rpc::RequireRole(peer, {Role::kAuctioneer, Role::kOperator});
    case CellCall::kWork: return rpc::RequireRole(peer, {Role::kAuctioneer});
    case CellCall::kStopLrp:
    case CellCall::kUpdateLrp:
    case CellCall::kCancelTask: return rpc::RequireRole(peer, {Role::kBbs});
    case CellCall::kMetrics:
    case CellCall::kLogs: return rpc::RequireRole(peer, {Role::kOperator});
  }
  return absl::PermissionDeniedError("unknown call");
}

CellService::CellService(Cell& cell, LogStreams& logs, RepMetrics& metrics,
                         const rpc::PeerRules& peers, const log::Logger& log)
    : cell_(cell), logs_(logs), metrics_(metrics), peers_(peers), log_(log.Session("api")) {}

absl::Status CellService::Enter(const Context& context, CellCall call) {
  metrics_.Called(call);
  return MayCall(peers_.Of(context), call);
}

CellService::Unary* CellService::Answer(Context* context, CellCall call,
                                        const std::function<absl::Status()>& handle) {
  absl::Status status = Enter(*context, call);
  if (status.ok()) status = handle();
  if (!status.ok()) {
    log_.Debug("refused", {{"call", kCallNames[static_cast<size_t>(call)]}, {"error", status}});
  }
  Unary* reactor = context->DefaultReactor();
  reactor->Finish(rpc::ToGrpc(status));
  return reactor;
}

CellService::Unary* CellService::State(Context* context, const StateRequest*,
                                       StateResponse* response) {
  return Answer(context, CellCall::kState, [&] {
    *response = wire::ToProto(cell_.State());
    return absl::OkStatus();
  });
}

CellService::Unary* CellService::Work(Context* context, const WorkRequest* request,
                                      WorkResponse* response) {
  return Answer(context, CellCall::kWork, [&]() -> absl::Status {
    DIEGO_ASSIGN_OR_RETURN(const diego::Work work, wire::FromProto(*request));
    DIEGO_RETURN_IF_ERROR(Validate(work));
    DIEGO_ASSIGN_OR_RETURN(const diego::Work rejected, cell_.Perform(work));
    *response = wire::RejectedProto(rejected);
    return absl::OkStatus();
  });
}

CellService::Unary* CellService::StopLRP(Context* context, const StopLRPRequest* request,
                                         StopLRPResponse*) {
  return Answer(context, CellCall::kStopLrp, [&]() -> absl::Status {
    const InstanceKey instance = wire::FromProto(request->instance_key());
    DIEGO_RETURN_IF_ERROR(RequireGuid(instance.instance_guid.value(), "instance_guid"));
    return cell_.StopLrp(instance.instance_guid);
  });
}

CellService::Unary* CellService::UpdateLRP(Context* context, const UpdateLRPRequest* request,
                                           UpdateLRPResponse*) {
  return Answer(context, CellCall::kUpdateLrp, [&]() -> absl::Status {
    const LrpInstanceUpdate update = wire::FromProto(*request);
    DIEGO_RETURN_IF_ERROR(RequireGuid(update.instance.instance_guid.value(), "instance_guid"));
    return cell_.UpdateLrp(update);
  });
}

CellService::Unary* CellService::CancelTask(Context* context, const CancelTaskRequest* request,
                                            CancelTaskResponse*) {
  return Answer(context, CellCall::kCancelTask, [&]() -> absl::Status {
    DIEGO_RETURN_IF_ERROR(RequireGuid(request->task_guid(), "task_guid"));
    return cell_.CancelTask(TaskGuid(request->task_guid()));
  });
}

CellService::Unary* CellService::ContainerMetrics(Context* context, const ContainerMetricsRequest*,
                                                  ContainerMetricsResponse* response) {
  return Answer(context, CellCall::kMetrics, [&] {
    constexpr int64_t kMegabyte = 1 << 20;
    response->set_cell_id(cell_.facts().cell_id.value());
    for (const ContainerUsage& usage : cell_.Usage()) {
      const CellContainer& container = usage.container;
      ContainerMetric* metric = response->add_containers();
      metric->set_container_guid(container.identity.guid);
      metric->set_process_guid(container.identity.lrp.process_guid.value());
      metric->set_index(container.identity.lrp.index);
      metric->set_cpu_usage_fraction(CpuFraction(usage.metrics));
      metric->set_memory_usage_bytes(static_cast<int64_t>(usage.metrics.memory_bytes));
      metric->set_memory_quota_bytes(container.size.memory_mb * kMegabyte);
      metric->set_disk_usage_bytes(static_cast<int64_t>(usage.metrics.disk_bytes));
      metric->set_disk_quota_bytes(container.size.disk_mb * kMegabyte);
    }
    return absl::OkStatus();
  });
}

grpc::ServerWriteReactor<LogsResponse>* CellService::Logs(Context* context,
                                                          const LogsRequest* request) {
  absl::Status status = Enter(*context, CellCall::kLogs);
  if (status.ok()) status = RequireGuid(request->container_guid(), "container_guid");
  return status.ok() ? logs_.Open(*request) : LogStreams::Refuse(status);
}

}  // namespace diego::rep
