#include "services/rep/core/capacity.h"

#include <algorithm>
#include <limits>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/base/random.h"

namespace diego::rep {
namespace {

// Source: reference/rep-auctioneer-http-api.md "ids".
constexpr size_t kInstanceGuidLength = 28;

bool IsStarting(ContainerPhase phase) {
  return phase == ContainerPhase::kReserved || phase == ContainerPhase::kStarting;
}

bool IsCompleted(ContainerPhase phase) {
  return phase == ContainerPhase::kStopped || phase == ContainerPhase::kCrashed;
}

// "" or why `size` does not fit into what is left.
std::string Shortage(const Resources& left, const WorkloadSize& size) {
  std::string shortage;
  const auto add = [&](absl::string_view what) {
    absl::StrAppend(&shortage, shortage.empty() ? "insufficient resources: " : ", ", what);
  };
  if (left.containers < 1) add("containers");
  if (size.disk_mb > left.disk_mb) add("disk");
  if (size.memory_mb > left.memory_mb) add("memory");
  return shortage;
}

// "" or why this cell cannot run it at all.
std::string Obstacle(const CellFacts& facts, bool evacuating, const PlacementConstraint& placement,
                     const WorkloadSize& size) {
  if (evacuating) return "cell is evacuating";
  if (size.memory_mb < 0 || size.disk_mb < 0 || size.max_pids < 0) return "negative resources";
  if (!placement.volume_drivers.empty()) return "no volume drivers on this cell";
  if (!OffersRootFs(facts, placement.root_fs)) {
    return absl::StrCat("unknown root filesystem '", placement.root_fs, "'");
  }
  return "";
}

void Take(const WorkloadSize& size, Resources* left) {
  left->memory_mb -= size.memory_mb;
  left->disk_mb -= size.disk_mb;
  left->containers -= 1;
}

}  // namespace

int64_t OfferedContainers(int64_t runtime_max) { return std::max<int64_t>(0, runtime_max - 1); }

int32_t LrpContainerMemoryMb(int32_t memory_mb, int32_t proxy_memory_allocation_mb) {
  if (memory_mb <= 0) return memory_mb;
  return static_cast<int32_t>(std::min<int64_t>(int64_t{memory_mb} + proxy_memory_allocation_mb,
                                                std::numeric_limits<int32_t>::max()));
}

Resources Remaining(const Resources& total, const std::vector<CellContainer>& containers) {
  Resources left = total;
  for (const CellContainer& container : containers) Take(container.size, &left);
  return left;
}

RootFsName SplitRootFs(const std::string& root_fs) {
  const size_t colon = root_fs.find(':');
  if (colon == std::string::npos) return {"", root_fs};
  const size_t end = root_fs.find('?', colon);
  return {root_fs.substr(0, colon),
          root_fs.substr(colon + 1, end == std::string::npos ? end : end - colon - 1)};
}

bool OffersRootFs(const CellFacts& facts, const std::string& root_fs) {
  const RootFsName split = SplitRootFs(root_fs);
  const auto among = [&](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (split.scheme == "preloaded" || split.scheme == "preloaded+layer") {
    return among(facts.stacks, split.name);
  }
  return !split.scheme.empty() && among(facts.supported_providers, split.scheme);
}

CellState StateOf(const CellFacts& facts, const std::vector<CellContainer>& containers,
                  bool evacuating) {
  CellState state;
  state.cell_id = facts.cell_id;
  state.rep_url = facts.rep_url;
  state.cell_index = facts.cell_index;
  state.zone = facts.zone;
  RootFsSupport stacks{false, facts.stacks};
  std::sort(stacks.names.begin(), stacks.names.end());
  state.rootfs_providers["preloaded"] = stacks;
  state.rootfs_providers["preloaded+layer"] = stacks;
  for (const std::string& scheme : facts.supported_providers) {
    state.rootfs_providers[scheme] = RootFsSupport{true, {}};
  }
  state.total = facts.total;
  state.available = Remaining(facts.total, containers);
  state.evacuating = evacuating;
  state.placement_tags = facts.placement_tags;
  state.optional_placement_tags = facts.optional_placement_tags;
  state.proxy_memory_allocation_mb = facts.proxy_memory_allocation_mb;
  for (const CellContainer& container : containers) {
    const ContainerIdentity& identity = container.identity;
    const bool completed = IsCompleted(container.phase);
    if (IsStarting(container.phase)) ++state.starting_container_count;
    if (identity.lifecycle == Lifecycle::kTask) {
      state.tasks.push_back(
          {TaskGuid(identity.guid), identity.domain, identity.placement, container.size,
           completed ? TaskState::kCompleted : TaskState::kRunning, completed && container.failed});
      continue;
    }
    const char* name = IsStarting(container.phase) ? "CLAIMED"
                       : !completed                ? "RUNNING"
                       : container.failed          ? "CRASHED"
                                                   : "SHUTDOWN";
    state.lrps.push_back(
        {identity.lrp, InstanceGuid(identity.guid), identity.placement, container.size, name});
  }
  return state;
}

WorkPlan PlanWork(const CellFacts& facts, const std::vector<CellContainer>& containers,
                  bool evacuating, const Work& work, uint64_t seed) {
  WorkPlan plan;
  plan.rejected.cell_id = work.cell_id;
  Resources left = Remaining(facts.total, containers);
  Random random(seed);

  std::vector<CellLrp> lrps = work.lrps;
  std::stable_sort(lrps.begin(), lrps.end(), [](const CellLrp& a, const CellLrp& b) {
    return a.size.memory_mb > b.size.memory_mb;
  });
  for (const CellLrp& lrp : lrps) {
    WorkloadSize size = lrp.size;
    size.memory_mb = LrpContainerMemoryMb(size.memory_mb, facts.proxy_memory_allocation_mb);
    std::string reason = Obstacle(facts, evacuating, lrp.placement, lrp.size);
    if (reason.empty()) reason = Shortage(left, size);
    if (!reason.empty()) {
      plan.rejected.lrps.push_back(lrp);
      plan.refusals.push_back(
          {absl::StrCat(lrp.key.process_guid.value(), ".", lrp.key.index), reason});
      continue;
    }
    Take(size, &left);
    plan.reservations.push_back({{Lifecycle::kLrp, random.Uuid().substr(0, kInstanceGuidLength),
                                  lrp.key.domain, lrp.key, lrp.placement, lrp.definition_id},
                                 size});
  }

  std::map<std::string, bool> present;  // guid, and whether its container has ended
  for (const CellContainer& container : containers) {
    present.emplace(container.identity.guid, IsCompleted(container.phase));
  }
  for (const CellTask& task : work.tasks) {
    const auto [known, is_new] = present.emplace(task.task_guid.value(), false);
    if (!is_new && !known->second) continue;
    std::string reason = is_new ? Obstacle(facts, evacuating, task.placement, task.size)
                                : "its last container here is not gone yet";
    if (reason.empty()) reason = Shortage(left, task.size);
    if (!reason.empty()) {
      plan.rejected.tasks.push_back(task);
      plan.refusals.push_back({task.task_guid.value(), reason});
      continue;
    }
    Take(task.size, &left);
    plan.reservations.push_back(
        {{Lifecycle::kTask, task.task_guid.value(), task.domain, {}, task.placement}, task.size});
  }
  return plan;
}

}  // namespace diego::rep
