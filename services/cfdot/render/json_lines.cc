#include "services/cfdot/render/json_lines.h"

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "libs/wire/json_text.h"
#include "proto/models/task.pb.h"

namespace diego::cfdot {
namespace {

// An object, member after member in the order added.
class Object {
 public:
  Object& Raw(absl::string_view key, absl::string_view json) {
    absl::StrAppend(&members_, members_.empty() ? "" : ",", JsonString(key), ":", json);
    return *this;
  }
  Object& Text(absl::string_view key, absl::string_view value) {
    return Raw(key, JsonString(value));
  }
  Object& Number(absl::string_view key, int64_t value) { return Raw(key, absl::StrCat(value)); }
  Object& Bool(absl::string_view key, bool value) { return Raw(key, value ? "true" : "false"); }
  // null when there are none, as Go writes them.
  template <typename Strings>
  Object& Texts(absl::string_view key, const Strings& values) {
    if (values.empty()) return Raw(key, "null");
    return Raw(key, absl::StrCat("[", absl::StrJoin(values, ",", AppendJson), "]"));
  }
  std::string Close() const { return absl::StrCat("{", members_, "}"); }

 private:
  static void AppendJson(std::string* out, const std::string& value) {
    absl::StrAppend(out, JsonString(value));
  }
  std::string members_;
};

std::string ResourcesJson(const CellResources& resources) {
  return Object()
      .Number("MemoryMB", resources.memory_mb())
      .Number("DiskMB", resources.disk_mb())
      .Number("Containers", resources.containers())
      .Close();
}

std::string ProviderJson(const RootFSSupport& support) {
  if (support.arbitrary()) return Object().Text("type", "arbitrary").Close();
  Object set;
  for (const std::string& name :
       std::set<std::string>(support.names().begin(), support.names().end())) {
    set.Raw(name, "{}");
  }
  return Object().Text("type", "fixed_set").Raw("set", set.Close()).Close();
}

void AddDemand(const WorkloadDemand& demand, Object* object) {
  object->Texts("PlacementTags", demand.placement_tags())
      .Texts("VolumeDrivers", demand.volume_drivers())
      .Text("RootFs", demand.root_fs())
      .Number("MemoryMB", demand.memory_mb())
      .Number("DiskMB", demand.disk_mb())
      .Number("MaxPids", demand.max_pids());
}

std::string LrpJson(const LRPOnCell& lrp) {
  Object object;
  object.Text("instance_guid", lrp.instance_guid())
      .Text("process_guid", lrp.key().process_guid())
      .Number("index", lrp.key().index())
      .Text("domain", lrp.key().domain());
  AddDemand(lrp.demand(), &object);
  return object.Text("state", lrp.state()).Close();
}

std::string TaskJson(const TaskOnCell& task) {
  Object object;
  object.Text("TaskGuid", task.task_guid()).Text("Domain", task.domain());
  AddDemand(task.demand(), &object);
  const std::string& name =
      models::Task::State_Name(static_cast<models::Task::State>(task.state()));
  return object.Text("state", name.empty() ? absl::StrCat(task.state()) : name)
      .Bool("failed", task.failed())
      .Close();
}

template <typename Items, typename ToJson>
std::string Array(const Items& items, ToJson to_json) {
  return absl::StrCat("[",
                      absl::StrJoin(items, ",",
                                    [&](std::string* out, const auto& item) {
                                      absl::StrAppend(out, to_json(item));
                                    }),
                      "]");
}

}  // namespace

std::string JsonString(absl::string_view text) {
  std::string json;
  wire::AppendJsonString(text, &json);
  return json;
}

std::string CellStateJson(const StateResponse& state) {
  Object providers;
  for (const auto& [scheme, support] : std::map<std::string, RootFSSupport>(
           state.rootfs_providers().begin(), state.rootfs_providers().end())) {
    providers.Raw(scheme, ProviderJson(support));
  }
  return Object()
      .Text("rep_url", state.rep_url())
      .Text("cell_id", state.cell_id())
      .Number("cell_index", state.cell_index())
      .Raw("RootFSProviders", providers.Close())
      .Raw("AvailableResources", ResourcesJson(state.available()))
      .Raw("TotalResources", ResourcesJson(state.total()))
      .Raw("LRPs", Array(state.lrps(), LrpJson))
      .Raw("Tasks", Array(state.tasks(), TaskJson))
      .Number("StartingContainerCount", state.starting_container_count())
      .Text("Zone", state.zone())
      .Bool("Evacuating", state.evacuating())
      .Texts("VolumeDrivers", state.volume_drivers())
      .Texts("PlacementTags", state.placement_tags())
      .Texts("OptionalPlacementTags", state.optional_placement_tags())
      .Number("ProxyMemoryAllocationMB", state.proxy_memory_allocation_mb())
      .Close();
}

std::string LogLineJson(const LogsResponse& line) {
  return Object()
      .Number("time_ns", line.time_ns())
      .Text("source", line.source())
      .Bool("error_stream", line.error_stream())
      .Text("line", line.line())
      .Close();
}

std::string LogLineText(const LogsResponse& line) {
  return absl::StrCat(absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::FromUnixNanos(line.time_ns()),
                                       absl::UTCTimeZone()),
                      " [", line.source(), line.error_stream() ? "/ERR] " : "/OUT] ", line.line());
}

}  // namespace diego::cfdot
