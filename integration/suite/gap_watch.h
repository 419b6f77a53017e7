// GapWatch: sees every moment of an app at which one of its indices had no running instance. It
// looks at no samples: instances are followed by the BBS's events, revision by revision. Routes are
// not watched here: the emitter withdraws the old one of an index a message before it registers the
// new one, a gap that Traffic with more than one index does not fall into.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "libs/clients/bbs_client.h"
#include "libs/models/actual_lrp.h"
#include "libs/sync/guarded.h"
#include "libs/sync/worker.h"

namespace diego::suite {

class GapWatch {
 public:
  // From now on. The app runs whole.
  GapWatch(std::unique_ptr<clients::BbsClient> bbs, ProcessGuid app, int instances);
  ~GapWatch();

  // Once the watch has seen what is listed now: every moment without an instance, in words.
  std::vector<std::string> InstanceGaps();
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
  const ProcessGuid app_;
  const int instances_;
  Guarded<Data> data_;
  std::unique_ptr<Worker> worker_;
};

}  // namespace diego::suite
