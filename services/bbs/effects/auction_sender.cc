#include "services/bbs/effects/auction_sender.h"

#include <utility>

namespace diego::bbs {

AuctionSender::AuctionSender(const Options& options, const log::Logger& log, Auctioneer auctioneer,
                             EffectsMetrics* metrics)
    : options_(options),
      log_(log.Session("auction-sender")),
      auctioneer_(std::move(auctioneer)),
      metrics_(metrics),
      queue_(options.queue_requests) {}

void AuctionSender::Enqueue(Request request) {
  if (!queue_.TryPush(request)) metrics_->AuctionsDropped(1);
}

absl::Duration AuctionSender::Step(absl::Duration patience) {
  if (lrps_.empty() && tasks_.empty()) {
    for (Request& request : queue_.PopSome(options_.batch_requests, patience)) {
      if (auto* lrp = std::get_if<LrpStartRequest>(&request)) lrps_.push_back(std::move(*lrp));
      if (auto* task = std::get_if<TaskStartRequest>(&request)) tasks_.push_back(std::move(*task));
    }
    failures_ = 0;
    if (lrps_.empty() && tasks_.empty()) return absl::ZeroDuration();
  }
  const absl::Status status = SendBatch();
  if (status.ok()) return absl::ZeroDuration();
  ++failures_;
  if (failures_ < options_.tries) return options_.pause * (1 << (failures_ - 1));
  const size_t dropped = lrps_.size() + tasks_.size();
  log_.Error("failed-to-request-auction", status, {{"dropped", dropped}});
  metrics_->AuctionsDropped(dropped);
  lrps_.clear();
  tasks_.clear();
  return absl::ZeroDuration();
}

absl::Status AuctionSender::SendBatch() {
  if (!lrps_.empty()) {
    if (absl::Status status = auctioneer_.lrps(lrps_); !status.ok()) return status;
    metrics_->AuctionsSent(lrps_.size());
    lrps_.clear();
  }
  if (!tasks_.empty()) {
    if (absl::Status status = auctioneer_.tasks(tasks_); !status.ok()) return status;
    metrics_->AuctionsSent(tasks_.size());
    tasks_.clear();
  }
  return absl::OkStatus();
}

}  // namespace diego::bbs
