// Dispatcher: the engine's AfterCommit: every effect to the part that acts on it.
#pragma once

#include <utility>
#include <variant>
#include <vector>

#include "services/bbs/effects/auction_sender.h"
#include "services/bbs/effects/cell_caller.h"
#include "services/bbs/effects/task_callbacks.h"
#include "services/bbs/engine/after_commit.h"

namespace diego::bbs {

class Dispatcher final : public AfterCommit {
 public:
  // All outlive it.
  Dispatcher(AuctionSender* auctions, CellCaller* cells, TaskCallbacks* callbacks)
      : auctions_(auctions), cells_(cells), callbacks_(callbacks) {}

  void Act(std::vector<Effect> effects) override {
    for (Effect& effect : effects) {
      std::visit([this](auto& one) { Send(std::move(one)); }, effect);
    }
  }

 private:
  void Send(AuctionLrps effect) { auctions_->Send(std::move(effect)); }
  void Send(AuctionTask effect) { auctions_->Send(std::move(effect)); }
  void Send(StopInstance effect) { cells_->Call(std::move(effect)); }
  void Send(UpdateInstance effect) { cells_->Call(std::move(effect)); }
  void Send(CancelTaskOnCell effect) { cells_->Call(std::move(effect)); }
  void Send(CompleteTaskCallback effect) { callbacks_->Complete(std::move(effect)); }

  AuctionSender* const auctions_;
  CellCaller* const cells_;
  TaskCallbacks* const callbacks_;
};

}  // namespace diego::bbs
