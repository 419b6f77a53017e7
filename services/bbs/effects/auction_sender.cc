#include "services/bbs/effects/auction_sender.h"

#include <utility>

#include "libs/base/status_util.h"

namespace diego::bbs {

AuctionSender::AuctionSender(const Options& options, const log::Logger& log, Auctioneer auctioneer,
                             EffectsMetrics* metrics)
    : options_(options),
      log_(log.Session("auction-sender")),
      auctioneer_(std::move(auctioneer)),
      metrics_(metrics),
      queue_(options.queue_requests) {}

void AuctionSender::Send(std::variant<LrpStartRequest, TaskStartRequest> what,
                         const std::string& trace_id) {
  Request request{std::move(what), trace_id};
  if (!queue_.TryPush(request)) metrics_->AuctionsDropped(1);
}

absl::Duration AuctionSender::Step(absl::Duration patience) {
  if (batches_.empty()) {
    for (Request& request : queue_.PopSome(options_.batch_requests, patience)) {
      Batch& batch = batches_[request.trace_id];
      if (auto* lrp = std::get_if<LrpStartRequest>(&request.what)) {
        batch.lrps.push_back(std::move(*lrp));
      } else {
        batch.tasks.push_back(std::get<TaskStartRequest>(std::move(request.what)));
      }
    }
    failures_ = 0;
    if (batches_.empty()) return absl::ZeroDuration();
  }
  const absl::Status status = SendAll();
  if (status.ok()) return absl::ZeroDuration();
  ++failures_;
  if (failures_ < options_.tries) return options_.pause * (1 << (failures_ - 1));
  size_t dropped = 0;
  for (const auto& [trace_id, batch] : batches_) dropped += batch.lrps.size() + batch.tasks.size();
  log_.Error("failed-to-request-auction", status,
             {{"dropped", dropped}, {"trace_id", batches_.begin()->first}});
  metrics_->AuctionsDropped(dropped);
  batches_.clear();
  return absl::ZeroDuration();
}

absl::Status AuctionSender::SendAll() {
  while (!batches_.empty()) {
    const auto first = batches_.begin();
    DIEGO_RETURN_IF_ERROR(Send(first->first, &first->second));
    batches_.erase(first);
  }
  return absl::OkStatus();
}

absl::Status AuctionSender::Send(const std::string& trace_id, Batch* batch) {
  const auto fields = [&](size_t requests) -> log::Fields {
    return {{"requests", requests}, {"trace_id", trace_id}};
  };
  if (!batch->lrps.empty()) {
    log_.Debug("start-lrp-auction-request", fields(batch->lrps.size()));
    DIEGO_RETURN_IF_ERROR(auctioneer_.lrps(batch->lrps, trace_id));
    log_.Debug("finished-lrp-auction-request", fields(batch->lrps.size()));
    metrics_->AuctionsSent(batch->lrps.size());
    batch->lrps.clear();
  }
  if (!batch->tasks.empty()) {
    log_.Debug("start-task-auction-request", fields(batch->tasks.size()));
    DIEGO_RETURN_IF_ERROR(auctioneer_.tasks(batch->tasks, trace_id));
    log_.Debug("finished-task-auction-request", fields(batch->tasks.size()));
    metrics_->AuctionsSent(batch->tasks.size());
    batch->tasks.clear();
  }
  return absl::OkStatus();
}

}  // namespace diego::bbs
