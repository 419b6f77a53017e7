// EmitterNode: the route-emitter, with its real core and the engine's watch loop, and the router
// that hears it.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "integration/simulation/bbs_node.h"
#include "services/route-emitter/engine/watch_loop.h"

namespace diego::simulation {

class EmitterNode final : private route_emitter::BbsFeed {
 public:
  EmitterNode(World* world, std::vector<BbsNode*> bbs);

  // What the router knows: hostname and address -> instance guid. Like a real one it knows one
  // instance at an address, the one that registered there last.
  using Routes = std::map<std::pair<std::string, std::string>, std::string>;
  const Routes& routes() const { return routes_; }
  bool Leads(const std::string& hostname, const InstanceGuid& instance) const;
  // The hostname that leads to a process.
  static std::string HostnameOf(const ProcessGuid& guid);

 private:
  void Beat();
  void Publish();
  std::shared_ptr<bbs::Term> FindActive();

  absl::StatusOr<route_emitter::FeedSnapshot> List() override;
  absl::StatusOr<route_emitter::RoutingInfo> Find(const ProcessGuid& process_guid) override;
  void FollowAfter(int64_t revision) override;
  absl::StatusOr<std::optional<route_emitter::FeedGroup>> Next(absl::Duration timeout) override;

  World* const world_;
  const std::vector<BbsNode*> bbs_;
  metrics::Registry registry_{"route_emitter"};
  route_emitter::EmitterMetrics metrics_{registry_};
  route_emitter::RouteState state_{route_emitter::RouteStateOptions()};
  route_emitter::WatchLoop loop_;

  std::shared_ptr<bbs::Term> term_;  // outlives its subscription
  std::shared_ptr<bbs::Subscription> subscription_;
  uint64_t revision_ = 0;          // followed after
  route_emitter::FeedGroup open_;  // of a revision that is not whole yet
  std::deque<route_emitter::FeedGroup> groups_;
  Routes routes_;
};

}  // namespace diego::simulation
