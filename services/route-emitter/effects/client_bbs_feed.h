// ClientBbsFeed: the real BbsFeed, over libs/clients.
#pragma once

#include <memory>
#include <optional>

#include "libs/clients/bbs_client.h"
#include "libs/log/log.h"
#include "libs/models/ids.h"
#include "libs/sync/bounded_queue.h"
#include "libs/sync/worker.h"
#include "services/route-emitter/engine/bbs_feed.h"

namespace diego::route_emitter {

// Used by one thread; a second one, its own, reads the subscription, as that waits without end.
class ClientBbsFeed final : public BbsFeed {
 public:
  // `cell_id` empty: all cells. `client` must outlive it.
  ClientBbsFeed(clients::BbsClient& client, CellId cell_id, const log::Logger& log);
  ~ClientBbsFeed() override;

  absl::StatusOr<FeedSnapshot> List() override;
  absl::StatusOr<RoutingInfo> Find(const ProcessGuid& process_guid) override;
  void FollowAfter(int64_t revision) override;
  absl::StatusOr<std::optional<FeedGroup>> Next(absl::Duration timeout) override;

 private:
  // One subscription, its reader, and what it has read.
  struct Following;
  RoutingInfo Parse(const DesiredLrp& lrp) const;
  std::optional<Change> ChangeOf(const clients::BbsEvent& event) const;

  clients::BbsClient& client_;
  const CellId cell_id_;
  const log::Logger log_;
  std::unique_ptr<Following> following_;
};

}  // namespace diego::route_emitter
