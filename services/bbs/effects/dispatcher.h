// Dispatcher: the engine's AfterCommit: every effect to the part that acts on it.
#pragma once

#include <string>
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

  void Act(std::vector<Effect> effects, const std::string& trace_id) override {
    for (Effect& effect : effects) {
      std::visit([&](auto& one) { Send(std::move(one), trace_id); }, effect);
    }
  }

 private:
  void Send(AuctionLrps effect, const std::string& trace_id) {
    auctions_->Send(std::move(effect.request), trace_id);
  }
  void Send(AuctionTask effect, const std::string& trace_id) {
    auctions_->Send(std::move(effect.request), trace_id);
  }
  void Send(StopInstance effect, const std::string& trace_id) {
    cells_->Call(std::move(effect), trace_id);
  }
  void Send(UpdateInstance effect, const std::string& trace_id) {
    cells_->Call(std::move(effect), trace_id);
  }
  void Send(CancelTaskOnCell effect, const std::string& trace_id) {
    cells_->Call(std::move(effect), trace_id);
  }
  void Send(CompleteTaskCallback effect, const std::string&) {
    callbacks_->Complete(std::move(effect));
  }

  AuctionSender* const auctions_;
  CellCaller* const cells_;
  TaskCallbacks* const callbacks_;
};

}  // namespace diego::bbs
