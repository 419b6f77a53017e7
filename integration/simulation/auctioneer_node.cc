#include "integration/simulation/auctioneer_node.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"

namespace diego::simulation {
namespace {
constexpr absl::Duration kBeat = absl::Milliseconds(500);
constexpr char kNoRoom[] = "insufficient resources";

// The cell with the fewest instances of the process, then the most memory, that has room.
CellState* Choose(std::vector<CellState>* states, const ProcessGuid& guid, int32_t memory_mb) {
  CellState* best = nullptr;
  const auto score = [&](const CellState& state) {
    const auto same = std::count_if(state.lrps.begin(), state.lrps.end(), [&](const CellLrp& lrp) {
      return lrp.key.process_guid == guid;
    });
    return std::tuple(same, -state.available.memory_mb, state.cell_id.value());
  };
  for (CellState& state : *states) {
    if (state.available.memory_mb < memory_mb || state.available.containers < 1) continue;
    if (best == nullptr || score(state) < score(*best)) best = &state;
  }
  return best;
}
}  // namespace

AuctioneerNode::AuctioneerNode(World* world, Network* network, LocketNode* locket,
                               std::vector<BbsNode*> bbs, std::vector<Cell*> cells)
    : world_(world),
      network_(network),
      locket_(locket),
      bbs_(network, std::move(bbs), kAuctioneer),
      cells_(std::move(cells)) {
  world_->After(kBeat, [this] { Beat(); });
}

void AuctioneerNode::Request(const LrpStartRequest& request) {
  for (const int32_t index : request.indices) {
    LrpStartRequest one = request;
    one.indices = {index};
    waiting_.lrps[{request.process_guid, index}] = std::move(one);
  }
}

void AuctioneerNode::Request(const TaskStartRequest& request) {
  waiting_.tasks[request.task_guid] = request;
}

void AuctioneerNode::Restart() {
  world_->Note(kAuctioneer, "started again");
  waiting_ = {};
  in_round_ = false;
  ++life_;
}

Cell* AuctioneerNode::Find(const CellId& id) const {
  for (Cell* cell : cells_) {
    if (cell->id() == id) return cell;
  }
  return nullptr;
}

void AuctioneerNode::Beat() {
  world_->After(kBeat, [this] { Beat(); });
  if (!in_round_ && !waiting_.empty()) BeginRound();
}

void AuctioneerNode::BeginRound() {
  in_round_ = true;
  auto round = std::make_shared<Round>();
  locket_->ListCells(
      kAuctioneer, [this, round, life = life_](absl::StatusOr<LocketNode::Presences> cells) {
        if (life != life_) return;
        if (!cells.ok()) {
          in_round_ = false;
          return;
        }
        round->batch = std::exchange(waiting_, {});
        auto left = std::make_shared<size_t>((*cells)->size());
        const auto end = [this, round] {
          in_round_ = false;
          Place(std::move(*round));
        };
        if (*left == 0) return end();
        for (const CellId& id : **cells) {
          Cell* const cell = Find(id);
          network_->Ask<CellState>(
              kAuctioneer, id.value(),
              [cell](Answer<CellState> answer) { cell->AnswerState(std::move(answer)); },
              [this, round, left, end, life](absl::StatusOr<CellState> state) {
                if (life != life_) return;
                if (state.ok() && !state->evacuating) round->states.push_back(*state);
                if (--*left == 0) end();
              });
        }
      });
}

void AuctioneerNode::Place(Round round) {
  std::map<CellId, Work> work;
  for (const auto& [key, request] : round.batch.lrps) {
    const ActualLrpKey lrp = {request.process_guid, key.second, request.domain};
    CellState* cell = Choose(&round.states, request.process_guid, request.size.memory_mb);
    if (cell == nullptr) {
      Fail(lrp, kNoRoom);
      continue;
    }
    CellLrp placed;
    placed.key = lrp;
    placed.placement = request.placement;
    placed.size = request.size;
    cell->available.memory_mb -= request.size.memory_mb;
    cell->available.containers -= 1;
    cell->lrps.push_back(placed);
    work[cell->cell_id].lrps.push_back(placed);
  }
  for (const auto& [guid, request] : round.batch.tasks) {
    CellState* cell = Choose(&round.states, ProcessGuid(), request.size.memory_mb);
    if (cell == nullptr) {
      Fail(guid, kNoRoom);
      continue;
    }
    CellTask placed;
    placed.task_guid = guid;
    placed.domain = request.domain;
    placed.placement = request.placement;
    placed.size = request.size;
    cell->available.memory_mb -= request.size.memory_mb;
    cell->available.containers -= 1;
    work[cell->cell_id].tasks.push_back(placed);
  }
  for (auto& [id, handed] : work) {
    handed.cell_id = id;
    Cell* const cell = Find(id);
    network_->Ask<Work>(
        kAuctioneer, id.value(),
        [cell, handed = handed](Answer<Work> rejected) { cell->Perform(handed, rejected); },
        [this](absl::StatusOr<Work> rejected) {
          if (!rejected.ok()) return;
          for (const CellLrp& lrp : rejected->lrps) Fail(lrp.key, kNoRoom);
          for (const CellTask& task : rejected->tasks) Fail(task.task_guid, kNoRoom);
        });
  }
}

void AuctioneerNode::Fail(const ActualLrpKey& key, const std::string& reason) {
  bbs_.Call(bbs::FailActualLrp{key, reason}, [](const bbs::Reply&) {});
}

void AuctioneerNode::Fail(const TaskGuid& task, const std::string& reason) {
  bbs_.Call(bbs::RejectTask{task, reason}, [](const bbs::Reply&) {});
}

}  // namespace diego::simulation
