#include "services/rep/api/cell_calls.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/base/status_util.h"
#include "libs/models/error.h"
#include "libs/models/fault_list.h"

namespace diego::rep {
namespace {

constexpr absl::string_view kCallNames[] = {"auction-fetch-state",
                                            "auction-perform-work",
                                            "stop-lrp-instance",
                                            "update-lrp-instance",
                                            "cancel-task",
                                            "container-metrics",
                                            "logs",
                                            "evacuate"};

// A guid becomes the name of a directory and of network devices.
bool IsGuid(const std::string& guid) {
  return !guid.empty() && guid.size() <= 255 &&
         std::all_of(guid.begin(), guid.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '-' || c == '_';
         });
}

absl::Status Validate(const Work& work) {
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

const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
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
    case CellCall::kEvacuate:
    case CellCall::kLogs: return rpc::RequireRole(peer, {Role::kOperator});
  }
  return absl::PermissionDeniedError("unknown call");
}

CellCalls::CellCalls(Cell& cell, RepMetrics& metrics, const rpc::PeerRules& peers,
                     const log::Logger& log)
    : cell_(cell), metrics_(metrics), peers_(peers), log_(log.Session("api")) {}

absl::Status CellCalls::MayEvacuate(const Caller& caller) const {
  return rpc::RequireRole(peers_.Judge(caller.peer), {rpc::Role::kOperator, rpc::Role::kRep});
}

template <typename Result>
Result CellCalls::Run(const Caller& caller, CellCall call, const std::function<Result()>& handle) {
  metrics_.Called(call);
  const absl::Status allowed = MayCall(peers_.Judge(caller.peer), call);
  Result result = allowed.ok() ? handle() : Result(allowed);
  if (log_.Enabled(log::Level::kDebug)) {
    const absl::Status& status = StatusOf(result);
    log::Fields fields = {{"call", kCallNames[static_cast<size_t>(call)]},
                          {"trace_id", caller.trace_id}};
    if (!status.ok()) fields.emplace_back("error", status);
    log_.Debug(status.ok() ? "served" : "refused", fields);
  }
  return result;
}

absl::StatusOr<CellState> CellCalls::State(const Caller& caller) {
  return Run<absl::StatusOr<CellState>>(caller, CellCall::kState, [&] { return cell_.State(); });
}

absl::StatusOr<Work> CellCalls::Perform(const Caller& caller, const absl::StatusOr<Work>& work) {
  return Run<absl::StatusOr<Work>>(caller, CellCall::kWork, [&]() -> absl::StatusOr<Work> {
    DIEGO_RETURN_IF_ERROR(work.status());
    DIEGO_RETURN_IF_ERROR(Validate(*work));
    return cell_.Perform(*work);
  });
}

absl::Status CellCalls::StopLrp(const Caller& caller, const InstanceGuid& instance_guid) {
  return Run<absl::Status>(caller, CellCall::kStopLrp, [&]() -> absl::Status {
    DIEGO_RETURN_IF_ERROR(RequireGuid(instance_guid.value(), "instance_guid"));
    return cell_.StopLrp(instance_guid);
  });
}

absl::Status CellCalls::UpdateLrp(const Caller& caller,
                                  const absl::StatusOr<LrpInstanceUpdate>& update) {
  return Run<absl::Status>(caller, CellCall::kUpdateLrp, [&]() -> absl::Status {
    DIEGO_RETURN_IF_ERROR(update.status());
    DIEGO_RETURN_IF_ERROR(RequireGuid(update->instance.instance_guid.value(), "instance_guid"));
    return cell_.UpdateLrp(*update);
  });
}

absl::Status CellCalls::CancelTask(const Caller& caller, const TaskGuid& task_guid) {
  return Run<absl::Status>(caller, CellCall::kCancelTask, [&]() -> absl::Status {
    DIEGO_RETURN_IF_ERROR(RequireGuid(task_guid.value(), "task_guid"));
    return cell_.CancelTask(task_guid);
  });
}

absl::Status CellCalls::Evacuate(const Caller& caller, const CellId& cell_id) {
  return Run<absl::Status>(caller, CellCall::kEvacuate, [&] {
    const CellId& here = cell_.facts().cell_id;
    if (cell_id != here) {
      return DiegoError(ErrorType::kInvalidRequest,
                        absl::StrCat("cell_id is \"", cell_id.value(), "\", this is cell \"",
                                     here.value(), "\"; name the cell that is to be evacuated"));
    }
    cell_.BeginEvacuation();
    return absl::OkStatus();
  });
}

absl::StatusOr<CellUsage> CellCalls::Usage(const Caller& caller) {
  return Run<absl::StatusOr<CellUsage>>(caller, CellCall::kMetrics, [&] {
    constexpr int64_t kMegabyte = 1 << 20;
    CellUsage all;
    all.cell_id = cell_.facts().cell_id;
    for (const ContainerUsage& usage : cell_.Usage()) {
      const CellContainer& container = usage.container;
      ContainerUse use;
      use.container_guid = container.identity.guid;
      use.process_guid = container.identity.lrp.process_guid;
      use.index = container.identity.lrp.index;
      use.metric_guid = usage.metric_guid;
      use.cpu_usage_fraction = usage.cpu_fraction;
      use.memory_usage_bytes = static_cast<int64_t>(usage.metrics.memory_bytes);
      use.memory_quota_bytes = container.size.memory_mb * kMegabyte;
      use.disk_usage_bytes = static_cast<int64_t>(usage.metrics.disk_bytes);
      use.disk_quota_bytes = container.size.disk_mb * kMegabyte;
      all.containers.push_back(std::move(use));
    }
    return all;
  });
}

absl::Status CellCalls::MayReadLog(const Caller& caller, const std::string& container_guid) {
  return Run<absl::Status>(caller, CellCall::kLogs,
                           [&] { return RequireGuid(container_guid, "container_guid"); });
}

}  // namespace diego::rep
