// Watcher: a subscriber of the event stream that builds its own picture of all records from events
// alone, resumes after interruptions, and compares: without gap or duplicate the picture at a
// revision is exactly what was committed by then.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "integration/simulation/bbs_node.h"

namespace diego::simulation {

class Watcher {
 public:
  Watcher(World* world, Database* database, std::vector<BbsNode*> bbs, std::string name);

  // For the report: how it fared.
  int resumed() const { return resumed_; }
  int resynced() const { return resynced_; }
  uint64_t revision() const { return revision_; }

 private:
  void Beat();
  void Subscribe();
  bool Resync(bbs::Term* term);
  void Take();
  void Apply(const bbs::Event& event);
  template <typename R>
  void ApplyRow(std::map<std::string, bbs::Record<R>>* rows, const bbs::RowChange<R>& change,
                const std::string& before_key, const std::string& after_key);
  void CheckShown(const DesiredLrp& lrp);
  void CheckTold(const bbs::DesiredLrpEvent& event);
  void Compare();
  void Disconnect();

  World* const world_;
  Database* const database_;
  const std::vector<BbsNode*> bbs_;
  const std::string name_;

  std::shared_ptr<bbs::Term> term_;  // outlives its subscription
  std::shared_ptr<bbs::Subscription> subscription_;
  uint64_t revision_ = 0;
  bool whole_ = true;  // the picture is that of `revision_`, not between two
  std::map<std::string, bbs::Record<ActualLrp>> actuals_;
  std::map<std::string, bbs::Record<DesiredLrp>> desired_;
  std::map<std::string, bbs::Record<Task>> tasks_;

  bbs::State committed_;  // the database at committed_revision_
  uint64_t committed_revision_ = 0;
  int resumed_ = 0;
  int resynced_ = 0;
};

}  // namespace diego::simulation
