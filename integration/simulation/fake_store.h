// Database: what the BBSs share. It behaves (keeps rows, fences by epoch), fails by chance, and
// keeps the history of every commit, so that anybody's picture of a revision can be checked.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "integration/simulation/faults.h"
#include "integration/simulation/world.h"
#include "services/bbs/core/state.h"
#include "services/bbs/engine/commit_store.h"

namespace diego::simulation {

class Database {
 public:
  // Called after each commit: who, and what it changed.
  using OnCommit = std::function<void(const std::string& node, const bbs::Changes& changes)>;

  Database(World* world, const FaultRates* rates, OnCommit on_commit)
      : world_(world), rates_(rates), on_commit_(std::move(on_commit)) {}

  void SetAway(bool away) { away_ = away; }

  // What has committed.
  const bbs::State& state() const { return state_; }
  uint64_t revision() const { return history_.size(); }
  // The changes of revision 1, 2, …
  const bbs::Changes& ChangesOf(uint64_t revision) const { return history_.at(revision - 1); }

  absl::StatusOr<bbs::LoadedState> Load(const std::string& node, uint64_t epoch);
  bbs::CommitReply Commit(const std::string& node, const bbs::Fence& fence,
                          const bbs::Changes& changes);
  bbs::CommitReply Confirm(uint64_t epoch);

 private:
  World* const world_;
  const FaultRates* const rates_;
  const OnCommit on_commit_;

  bool away_ = false;
  bbs::Fence office_;
  std::map<uint64_t, std::string> node_of_epoch_;
  bbs::State state_;
  std::vector<bbs::Changes> history_;
};

// One BBS's connection to it.
class DatabaseStore final : public bbs::CommitStore {
 public:
  DatabaseStore(Database* database, std::string node)
      : database_(database), node_(std::move(node)) {}
  absl::StatusOr<bbs::LoadedState> Load(uint64_t epoch) override {
    return database_->Load(node_, epoch);
  }
  bbs::CommitReply Commit(const bbs::Fence& fence, const bbs::Changes& changes) override {
    return database_->Commit(node_, fence, changes);
  }
  bbs::CommitReply Confirm(uint64_t epoch) override { return database_->Confirm(epoch); }

 private:
  Database* const database_;
  const std::string node_;
};

}  // namespace diego::simulation
