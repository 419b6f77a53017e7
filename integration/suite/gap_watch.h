// GapWatch: sees every moment of an app at which one of its indices had no running instance, or no
// route to one. It looks at no samples: instances are followed by the BBS's events, revision by
// revision, and routes by the messages that a router got.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "integration/harness/router.h"
#include "libs/clients/bbs_client.h"
#include "libs/models/actual_lrp.h"
#include "libs/sync/guarded.h"
#include "libs/sync/worker.h"

namespace diego::suite {

class GapWatch {
 public:
  // From now on. The app runs whole, and is routed, and `router` outlives the watch.
  GapWatch(std::unique_ptr<clients::BbsClient> bbs, const harness::Router& router, ProcessGuid app,
           std::string hostname, int instances);
  ~GapWatch();

  // Once the watch has seen what is listed now: every moment without an instance, in words.
  std::vector<std::string> InstanceGaps();
  // The same of routes. An index has none after the message that takes the last one away, however
  // soon the next message brings another.
  std::vector<std::string> RouteGaps() const;
  // How many revisions told of the app so far.
  int revisions() const {
    return data_.With([](const Data& data) { return data.revisions; });
  }

 private:
  using Running = std::set<std::tuple<int32_t, Presence, InstanceGuid>>;
  struct Data {
    bool stopping = false;
    std::shared_ptr<clients::BbsSubscription> subscription;
    Running running;
    int revisions = 0;
    std::vector<std::string> gaps;
  };
  absl::StatusOr<clients::Listing<ActualLrp>> List();
  absl::Duration Follow();
  void Begin();
  void Take(const clients::EventGroup& group);
  void Check(int64_t revision, Data* data) const;

  const std::unique_ptr<clients::BbsClient> bbs_;
  const harness::Router& router_;
  const ProcessGuid app_;
  const std::string hostname_;
  const int instances_;
  Guarded<Data> data_;
  std::unique_ptr<Worker> worker_;
};

}  // namespace diego::suite
