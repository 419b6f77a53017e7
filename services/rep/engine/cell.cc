#include "services/rep/engine/cell.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/rep/core/capacity.h"
#include "services/rep/core/container_tags.h"
#include "services/rep/engine/container_view.h"

namespace diego::rep {
namespace {

// Puts the item of a reservation that was refused back among what is handed back.
void HandBack(const ContainerIdentity& identity, const Work& work, Work* rejected) {
  for (const CellLrp& lrp : work.lrps) {
    if (identity.lifecycle == Lifecycle::kLrp && lrp.key == identity.lrp) {
      rejected->lrps.push_back(lrp);
      return;
    }
  }
  for (const CellTask& task : work.tasks) {
    if (identity.lifecycle == Lifecycle::kTask && task.task_guid.value() == identity.guid) {
      rejected->tasks.push_back(task);
      return;
    }
  }
}

}  // namespace

Cell::Cell(const CellFacts& facts, Executor& executor, CellNotes& notes, ReconcileLoop& reconcile,
           uint64_t seed, RepMetrics& metrics, const log::Logger& log)
    : facts_(facts),
      executor_(executor),
      notes_(notes),
      reconcile_(reconcile),
      metrics_(metrics),
      log_(log.Session("cell")),
      admission_(std::in_place, seed) {}

CellState Cell::State() const {
  const std::vector<Container> containers = executor_.List();
  CellState state = StateOf(facts_, ViewOf(containers), turned_away_);
  metrics_.Capacity(state.total, state.available, containers.size(),
                    state.starting_container_count);
  return state;
}

absl::StatusOr<Work> Cell::Perform(const Work& work) {
  if (!work.cell_id.empty() && work.cell_id != facts_.cell_id) {
    return absl::InvalidArgumentError(absl::StrCat("work is for cell '", work.cell_id.value(),
                                                   "', this is '", facts_.cell_id.value(), "'"));
  }
  WorkPlan plan = admission_.With([&](Random& random) {
    WorkPlan planned =
        PlanWork(facts_, ViewOf(executor_.List()), turned_away_, work, random.Next());
    std::vector<PlannedReservation> made;
    for (PlannedReservation& reservation : planned.reservations) {
      const ContainerIdentity& identity = reservation.identity;
      const absl::Status reserved =
          executor_.Reserve({identity.guid, reservation.size, TagsOf(identity)});
      if (reserved.ok()) {
        made.push_back(std::move(reservation));
      } else {
        planned.refusals.push_back({identity.guid, std::string(reserved.message())});
        HandBack(identity, work, &planned.rejected);
      }
    }
    planned.reservations = std::move(made);
    return planned;
  });
  for (const PlannedReservation& reservation : plan.reservations) {
    const ContainerIdentity& identity = reservation.identity;
    log_.Info("reserved", {{"container_guid", identity.guid},
                           {"process_guid", identity.lrp.process_guid.value()},
                           {"index", identity.lrp.index},
                           {"memory_mb", reservation.size.memory_mb}});
  }
  for (const Refusal& refusal : plan.refusals) {
    log_.Info("handed-back", {{"guid", refusal.guid}, {"reason", refusal.reason}});
  }
  metrics_.WorkTaken(plan.reservations.size(), plan.refusals.size());
  return std::move(plan.rejected);
}

absl::Status Cell::StopLrp(const InstanceGuid& instance_guid) {
  log_.Info("handling-stop-lrp-instance", {{"instance_guid", instance_guid.value()}});
  return executor_.Stop(instance_guid.value());
}

absl::Status Cell::UpdateLrp(const LrpInstanceUpdate& update) {
  const std::string& guid = update.instance.instance_guid.value();
  absl::StatusOr<Container> container = executor_.Get(guid);
  if (!container.ok()) return container.status();
  if (notes_.Update(guid, update)) reconcile_.Want(*container);
  return absl::OkStatus();
}

absl::Status Cell::CancelTask(const TaskGuid& task_guid) {
  log_.Info("cancelling-task", {{"task_guid", task_guid.value()}});
  const absl::Status deleted = executor_.Delete(task_guid.value());
  return absl::IsNotFound(deleted) ? absl::OkStatus() : deleted;
}

std::vector<ContainerUsage> Cell::Usage() {
  std::vector<ContainerUsage> usage;
  std::vector<CpuReading> readings;
  for (CellContainer& container : ViewOf(executor_.List())) {
    const std::string& guid = container.identity.guid;
    const absl::StatusOr<ContainerMetrics> metrics = executor_.Metrics(guid);
    if (!metrics.ok()) continue;
    readings.push_back({guid, metrics->cpu_time, metrics->age});
    std::string metric_guid = notes_.Get(guid).metric_guid;
    if (metric_guid.empty()) metric_guid = guid;
    usage.push_back({std::move(container), *metrics, std::move(metric_guid)});
  }
  const std::vector<double> fractions =
      cpu_use_.With([&](CpuUse& cpu_use) { return cpu_use.Take(readings); });
  for (size_t i = 0; i < usage.size(); ++i) usage[i].cpu_fraction = fractions[i];
  return usage;
}

void Cell::BeginEvacuation() {
  TurnAway();
  if (!evacuating()) {
    log_.Info("evacuation-begins", {{"containers", static_cast<int64_t>(executor_.List().size())}});
  }
  reconcile_.BeginEvacuation();
}

bool Cell::DeleteAll() {
  const std::vector<Container> containers = executor_.List();
  for (const Container& container : containers) {
    const absl::Status deleted = executor_.Delete(container.guid);
    if (!deleted.ok() && !absl::IsNotFound(deleted)) {
      log_.Error("failed-to-delete-container", deleted, {{"container_guid", container.guid}});
    }
  }
  return containers.empty();
}

}  // namespace diego::rep
