#include "integration/simulation/auctioneer_node.h"

namespace diego::simulation {
namespace {

constexpr absl::Duration kBeat = absl::Milliseconds(300);

// Asks all of `targets` at the same time and blocks until each has answered or timed out.
template <typename R, typename Target, typename Begin>
std::vector<absl::StatusOr<R>> AskAll(World* world, const std::vector<Target>& targets,
                                      const Begin& begin) {
  struct Answers {
    std::vector<absl::StatusOr<R>> all;
    size_t missing = 0;
  };
  const auto answers = std::make_shared<Answers>();
  answers->all.assign(targets.size(), absl::UnavailableError("the run has ended"));
  answers->missing = targets.size();
  for (size_t i = 0; i < targets.size(); ++i) {
    begin(targets[i], [answers, i](absl::StatusOr<R> answer) {
      answers->all[i] = std::move(answer);
      --answers->missing;
    });
  }
  world->RunUntil([&] { return answers->missing == 0; });
  return answers->all;
}

}  // namespace

AuctioneerNode::AuctioneerNode(World* world, Network* network, std::vector<BbsNode*> bbs,
                               std::vector<Cell*> cells)
    : world_(world),
      network_(network),
      bbs_(network, std::move(bbs), kAuctioneer),
      cells_(std::move(cells)) {
  Restart();
  world_->After(kBeat, [this] { Beat(); });
}

void AuctioneerNode::Restart() {
  world_->Note(kAuctioneer, "starts");
  auctioneer::AuctionLoop::Options options;
  options.patience = absl::ZeroDuration();
  // The loop of an earlier process, if it blocks just now, finds that it is over.
  auto self = std::make_shared<std::weak_ptr<auctioneer::AuctionLoop>>();
  auctioneer::CellGateway& gateway = *this;
  auctioneer::FailureReporter& reporter = *this;
  loop_ = std::make_shared<auctioneer::AuctionLoop>(
      options, gateway, reporter, [this, self] { return self->lock() == loop_; }, world_->clock(),
      metrics_, log::Logger::Discard());
  *self = loop_;
}

void AuctioneerNode::Request(const LrpStartRequest& request) {
  if (!loop_->RequestLrps({request}).ok()) world_->Fail("the auctioneer refuses a request");
}

void AuctioneerNode::Request(const TaskStartRequest& request) {
  if (!loop_->RequestTasks({request}).ok()) world_->Fail("the auctioneer refuses a request");
}

Cell* AuctioneerNode::Find(const CellId& id) const {
  for (Cell* cell : cells_) {
    if (cell->id() == id) return cell;
  }
  return nullptr;
}

void AuctioneerNode::Beat() {
  world_->After(kBeat, [this] { Beat(); });
  if (stepping_) return;
  stepping_ = true;
  const auto loop = loop_;
  loop->Step();
  stepping_ = false;
}

absl::StatusOr<std::vector<CellPresence>> AuctioneerNode::Cells() {
  const auto ids =
      world_->Await<LocketNode::Presences>([this](const auto& done) { bbs_.ReadCells(done); });
  if (!ids.ok()) return ids.status();
  std::vector<CellPresence> cells;
  for (const CellId& id : **ids) {
    CellPresence presence;
    presence.cell_id = id;
    cells.push_back(presence);
  }
  return cells;
}

std::vector<absl::StatusOr<CellState>> AuctioneerNode::States(
    const std::vector<CellPresence>& cells) {
  return AskAll<CellState>(world_, cells, [this](const CellPresence& presence, auto done) {
    Cell* const cell = Find(presence.cell_id);
    network_->Ask<CellState>(
        kAuctioneer, cell->name(),
        [cell](Answer<CellState> answer) { cell->AnswerState(std::move(answer)); }, done);
  });
}

std::vector<absl::StatusOr<Work>> AuctioneerNode::Deliver(const std::vector<Delivery>& deliveries) {
  return AskAll<Work>(world_, deliveries, [this](const Delivery& delivery, auto done) {
    Cell* const cell = Find(delivery.cell.cell_id);
    network_->Ask<Work>(
        kAuctioneer, cell->name(),
        [cell, work = delivery.work](Answer<Work> rejected) { cell->Perform(work, rejected); },
        done);
  });
}

void AuctioneerNode::Report(std::vector<auctioneer::FailedLrp> lrps,
                            std::vector<auctioneer::FailedTask> tasks) {
  for (const auctioneer::FailedLrp& lrp : lrps) {
    bbs_.Call(bbs::FailActualLrp{lrp.auction.key(), PlacementErrorText(lrp.refusal)},
              [](const bbs::Reply&) {});
  }
  for (const auctioneer::FailedTask& task : tasks) {
    bbs_.Call(bbs::RejectTask{task.auction.request->task_guid, PlacementErrorText(task.refusal)},
              [](const bbs::Reply&) {});
  }
}

}  // namespace diego::simulation
