// BbsNode: one BBS process, with the real core and engine: it campaigns for the lock, serves a term
// while it holds office, and can be killed, paused and brought back.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "integration/simulation/fake_store.h"
#include "integration/simulation/locket_node.h"
#include "services/bbs/core/cell_loss.h"
#include "services/bbs/engine/term.h"

namespace diego::simulation {

// What Handle replies when the node is killed or fenced meanwhile: nobody in the system hears it.
bool IsSilence(const absl::Status& status);
// A BBS that is active has carried the command out or refused it.
bool IsAnswer(const absl::Status& status);

class BbsNode final : private bbs::AfterCommit, private bbs::LiveCells, private bbs::EngineMetrics {
 public:
  // Where effects go; called when they leave the node.
  using OnEffect = std::function<void(const std::string& node, const bbs::Effect& effect)>;

  BbsNode(World* world, Database* database, LocketNode* locket, std::string name,
          OnEffect on_effect);
  ~BbsNode() override;

  const std::string& name() const { return name_; }
  bool alive() const { return alive_; }

  void Kill();
  void Restart();
  // Not a step is taken meanwhile: a long pause of the process.
  void Pause(absl::Duration duration);

  // At the node: runs a command. The reply is Unavailable when it is not active.
  void Handle(bbs::Command command, Answer<bbs::Reply> reply,
              std::optional<bbs::RequestIdentity> once = std::nullopt);
  // The term while it serves, else nullptr.
  std::shared_ptr<bbs::Term> serving();
  // The cells that are present as far as it knows; nullptr: not known.
  LocketNode::Presences live_cells() const { return Get().present; }

 private:
  enum class Loop { kSequencer, kCommitter, kPublisher, kHub, kConverger };

  void Act(std::vector<bbs::Effect> effects, const std::string& trace_id) override;
  Seen Get() const override;
  void Expect(const std::set<CellId>& cells) override;
  void BatchCommitted(size_t, const bbs::Changes&, absl::Duration) override {}
  void CommitUnsure() override {}
  void SubscriberCutOff() override {}
  void ConvergenceSliced(absl::Duration) override {}
  void ConvergencePassed(absl::Duration, const bbs::ConvergenceCounts&) override {}
  void EvacuationsStranded(size_t) override {}

  void Beat(uint64_t life);
  void Campaign();
  void TakeOffice(uint64_t token);
  void LoadTerm(uint64_t epoch);
  void LeaveOffice();
  void ReadCells();
  void TakeCells(absl::StatusOr<LocketNode::Presences> cells);
  void Wake(Loop loop, absl::Duration delay);
  void Run(Loop loop);
  bool Runs() const { return alive_ && world_->now() >= paused_until_; }

  World* const world_;
  LocketNode* const locket_;
  const std::string name_;
  const OnEffect on_effect_;
  DatabaseStore store_;

  bool alive_ = false;
  uint64_t life_ = 0;  // counts restarts: whatever an earlier life planned is void
  std::string owner_;  // of the lock: a new one for each bid for office
  absl::Duration paused_until_;
  std::shared_ptr<bbs::Term> term_;
  bool loaded_ = false;
  std::array<bool, 5> woken_{};
  std::shared_ptr<const std::set<CellId>> cells_;
  absl::Duration cells_read_at_;
  bbs::CellLosses losses_;
  uint64_t next_call_ = 0;
  std::map<uint64_t, Answer<bbs::Reply>> waiting_;
};

}  // namespace diego::simulation
