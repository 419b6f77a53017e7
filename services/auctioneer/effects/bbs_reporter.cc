#include "services/auctioneer/effects/bbs_reporter.h"

#include <string>
#include <utility>

namespace diego::auctioneer {

BbsReporter::BbsReporter(const Options& options, clients::BbsClient& bbs,
                         AuctioneerMetrics& metrics, log::Logger log)
    : bbs_(bbs), metrics_(metrics), log_(std::move(log)), queue_(options.queue_capacity) {
  for (int i = 0; i < options.calls_at_a_time; ++i) {
    workers_.push_back(std::make_unique<Worker>("bbs-reporter", [this] { return Step(); }));
  }
}

BbsReporter::~BbsReporter() {
  queue_.Close();
  workers_.clear();
}

void BbsReporter::Report(std::vector<FailedLrp> lrps, std::vector<FailedTask> tasks) {
  size_t dropped = 0;
  for (FailedLrp& one : lrps) dropped += !queue_.TryPush(Failure(std::move(one)));
  for (FailedTask& one : tasks) dropped += !queue_.TryPush(Failure(std::move(one)));
  if (dropped == 0) return;
  metrics_.ReportsDropped(dropped);
  log_.Error("reports-dropped", absl::ResourceExhaustedError("too many reports wait for the BBS"),
             {{"count", dropped}});
}

absl::Duration BbsReporter::Step() {
  // One at a time, so that a stopping worker leaves the rest to nobody.
  for (const Failure& failure : queue_.PopSome(1, absl::Milliseconds(200))) Send(failure);
  return absl::ZeroDuration();
}

void BbsReporter::Send(const Failure& failure) {
  absl::Status sent;
  std::string guid;
  if (const auto* lrp = std::get_if<FailedLrp>(&failure)) {
    guid = lrp->auction.request->process_guid.value();
    sent = bbs_.FailActualLrp(lrp->auction.key(), PlacementErrorText(lrp->refusal),
                              ToPlacementRefusal(lrp->refusal));
  } else {
    const auto& task = std::get<FailedTask>(failure);
    guid = task.auction.request->task_guid.value();
    sent = bbs_.RejectTask(task.auction.request->task_guid, PlacementErrorText(task.refusal),
                           ToPlacementRefusal(task.refusal));
  }
  // Most often the record has gone on meanwhile: started by an earlier round, or removed.
  if (!sent.ok()) log_.Info("failed-to-report", {{"guid", guid}, {"error", sent}});
}

}  // namespace diego::auctioneer
