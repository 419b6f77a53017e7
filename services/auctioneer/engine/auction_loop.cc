#include "services/auctioneer/engine/auction_loop.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"

namespace diego::auctioneer {
namespace {

// Lines about failures in one round, at most.
constexpr size_t kMaxFailureLines = 50;
constexpr char kLrpFailed[] = "lrp-failed-to-be-placed";
constexpr char kTaskFailed[] = "task-failed-to-be-placed";

absl::Status StandbyError() {
  return absl::UnavailableError("this auctioneer is a standby: it does not hold the lock");
}

}  // namespace

AuctionLoop::AuctionLoop(const Options& options, CellGateway& gateway, FailureReporter& reporter,
                         std::function<bool()> active, const Clock& clock,
                         AuctioneerMetrics& metrics, log::Logger log)
    : options_(options),
      gateway_(gateway),
      reporter_(reporter),
      active_(std::move(active)),
      clock_(clock),
      metrics_(metrics),
      log_(std::move(log)),
      pending_(std::in_place, options.capacity) {}

template <typename Request>
absl::StatusOr<AuctionLoop::Admission> AuctionLoop::Take(const std::vector<Request>& requests,
                                                         absl::string_view kind) {
  if (!active_()) return StandbyError();
  Admission admission;
  for (const Request& request : requests) {
    if (std::string fault = FaultOf(request); !fault.empty()) {
      log_.Info("dropped-request", {{"kind", kind}, {"fault", fault}});
      admission.dropped.push_back(std::move(fault));
      continue;
    }
    if (!pending_.With([&](PendingBatch& pending) { return pending.Add(request); })) {
      return absl::ResourceExhaustedError(
          absl::StrCat(options_.capacity, " pieces of work wait already; try again later"));
    }
    ++admission.accepted;
  }
  log_.Debug("submitted", {{"kind", kind}, {"accepted", admission.accepted}});
  return admission;
}

absl::StatusOr<AuctionLoop::Admission> AuctionLoop::RequestLrps(
    const std::vector<LrpStartRequest>& requests) {
  return Take(requests, "lrp");
}

absl::StatusOr<AuctionLoop::Admission> AuctionLoop::RequestTasks(
    const std::vector<TaskStartRequest>& requests) {
  return Take(requests, "task");
}

absl::Duration AuctionLoop::Step() {
  const bool has_work =
      pending_.When([](const PendingBatch& pending) { return !pending.empty(); }, options_.patience,
                    [](PendingBatch&, bool held) { return held; });
  if (!has_work) return absl::ZeroDuration();
  if (!active_()) {
    // Whoever holds the lock now hears of all this from the BBS's convergence.
    pending_.With([](PendingBatch& pending) { pending.Take(); });
    gathers_ = 0;
    return absl::ZeroDuration();
  }
  log_.Debug("fetching-cell-reps");
  const absl::StatusOr<std::vector<CellPresence>> cells = gateway_.Cells();
  if (!cells.ok()) {
    log_.Error("failed-to-fetch-cells", cells.status());
    return options_.retry_pause;
  }
  log_.Debug("fetched-cell-reps", {{"cells", cells->size()}});
  Gathered gathered = Gather(*cells);
  if (gathered.states.empty() && ++gathers_ < kMaxGathers) {
    log_.Info("no-cell-answered", {{"cells", cells->size()}, {"try", gathers_}});
    return absl::ZeroDuration();
  }
  gathers_ = 0;
  RunRound(*cells, std::move(gathered));
  return absl::ZeroDuration();
}

AuctionLoop::Gathered AuctionLoop::Gather(const std::vector<CellPresence>& cells) {
  const absl::Duration start = clock_.Monotonic();
  log_.Debug("fetching-zone-state", {{"cells", cells.size()}});
  std::vector<absl::StatusOr<CellState>> answers = gateway_.States(cells);
  Gathered gathered;
  size_t failed = 0;
  for (size_t i = 0; i < cells.size(); ++i) {
    const std::string& id = cells[i].cell_id.value();
    if (!answers[i].ok()) {
      ++failed;
      log_.Error("failed-to-get-state", answers[i].status(), {{"cell_id", id}});
    } else if (answers[i]->cell_id != cells[i].cell_id) {
      ++failed;
      log_.Error("cell-id-mismatch", absl::InternalError("another cell answered"),
                 {{"cell_id", id}, {"answered", answers[i]->cell_id.value()}});
    } else if (answers[i]->evacuating) {
      ++gathered.unasked.evacuating;
    } else {
      gathered.states.push_back(*std::move(answers[i]));
    }
  }
  gathered.unasked.unreachable = static_cast<int>(failed);
  metrics_.StatesFetched(clock_.Monotonic() - start, failed);
  return gathered;
}

void AuctionLoop::RunRound(const std::vector<CellPresence>& cells, Gathered gathered) {
  Batch batch = pending_.With([](PendingBatch& pending) { return pending.Take(); });
  const size_t size = batch.size();
  const size_t cells_answered = gathered.states.size();
  Refusal handed_back;
  handed_back.reason = Refusal::Reason::kRefusedByCells;
  handed_back.times_handed_back = kMaxAttempts;
  handed_back.counts.considered = static_cast<int>(cells_answered);
  CountUnasked(gathered.unasked, &handed_back);
  const absl::Duration start = clock_.Monotonic();
  log_.Debug("scheduling", {{"size", size}, {"cells", cells_answered}});
  Schedule schedule =
      Decide(std::move(gathered.states), std::move(batch), options_.settings, gathered.unasked);
  const absl::Duration took = clock_.Monotonic() - start;

  if (!active_()) {
    log_.Info("round-abandoned", {{"reason", StandbyError()}, {"size", size}});
    return;
  }
  if (log_.Enabled(log::Level::kDebug)) LogPlacements(schedule);
  Deliver(cells, handed_back, schedule);
  size_t lrps = 0;
  size_t tasks = 0;
  for (const CellWork& work : schedule.work) {
    lrps += work.lrps.size();
    tasks += work.tasks.size();
  }
  metrics_.Scheduled(took, lrps, schedule.failed_lrps.size(), tasks, schedule.failed_tasks.size());
  log_.Info("scheduled", {{"cells", cells_answered},
                          {"lrps_placed", lrps},
                          {"lrps_failed", schedule.failed_lrps.size()},
                          {"tasks_placed", tasks},
                          {"tasks_failed", schedule.failed_tasks.size()},
                          {"decided_in", took}});
  LogFailures(schedule);
  if (!schedule.failed_lrps.empty() || !schedule.failed_tasks.empty()) {
    reporter_.Report(std::move(schedule.failed_lrps), std::move(schedule.failed_tasks));
  }
}

void AuctionLoop::Deliver(const std::vector<CellPresence>& cells, const Refusal& refusal,
                          Schedule& schedule) {
  std::map<CellId, const CellPresence*> by_id;
  for (const CellPresence& cell : cells) by_id[cell.cell_id] = &cell;
  std::vector<CellGateway::Delivery> deliveries;
  deliveries.reserve(schedule.work.size());
  for (const CellWork& work : schedule.work) {
    deliveries.push_back({*by_id.at(work.cell_id), ToWork(work)});
  }
  const std::vector<absl::StatusOr<Work>> answers = gateway_.Deliver(deliveries);
  size_t handed_back = 0;
  for (size_t i = 0; i < answers.size(); ++i) {
    const CellWork& work = schedule.work[i];
    if (!answers[i].ok()) {
      metrics_.DeliveryFailed();
      log_.Error("failed-to-commit", answers[i].status(),
                 {{"cell_id", work.cell_id.value()},
                  {"lrps", work.lrps.size()},
                  {"tasks", work.tasks.size()}});
      continue;
    }
    handed_back += TakeBack(work, *answers[i], refusal, schedule);
  }
  metrics_.HandedBack(handed_back);
}

size_t AuctionLoop::TakeBack(const CellWork& work, const Work& rejected, const Refusal& refusal,
                             Schedule& schedule) {
  if (rejected.lrps.empty() && rejected.tasks.empty()) return 0;
  std::set<std::pair<ProcessGuid, int32_t>> lrps;
  for (const CellLrp& lrp : rejected.lrps) lrps.insert({lrp.key.process_guid, lrp.key.index});
  std::set<TaskGuid> tasks;
  for (const CellTask& task : rejected.tasks) tasks.insert(task.task_guid);

  size_t count = 0;
  for (LrpAuction auction : work.lrps) {
    if (lrps.count({auction.request->process_guid, auction.index}) == 0) continue;
    ++count;
    if (++auction.attempts >= kMaxAttempts) {
      schedule.failed_lrps.push_back({std::move(auction), refusal});
    } else {
      pending_.With([&](PendingBatch& pending) { pending.Return(std::move(auction)); });
    }
  }
  for (TaskAuction auction : work.tasks) {
    if (tasks.count(auction.request->task_guid) == 0) continue;
    ++count;
    if (++auction.attempts >= kMaxAttempts) {
      schedule.failed_tasks.push_back({std::move(auction), refusal});
    } else {
      pending_.With([&](PendingBatch& pending) { pending.Return(std::move(auction)); });
    }
  }
  log_.Info("work-handed-back", {{"cell_id", work.cell_id.value()}, {"count", count}});
  return count;
}

void AuctionLoop::LogPlacements(const Schedule& schedule) const {
  for (const CellWork& work : schedule.work) {
    for (const LrpAuction& auction : work.lrps) {
      log_.Debug("lrp-added-to-cell", {{"cell_id", work.cell_id.value()},
                                       {"process_guid", auction.request->process_guid.value()},
                                       {"index", auction.index}});
    }
    for (const TaskAuction& auction : work.tasks) {
      log_.Debug("task-added-to-cell", {{"cell_id", work.cell_id.value()},
                                        {"task_guid", auction.request->task_guid.value()}});
    }
  }
}

void AuctionLoop::LogFailures(const Schedule& schedule) const {
  // One line for work that failed alike, with the counts of the first.
  struct Failures {
    const Refusal* first;
    size_t count;
  };
  std::map<std::tuple<absl::string_view, std::string, std::string>, Failures> lines;
  const Refusal* in_flight = nullptr;
  const auto add = [&](absl::string_view message, const std::string& guid, const Refusal& refusal) {
    const auto [line, is_new] =
        lines.try_emplace({message, guid, PlacementErrorText(refusal)}, Failures{&refusal, 0});
    ++line->second.count;
    if (refusal.reason == Refusal::Reason::kInFlightLimit) in_flight = &refusal;
  };
  for (const FailedLrp& one : schedule.failed_lrps) {
    add(kLrpFailed, one.auction.request->process_guid.value(), one.refusal);
  }
  for (const FailedTask& one : schedule.failed_tasks) {
    add(kTaskFailed, one.auction.request->task_guid.value(), one.refusal);
  }
  if (in_flight != nullptr) {
    log_.Info("exceeded-max-inflight-container-creation",
              {{"starting", in_flight->starting}, {"max_inflight", in_flight->starting_limit}});
  }
  size_t written = 0;
  for (const auto& [what, failures] : lines) {
    if (++written > kMaxFailureLines) break;
    const auto& [message, guid, reason] = what;
    const Refusal::Counts& counts = failures.first->counts;
    log_.Info(message, {{"guid", guid},
                        {"reason", reason},
                        {"instances", failures.count},
                        {"cells", counts.considered},
                        {"unreachable", counts.unreachable},
                        {"evacuating", counts.evacuating},
                        {"without_rootfs", counts.without_root_fs},
                        {"without_volume_drivers", counts.without_volume_drivers},
                        {"without_placement_tags", counts.without_placement_tags},
                        {"short_of_memory", counts.short_of_memory},
                        {"short_of_disk", counts.short_of_disk},
                        {"short_of_containers", counts.short_of_containers}});
  }
}

}  // namespace diego::auctioneer
