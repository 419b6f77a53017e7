#include "services/cfdot/render/columns.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "services/cfdot/render/explain_text.h"

namespace diego::cfdot {
namespace {

constexpr size_t kLongestNote = 60;

// "10.0.0.1 61001->8080,61002->2222".
std::string AddressOf(const models::ActualLRPNetInfo& net_info) {
  if (net_info.address().empty()) return "";
  std::vector<std::string> ports;
  for (const models::PortMapping& port : net_info.ports()) {
    ports.push_back(absl::StrCat(port.host_port(), "->", port.container_port()));
  }
  return ports.empty() ? net_info.address()
                       : absl::StrCat(net_info.address(), " ", absl::StrJoin(ports, ","));
}

std::string RoutersOf(const models::ProtoRoutes& routes) {
  std::set<std::string> names;
  for (const auto& [router, unused] : routes.routes()) names.insert(router);
  return absl::StrJoin(names, ",");
}

std::string NoteOf(const models::ActualLRP& lrp) {
  return Shorten(lrp.placement_error().empty() ? lrp.crash_reason() : lrp.placement_error(),
                 kLongestNote);
}

std::string OutcomeOf(const models::Task& task) {
  if (!task.failure_reason().empty()) return task.failure_reason();
  return task.rejection_reason().empty() ? task.result() : task.rejection_reason();
}

std::string YesOrNo(bool truth) { return truth ? "yes" : "no"; }

// What the record says counts while the instance runs.
std::string RoutableOf(const models::ActualLRP& lrp) {
  if (lrp.state() != "RUNNING") return "-";
  return lrp.optional_routable_case() == models::ActualLRP::kRoutable ? YesOrNo(lrp.routable())
                                                                      : "";
}

std::string PartOf(int64_t part, int64_t total) {
  return absl::StrCat(FormatMegabytes(part), " of ", FormatMegabytes(total));
}

Row DesiredRow(const std::string& guid, const std::string& domain, int32_t instances,
               int32_t memory_mb, int32_t disk_mb, const std::string& root_fs,
               const models::ProtoRoutes& routes) {
  return {guid,
          domain,
          absl::StrCat(instances),
          FormatMegabytes(memory_mb),
          FormatMegabytes(disk_mb),
          root_fs,
          RoutersOf(routes)};
}

constexpr char kProcessGuid[] = "PROCESS GUID";

}  // namespace

Row TitlesOf(const models::ActualLRP&) {
  return {kProcessGuid, "INDEX", "STATE",   "PRESENCE", "AGE",     "CELL",
          "INSTANCE",   "ZONE",  "CRASHES", "ROUTABLE", "ADDRESS", "NOTE"};
}

Row RowOf(const models::ActualLRP& lrp, absl::Time now) {
  return {lrp.actual_lrp_key().process_guid(),
          absl::StrCat(lrp.actual_lrp_key().index()),
          lrp.state(),
          models::ActualLRP::Presence_Name(lrp.presence()),
          FormatSince(lrp.since(), now),
          lrp.actual_lrp_instance_key().cell_id(),
          lrp.actual_lrp_instance_key().instance_guid(),
          lrp.availability_zone(),
          absl::StrCat(lrp.crash_count()),
          RoutableOf(lrp),
          AddressOf(lrp.actual_lrp_net_info()),
          NoteOf(lrp)};
}

Row TitlesOf(const models::ActualLRPGroup&) {
  return {kProcessGuid, "INDEX", "STATE", "AGE", "CELL", "EVACUATING", "EVACUATING FROM"};
}

Row RowOf(const models::ActualLRPGroup& group, absl::Time now) {
  const models::ActualLRP& shown = group.has_instance() ? group.instance() : group.evacuating();
  return {shown.actual_lrp_key().process_guid(),
          absl::StrCat(shown.actual_lrp_key().index()),
          group.has_instance() ? group.instance().state() : "",
          FormatSince(shown.since(), now),
          group.instance().actual_lrp_instance_key().cell_id(),
          group.evacuating().state(),
          group.evacuating().actual_lrp_instance_key().cell_id()};
}

Row TitlesOf(const models::DesiredLRP&) {
  return {kProcessGuid, "DOMAIN", "INSTANCES", "MEMORY", "DISK", "ROOTFS", "ROUTES"};
}

Row RowOf(const models::DesiredLRP& lrp, absl::Time) {
  return DesiredRow(lrp.process_guid(), lrp.domain(), lrp.instances(), lrp.memory_mb(),
                    lrp.disk_mb(), lrp.root_fs(), lrp.routes());
}

Row TitlesOf(const models::DesiredLRPSchedulingInfo&) {
  return TitlesOf(models::DesiredLRP::default_instance());
}

Row RowOf(const models::DesiredLRPSchedulingInfo& info, absl::Time) {
  const models::DesiredLRPResource& resource = info.desired_lrp_resource();
  return DesiredRow(info.desired_lrp_key().process_guid(), info.desired_lrp_key().domain(),
                    info.instances(), resource.memory_mb(), resource.disk_mb(), resource.root_fs(),
                    info.routes());
}

Row TitlesOf(const models::Task&) {
  return {"TASK GUID", "DOMAIN", "STATE", "AGE", "CELL", "FAILED", "RESULT"};
}

Row RowOf(const models::Task& task, absl::Time now) {
  const bool over =
      task.state() == models::Task::Completed || task.state() == models::Task::Resolving;
  return {task.task_guid(),
          task.domain(),
          models::Task::State_Name(task.state()),
          FormatSince(task.created_at(), now),
          task.cell_id(),
          over ? YesOrNo(task.failed()) : "",
          Shorten(OutcomeOf(task), kLongestNote)};
}

Row TitlesOf(const models::CellPresence&) {
  return {"CELL", "ZONE", "ADDRESS", "MEMORY", "DISK", "CONTAINERS", "ROOTFS", "TAGS"};
}

Row RowOf(const models::CellPresence& cell, absl::Time) {
  std::set<std::string> root_fs;
  for (const models::Provider& provider : cell.rootfs_providers()) {
    if (provider.properties().empty()) root_fs.insert(provider.name());
    root_fs.insert(provider.properties().begin(), provider.properties().end());
  }
  return {cell.cell_id(),
          cell.zone(),
          cell.rep_grpc_address().empty() ? cell.rep_url() : cell.rep_grpc_address(),
          FormatMegabytes(cell.capacity().memory_mb()),
          FormatMegabytes(cell.capacity().disk_mb()),
          absl::StrCat(cell.capacity().containers()),
          absl::StrJoin(root_fs, ","),
          absl::StrJoin(cell.placement_tags(), ",")};
}

Row TitlesOf(const models::Resource&) { return {"KEY", "TYPE", "OWNER", "TOKEN", "VALUE"}; }

Row RowOf(const models::Resource& resource, absl::Time) {
  return {resource.key(), resource.type(), resource.owner(),
          resource.fencing_token() == 0 ? "" : absl::StrCat(resource.fencing_token()),
          Shorten(resource.value(), kLongestNote)};
}

Row TitlesOf(const StateResponse&) {
  return {"CELL", "ZONE",     "FREE MEMORY", "FREE DISK", "FREE CONTAINERS",
          "LRPS", "STARTING", "TASKS",       "EVACUATING"};
}

Row RowOf(const StateResponse& state, absl::Time) {
  return {state.cell_id(),
          state.zone(),
          PartOf(state.available().memory_mb(), state.total().memory_mb()),
          PartOf(state.available().disk_mb(), state.total().disk_mb()),
          absl::StrCat(state.available().containers(), " of ", state.total().containers()),
          absl::StrCat(state.lrps_size()),
          absl::StrCat(state.starting_container_count()),
          absl::StrCat(state.tasks_size()),
          YesOrNo(state.evacuating())};
}

Row TitlesOf(const InstanceExplanation&) {
  return {"INDEX", "STATE", "PRESENCE", "AGE", "CELL", "WHY"};
}

Row RowOf(const InstanceExplanation& explanation, absl::Time now) {
  const models::ActualLRP& lrp = explanation.instance();
  return {absl::StrCat(explanation.index()),
          lrp.state(),
          explanation.has_instance() ? models::ActualLRP::Presence_Name(lrp.presence()) : "",
          FormatSince(lrp.since(), now),
          lrp.actual_lrp_instance_key().cell_id(),
          WhyText(explanation, now)};
}

Row TitlesOf(const PlacementTag&) { return {"TAG", "REQUIRED BY", "OFFERED BY", "WANTED BY"}; }

Row RowOf(const PlacementTag& tag, absl::Time) {
  const auto count = [](int32_t number, const char* of) {
    return absl::StrCat(number, " ", of, number == 1 ? "" : "s");
  };
  return {tag.name(), count(tag.required_by_cells(), "cell"), count(tag.offered_by_cells(), "cell"),
          count(tag.wanted_by_lrps(), "LRP")};
}

Row TitlesOf(const ContainerMetric&) {
  return {"CONTAINER", kProcessGuid, "INDEX", "CPU", "MEMORY", "DISK"};
}

Row RowOf(const ContainerMetric& metric) {
  const bool is_task = metric.process_guid().empty();
  return {metric.container_guid(),
          metric.process_guid(),
          is_task ? "" : absl::StrCat(metric.index()),
          absl::StrFormat("%.1f%%", metric.cpu_usage_fraction() * 100),
          PartOf(metric.memory_usage_bytes() >> 20, metric.memory_quota_bytes() >> 20),
          PartOf(metric.disk_usage_bytes() >> 20, metric.disk_quota_bytes() >> 20)};
}

Row TitlesOf(const DomainResponse&) { return {"DOMAIN", "FRESH", "EXPIRES IN", "CRASH POLICY"}; }

Row RowOf(const DomainResponse& domain, absl::Time now) {
  std::string expires_in = "never";
  if (domain.has_expires_at()) {
    const absl::Duration left = absl::FromUnixNanos(domain.expires_at()) - now;
    expires_in = domain.fresh() ? absl::FormatDuration(absl::Trunc(left, absl::Seconds(1))) : "";
  }
  return {domain.domain(), YesOrNo(domain.fresh()), expires_in,
          domain.crash_restart_policy().ShortDebugString()};
}

}  // namespace diego::cfdot
