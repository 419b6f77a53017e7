#include "services/rep/engine/reconcile_loop.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "libs/base/status_util.h"
#include "services/rep/core/container_tags.h"

namespace diego::rep {
namespace {

std::optional<WorkItem> ItemOf(const Container& container) {
  const absl::StatusOr<ContainerIdentity> identity = IdentityOf(container.guid, container.tags);
  if (!identity.ok()) return std::nullopt;
  return WorkItem{identity->lifecycle, identity->guid, identity->lrp};
}

}  // namespace

ReconcileLoop::ReconcileLoop(const ReconcileOptions& options, const CellIdentity& cell,
                             Executor& executor, Records& records, CellNotes& notes,
                             const Clock& clock, RepMetrics& metrics, const log::Logger& log)
    : options_(options),
      cell_(cell),
      executor_(executor),
      records_(records),
      clock_(clock),
      metrics_(metrics),
      log_(log.Session("reconcile")),
      lrp_steps_(cell, executor, records, notes, metrics, log),
      task_steps_(cell.cell_id, executor, records, notes, metrics, log),
      queue_(options.retry, clock) {}

void ReconcileLoop::OnContainerEvent(const ContainerEvent& event) {
  log_.Debug("container-event", {{"event", ContainerEventKindName(event.kind)},
                                 {"container_guid", event.container.guid}});
  Want(event.container);
}

void ReconcileLoop::Want(const Container& container) {
  if (const std::optional<WorkItem> item = ItemOf(container)) queue_.Add(*item);
}

absl::Duration ReconcileLoop::Step() {
  const std::optional<WorkItem> item = queue_.Take(options_.longest_wait);
  if (!item) return queue_.closed() ? absl::Seconds(1) : absl::ZeroDuration();
  const absl::Status status = Handle(*item);
  if (!status.ok()) {
    metrics_.StepFailed();
    log_.Error("step-left-to-the-next-pass", status, {{"container_guid", item->guid}});
  }
  queue_.Done(*item, !status.ok());
  return absl::ZeroDuration();
}

absl::Status ReconcileLoop::Handle(const WorkItem& item) {
  if (item.lifecycle == Lifecycle::kTask) return task_steps_.Handle(item);  // tasks never move
  const bool moves = evacuating() && executor_.Get(item.guid).ok();
  return moves ? lrp_steps_.HandleEvacuating(item) : lrp_steps_.Handle(item);
}

void ReconcileLoop::BeginEvacuation() {
  if (evacuating_.exchange(true)) return;
  for (const Container& container : executor_.List()) Want(container);
}

absl::Duration ReconcileLoop::BulkStep() {
  const absl::Duration began = clock_.Monotonic();
  const std::vector<Container> containers = executor_.List();
  absl::Status status = CompareLrps(containers);
  if (status.ok()) status = CompareTasks(containers);
  if (!status.ok()) {
    log_.Error("bulk-pass-failed", status);
    return options_.bulk_retry_pause;
  }
  metrics_.BulkPassed(clock_.Monotonic() - began);
  return evacuating() ? options_.evacuation_polling_interval : options_.polling_interval;
}

absl::Status ReconcileLoop::CompareLrps(const std::vector<Container>& containers) {
  DIEGO_ASSIGN_OR_RETURN(const std::vector<ActualLrp> rows, records_.LrpsOnCell());
  std::map<InstanceGuid, std::vector<ActualLrp>> by_instance;
  for (const ActualLrp& row : rows) by_instance[row.instance.instance_guid].push_back(row);
  std::set<InstanceGuid> seen;
  for (const Container& container : containers) {
    const std::optional<WorkItem> item = ItemOf(container);
    if (!item || item->lifecycle != Lifecycle::kLrp) continue;
    const InstanceGuid instance(item->guid);
    seen.insert(instance);
    // A row that names another holder, or none, is not in this listing: then a closer look is
    // needed, and so is one at whatever calls for an action.
    const auto found = by_instance.find(instance);
    if (evacuating() || found == by_instance.end() ||
        lrp_steps_.Decide(container, item->guid, found->second) != LrpAction::kNothing) {
      queue_.Add(*item);
    }
  }
  for (const auto& [instance, held] : by_instance) {
    if (seen.count(instance) > 0) continue;
    queue_.Add({Lifecycle::kLrp, instance.value(), held.front().key});
  }
  return absl::OkStatus();
}

absl::Status ReconcileLoop::CompareTasks(const std::vector<Container>& containers) {
  DIEGO_ASSIGN_OR_RETURN(const std::vector<Task> tasks, records_.TasksOnCell());
  std::map<std::string, const Task*> by_guid;
  for (const Task& task : tasks) by_guid[task.task_guid.value()] = &task;
  std::set<std::string> seen;
  for (const Container& container : containers) {
    const std::optional<WorkItem> item = ItemOf(container);
    if (!item || item->lifecycle != Lifecycle::kTask) continue;
    seen.insert(item->guid);
    const auto found = by_guid.find(item->guid);
    if (found == by_guid.end() ||
        task_steps_.Decide(container, *found->second) != TaskAction::kNothing) {
      queue_.Add(*item);
    }
  }
  for (const auto& [guid, task] : by_guid) {
    if (seen.count(guid) > 0) continue;
    if (task_steps_.Decide(std::nullopt, *task) == TaskAction::kNothing) continue;
    queue_.Add({Lifecycle::kTask, guid, {}});
  }
  return absl::OkStatus();
}

}  // namespace diego::rep
