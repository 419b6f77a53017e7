#include "libs/wire/cell_json.h"

#include <algorithm>
#include <utility>

#include "libs/base/status_util.h"
#include "libs/models/error.h"
#include "libs/wire/json_object.h"

namespace diego::wire {
namespace {

// How each part is written.

std::string ResourcesJson(const Resources& resources) {
  return JsonObject()
      .Number("MemoryMB", resources.memory_mb)
      .Number("DiskMB", resources.disk_mb)
      .Number("Containers", resources.containers)
      .Close();
}

std::string ProviderJson(const RootFsSupport& support) {
  if (support.arbitrary) return JsonObject().Text("type", "arbitrary").Close();
  std::vector<std::string> names = support.names;
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  JsonObject set;
  for (const std::string& name : names) set.Raw(name, "{}");
  return JsonObject().Text("type", "fixed_set").Raw("set", set.Close()).Close();
}

void AddDemand(const PlacementConstraint& placement, const WorkloadSize& size, JsonObject* out) {
  out->Texts("PlacementTags", placement.placement_tags)
      .Texts("VolumeDrivers", placement.volume_drivers)
      .Text("RootFs", placement.root_fs)
      .Number("MemoryMB", size.memory_mb)
      .Number("DiskMB", size.disk_mb)
      .Number("MaxPids", size.max_pids);
}

std::string LrpJson(const CellLrp& lrp) {
  JsonObject object;
  object.Text("instance_guid", lrp.instance_guid.value())
      .Text("process_guid", lrp.key.process_guid.value())
      .Number("index", lrp.key.index)
      .Text("domain", lrp.key.domain.value());
  AddDemand(lrp.placement, lrp.size, &object);
  object.Text("state", lrp.state);
  if (!lrp.definition_id.empty()) object.Text("definition_id", lrp.definition_id);  // ours
  return object.Close();
}

std::string TaskJson(const CellTask& task) {
  JsonObject object;
  object.Text("TaskGuid", task.task_guid.value()).Text("Domain", task.domain.value());
  AddDemand(task.placement, task.size, &object);
  return object.Text("state", TaskStateName(task.state)).Bool("failed", task.failed).Close();
}

std::string LrpStartJson(const LrpStartRequest& request) {
  JsonObject object;
  object.Text("process_guid", request.process_guid.value())
      .Text("domain", request.domain.value())
      .Raw("indices", request.indices.empty() ? "null" : JsonArray(request.indices, [](int32_t i) {
             return absl::StrCat(i);
           }));
  AddDemand(request.placement, request.size, &object);
  if (!request.definition_id.empty()) object.Text("definition_id", request.definition_id);  // ours
  return object.Close();
}

void AddUse(const ContainerUse& use, JsonObject* out) {
  out->Text("metric_guid", use.metric_guid)
      .Real("cpu_usage_fraction", use.cpu_usage_fraction)
      .Number("disk_usage_bytes", use.disk_usage_bytes)
      .Number("disk_quota_bytes", use.disk_quota_bytes)
      .Number("memory_usage_bytes", use.memory_usage_bytes)
      .Number("memory_quota_bytes", use.memory_quota_bytes);
}

// How each part is read.

Resources ReadResources(const JsonMembers& members, absl::string_view key, absl::Status* status) {
  Resources resources;
  const ReadJson* value = members.Find(key);
  if (value == nullptr) return resources;
  const JsonMembers inner(*value, members.PathOf(key), status);
  inner.Read("MemoryMB", &resources.memory_mb);
  inner.Read("DiskMB", &resources.disk_mb);
  inner.Read("Containers", &resources.containers);
  return resources;
}

void ReadProviders(const JsonMembers& members, CellState* state, absl::Status* status) {
  constexpr absl::string_view kKey = "RootFSProviders";
  const ReadJson* providers = members.Find(kKey);
  if (providers == nullptr) return;
  if (!providers->is_object()) return members.Refuse(kKey, "expected an object");
  for (auto it = providers->begin(); it != providers->end(); ++it) {
    const JsonMembers provider(it.value(), absl::StrCat(kKey, ".", it.key()), status);
    std::string type;
    provider.Read("type", &type);
    RootFsSupport support;
    support.arbitrary = type == "arbitrary";
    if (!support.arbitrary && type != "fixed_set") {
      provider.Refuse("type", "expected arbitrary or fixed_set");
    }
    if (const ReadJson* set = provider.Find("set"); set != nullptr) {
      if (!set->is_object()) provider.Refuse("set", "expected an object");
      for (auto name = set->begin(); set->is_object() && name != set->end(); ++name) {
        support.names.push_back(name.key());
      }
    }
    std::sort(support.names.begin(), support.names.end());
    state->rootfs_providers[it.key()] = std::move(support);
  }
}

void ReadDemand(const JsonMembers& members, PlacementConstraint* placement, WorkloadSize* size) {
  members.Read("PlacementTags", &placement->placement_tags);
  members.Read("VolumeDrivers", &placement->volume_drivers);
  members.Read("RootFs", &placement->root_fs);
  members.Read("MemoryMB", &size->memory_mb);
  members.Read("DiskMB", &size->disk_mb);
  members.Read("MaxPids", &size->max_pids);
}

TaskState ReadTaskState(const JsonMembers& members) {
  std::string name(TaskStateName(TaskState::kInvalid));
  members.Read("state", &name);
  for (const TaskState state : {TaskState::kInvalid, TaskState::kPending, TaskState::kRunning,
                                TaskState::kCompleted, TaskState::kResolving}) {
    if (name == TaskStateName(state)) return state;
  }
  members.Refuse("state", absl::StrCat("invalid state: ", name));
  return TaskState::kInvalid;
}

CellLrp ReadLrp(const JsonMembers& members) {
  CellLrp lrp;
  members.Read("instance_guid", &lrp.instance_guid);
  members.Read("process_guid", &lrp.key.process_guid);
  members.Read("index", &lrp.key.index);
  members.Read("domain", &lrp.key.domain);
  ReadDemand(members, &lrp.placement, &lrp.size);
  members.Read("state", &lrp.state);
  members.Read("definition_id", &lrp.definition_id);
  return lrp;
}

CellTask ReadTask(const JsonMembers& members) {
  CellTask task;
  members.Read("TaskGuid", &task.task_guid);
  members.Read("Domain", &task.domain);
  ReadDemand(members, &task.placement, &task.size);
  task.state = ReadTaskState(members);
  members.Read("failed", &task.failed);
  return task;
}

template <typename Item, typename ReadItem>
std::vector<Item> ReadList(const JsonMembers& members, absl::string_view key, ReadItem read,
                           absl::Status* status) {
  std::vector<Item> items;
  members.Each(key, [&](const ReadJson& element, std::string path) {
    items.push_back(read(JsonMembers(element, std::move(path), status)));
  });
  return items;
}

// A body that is one list.
template <typename Item, typename ReadItem>
absl::StatusOr<std::vector<Item>> ReadBodyList(absl::string_view text, ReadItem read) {
  DIEGO_ASSIGN_OR_RETURN(const ReadJson value, ParseJson(text));
  std::vector<Item> items;
  if (value.is_null()) return items;
  if (!value.is_array()) return DiegoError(ErrorType::kInvalidJSON, "expected a list");
  absl::Status status;
  for (const ReadJson& element : value) {
    items.push_back(read(JsonMembers(element, absl::StrCat("[", items.size(), "]"), &status)));
    if (!status.ok()) return status;
  }
  return items;
}

LrpStartRequest ReadLrpStart(const JsonMembers& members) {
  LrpStartRequest request;
  members.Read("process_guid", &request.process_guid);
  members.Read("domain", &request.domain);
  members.Each("indices", [&](const ReadJson& element, const std::string&) {
    int32_t index = 0;
    if (!ReadWholeNumber(element, &index)) {
      return members.Refuse("indices", WholeNumberFault<int32_t>());
    }
    request.indices.push_back(index);
  });
  ReadDemand(members, &request.placement, &request.size);
  members.Read("definition_id", &request.definition_id);
  return request;
}

}  // namespace

std::string CellStateToJson(const CellState& state) {
  JsonObject providers;
  for (const auto& [scheme, support] : state.rootfs_providers) {
    providers.Raw(scheme, ProviderJson(support));
  }
  return JsonObject()
      .Text("rep_url", state.rep_url)
      .Text("cell_id", state.cell_id.value())
      .Number("cell_index", state.cell_index)
      .Raw("RootFSProviders", providers.Close())
      .Raw("AvailableResources", ResourcesJson(state.available))
      .Raw("TotalResources", ResourcesJson(state.total))
      .Raw("LRPs", JsonArray(state.lrps, LrpJson))
      .Raw("Tasks", JsonArray(state.tasks, TaskJson))
      .Number("StartingContainerCount", state.starting_container_count)
      .Text("Zone", state.zone)
      .Bool("Evacuating", state.evacuating)
      .Texts("VolumeDrivers", state.volume_drivers)
      .Texts("PlacementTags", state.placement_tags)
      .Texts("OptionalPlacementTags", state.optional_placement_tags)
      .Number("ProxyMemoryAllocationMB", state.proxy_memory_allocation_mb)
      .Close();
}

absl::StatusOr<CellState> CellStateFromJson(absl::string_view text) {
  DIEGO_ASSIGN_OR_RETURN(const ReadJson value, ParseJson(text));
  absl::Status status;
  const JsonMembers members(value, "", &status);
  CellState state;
  members.Read("rep_url", &state.rep_url);
  members.Read("cell_id", &state.cell_id);
  members.Read("cell_index", &state.cell_index);
  ReadProviders(members, &state, &status);
  state.available = ReadResources(members, "AvailableResources", &status);
  state.total = ReadResources(members, "TotalResources", &status);
  state.lrps = ReadList<CellLrp>(members, "LRPs", ReadLrp, &status);
  state.tasks = ReadList<CellTask>(members, "Tasks", ReadTask, &status);
  members.Read("StartingContainerCount", &state.starting_container_count);
  members.Read("Zone", &state.zone);
  members.Read("Evacuating", &state.evacuating);
  members.Read("VolumeDrivers", &state.volume_drivers);
  members.Read("PlacementTags", &state.placement_tags);
  members.Read("OptionalPlacementTags", &state.optional_placement_tags);
  members.Read("ProxyMemoryAllocationMB", &state.proxy_memory_allocation_mb);
  if (!status.ok()) return status;
  return state;
}

std::string WorkToJson(const Work& work) {
  JsonObject object;
  object.Raw("LRPs", work.lrps.empty() ? "null" : JsonArray(work.lrps, LrpJson))
      .Raw("Tasks", work.tasks.empty() ? "null" : JsonArray(work.tasks, TaskJson));
  if (!work.cell_id.empty()) object.Text("cell_id", work.cell_id.value());
  return object.Close();
}

absl::StatusOr<Work> WorkFromJson(absl::string_view text) {
  DIEGO_ASSIGN_OR_RETURN(const ReadJson value, ParseJson(text));
  absl::Status status;
  const JsonMembers members(value, "", &status);
  Work work;
  work.lrps = ReadList<CellLrp>(members, "LRPs", ReadLrp, &status);
  work.tasks = ReadList<CellTask>(members, "Tasks", ReadTask, &status);
  members.Read("cell_id", &work.cell_id);
  if (!status.ok()) return status;
  return work;
}

std::string LrpUpdateToJson(const LrpInstanceUpdate& update, UpdateVersion version) {
  JsonObject object;
  object.Text("instance_guid", update.instance.instance_guid.value())
      .Text("process_guid", update.key.process_guid.value())
      .Number("index", update.key.index)
      .Text("domain", update.key.domain.value());
  object.Raw("internal_routes",
             !update.has_internal_routes
                 ? "null"
                 : JsonArray(update.internal_routes, [](const std::string& host) {
                     return JsonObject().Text("hostname", host).Close();
                   }));
  if (version == UpdateVersion::kV1) return object.Close();
  JsonObject tags;
  for (const auto& [name, tag] : update.metric_tags) tags.Text(name, tag);
  return object.Raw("metric_tags", update.has_metric_tags ? tags.Close() : "null").Close();
}

absl::StatusOr<LrpInstanceUpdate> LrpUpdateFromJson(absl::string_view text) {
  DIEGO_ASSIGN_OR_RETURN(const ReadJson value, ParseJson(text));
  absl::Status status;
  const JsonMembers members(value, "", &status);
  LrpInstanceUpdate update;
  members.Read("instance_guid", &update.instance.instance_guid);
  members.Read("process_guid", &update.key.process_guid);
  members.Read("index", &update.key.index);
  members.Read("domain", &update.key.domain);
  update.has_internal_routes = members.Find("internal_routes") != nullptr;
  members.Each("internal_routes", [&](const ReadJson& element, std::string path) {
    std::string host;
    JsonMembers(element, std::move(path), &status).Read("hostname", &host);
    update.internal_routes.push_back(std::move(host));
  });
  if (const ReadJson* tags = members.Find("metric_tags"); tags != nullptr) {
    update.has_metric_tags = true;
    const JsonMembers inner(*tags, "metric_tags", &status);
    for (auto it = tags->begin(); tags->is_object() && it != tags->end(); ++it) {
      inner.Read(it.key(), &update.metric_tags[it.key()]);
    }
  }
  if (!status.ok()) return status;
  return update;
}

std::string CellUsageToJson(const CellUsage& usage) {
  std::vector<std::string> lrps;
  std::vector<std::string> tasks;
  for (const ContainerUse& use : usage.containers) {
    JsonObject object;
    if (use.process_guid.empty()) {
      object.Text("task_guid", use.container_guid);
    } else {
      object.Text("instance_guid", use.container_guid)
          .Text("process_guid", use.process_guid.value())
          .Number("index", use.index);
    }
    AddUse(use, &object);
    (use.process_guid.empty() ? tasks : lrps).push_back(object.Close());
  }
  const auto as_is = [](const std::string& json) { return json; };
  return JsonObject()
      .Text("cell_id", usage.cell_id.value())
      .Raw("lrps", JsonArray(lrps, as_is))
      .Raw("tasks", JsonArray(tasks, as_is))
      .Close();
}

std::string LrpStartsToJson(const std::vector<LrpStartRequest>& requests) {
  return JsonArray(requests, LrpStartJson);
}

absl::StatusOr<std::vector<LrpStartRequest>> LrpStartsFromJson(absl::string_view text) {
  return ReadBodyList<LrpStartRequest>(text, ReadLrpStart);
}

std::string TaskStartsToJson(const std::vector<TaskStartRequest>& requests) {
  return JsonArray(requests, [](const TaskStartRequest& request) {
    return TaskJson({request.task_guid, request.domain, request.placement, request.size,
                     TaskState::kInvalid, false});
  });
}

absl::StatusOr<std::vector<TaskStartRequest>> TaskStartsFromJson(absl::string_view text) {
  return ReadBodyList<TaskStartRequest>(text, [](const JsonMembers& members) {
    CellTask task = ReadTask(members);
    return TaskStartRequest{task.task_guid, task.domain, std::move(task.placement), task.size};
  });
}

}  // namespace diego::wire
