#include "services/auctioneer/core/batch.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"

namespace diego::auctioneer {
namespace {

std::string SizeFault(const WorkloadSize& size, const PlacementConstraint& placement) {
  if (size.memory_mb < 0) return "MemoryMB must not be negative";
  if (size.disk_mb < 0) return "DiskMB must not be negative";
  if (size.max_pids < 0) return "MaxPids must not be negative";
  if (placement.root_fs.empty()) return "RootFs must not be empty";
  return "";
}

std::string Named(absl::string_view kind, absl::string_view name, absl::string_view fault) {
  return fault.empty() ? "" : absl::StrCat(kind, " \"", name, "\": ", fault);
}

}  // namespace

std::string FaultOf(const LrpStartRequest& request) {
  std::string fault;
  if (request.process_guid.empty()) {
    fault = "process_guid must not be empty";
  } else if (request.domain.empty()) {
    fault = "domain must not be empty";
  } else if (request.indices.empty()) {
    fault = "indices must not be empty";
  } else if (*std::min_element(request.indices.begin(), request.indices.end()) < 0) {
    fault = "indices must not be negative";
  } else {
    fault = SizeFault(request.size, request.placement);
  }
  return Named("lrp", request.process_guid.value(), fault);
}

std::string FaultOf(const TaskStartRequest& request) {
  std::string fault = request.task_guid.empty() ? "TaskGuid must not be empty"
                                                : SizeFault(request.size, request.placement);
  return Named("task", request.task_guid.value(), fault);
}

bool PendingBatch::Add(const LrpStartRequest& request) {
  std::set<int32_t> fresh;
  for (const int32_t index : request.indices) {
    if (lrps_.count({request.process_guid, index}) == 0) fresh.insert(index);
  }
  if (batch_.size() + fresh.size() > capacity_) return false;
  const auto shared = std::make_shared<const LrpStartRequest>(request);
  for (const int32_t index : request.indices) {
    const auto [at, is_new] = lrps_.try_emplace({request.process_guid, index}, batch_.lrps.size());
    if (is_new) {
      batch_.lrps.push_back({shared, index, 0});
      continue;
    }
    LrpAuction& waiting = batch_.lrps[at->second];
    if (waiting.request->definition_id != request.definition_id) waiting = {shared, index, 0};
  }
  return true;
}

bool PendingBatch::Add(const TaskStartRequest& request) {
  if (tasks_.count(request.task_guid) > 0) return true;
  if (batch_.size() >= capacity_) return false;
  tasks_.insert(request.task_guid);
  batch_.tasks.push_back({std::make_shared<const TaskStartRequest>(request), 0});
  return true;
}

void PendingBatch::Return(LrpAuction auction) {
  const auto key = std::make_pair(auction.request->process_guid, auction.index);
  if (!lrps_.try_emplace(key, batch_.lrps.size()).second) return;
  batch_.lrps.push_back(std::move(auction));
}

void PendingBatch::Return(TaskAuction auction) {
  if (!tasks_.insert(auction.request->task_guid).second) return;
  batch_.tasks.push_back(std::move(auction));
}

Batch PendingBatch::Take() {
  lrps_.clear();
  tasks_.clear();
  return std::exchange(batch_, {});
}

OrderedBatch Order(Batch batch) {
  OrderedBatch ordered;
  std::stable_sort(batch.lrps.begin(), batch.lrps.end(),
                   [](const LrpAuction& a, const LrpAuction& b) {
                     if (a.index != b.index) return a.index < b.index;
                     return a.request->size.memory_mb > b.request->size.memory_mb;
                   });
  const auto others = std::find_if(batch.lrps.begin(), batch.lrps.end(),
                                   [](const LrpAuction& auction) { return auction.index > 0; });
  ordered.other_lrps.assign(std::make_move_iterator(others),
                            std::make_move_iterator(batch.lrps.end()));
  batch.lrps.erase(others, batch.lrps.end());
  ordered.first_lrps = std::move(batch.lrps);
  std::stable_sort(batch.tasks.begin(), batch.tasks.end(),
                   [](const TaskAuction& a, const TaskAuction& b) {
                     return a.request->size.memory_mb > b.request->size.memory_mb;
                   });
  ordered.tasks = std::move(batch.tasks);
  return ordered;
}

}  // namespace diego::auctioneer
