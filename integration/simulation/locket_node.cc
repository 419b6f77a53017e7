#include "integration/simulation/locket_node.h"

namespace diego::simulation {

LocketNode::LocketNode(World* world, Network* network) : world_(world), network_(network) {
  locket::LeaseEngine::Options options;
  options.patience = absl::ZeroDuration();
  options.seed = world->Draw();
  engine_ = std::make_unique<locket::LeaseEngine>(
      options, store_, watch_, world->clock(), metrics_, log::Logger::Discard(),
      [world](const absl::Status& status) { world->Fail(std::string(status.message())); });
  expiry_ =
      std::make_unique<locket::ExpiryLoop>(locket::ExpiryLoop::Options(), store_, *engine_, watch_,
                                           world->clock(), metrics_, log::Logger::Discard());
  world_->After(absl::ZeroDuration(), [this] { StepExpiry(); });
}

void LocketNode::SetAway(bool away) {
  world_->Note(kLocket, away ? "away" : "back");
  away_ = away;
}

void LocketNode::StepExpiry() {
  absl::Duration wait = absl::Milliseconds(250);
  if (!away_) {
    wait = expiry_->Step();
    engine_->Step();
  }
  world_->After(std::max(wait, absl::Milliseconds(50)), [this] { StepExpiry(); });
}

void LocketNode::Submit(locket::LeaseRequest request, std::function<void(Grant)> reply) {
  if (away_) return;
  engine_->Submit(std::move(request), [reply](const absl::Status& status, int64_t token) {
    reply({status, static_cast<uint64_t>(token)});
  });
  engine_->Step();
}

void LocketNode::Acquire(const std::string& from, locket::AcquireLease lease,
                         std::function<void(absl::StatusOr<Grant>)> done) {
  network_->Ask<Grant>(
      from, kLocket, [this, lease](Answer<Grant> answer) { Submit(lease, answer); },
      std::move(done));
}

void LocketNode::Release(const std::string& from, locket::ReleaseLease lease) {
  network_->Send(
      from, kLocket, [this, lease] { Submit(lease, [](Grant) {}); }, false);
}

std::set<CellId> LocketNode::PresentCells() const {
  std::set<CellId> cells;
  for (const auto& [key, lease] : store_.Table().leases) {
    if (lease.type == locket::LeaseType::kPresence && !lease.owner.empty()) {
      cells.insert(CellId(key));
    }
  }
  return cells;
}

void LocketNode::ListCells(const std::string& from,
                           std::function<void(absl::StatusOr<Presences>)> done) {
  network_->Ask<Presences>(
      from, kLocket,
      [this](Answer<Presences> answer) {
        if (away_) return;
        const auto cells = std::make_shared<const std::set<CellId>>(PresentCells());
        on_listed_(*cells);
        answer(cells);
      },
      std::move(done));
}

}  // namespace diego::simulation
