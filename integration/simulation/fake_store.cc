#include "integration/simulation/fake_store.h"

#include "absl/strings/str_cat.h"
#include "services/bbs/core/rows.h"

namespace diego::simulation {
namespace {

bbs::CommitReply Unknown() {
  return {bbs::CommitResult::kUnknown, absl::UnavailableError("no answer from the database")};
}
bbs::CommitReply Fenced(uint64_t epoch) {
  return {bbs::CommitResult::kFenced,
          absl::AbortedError(absl::StrCat("epoch ", epoch, " holds office"))};
}

}  // namespace

absl::StatusOr<bbs::LoadedState> Database::Load(const std::string& node, uint64_t epoch) {
  if (away_ || world_->Chance(rates_->commit_lost)) {
    return absl::UnavailableError("no answer from the database");
  }
  const bool again = office_.epoch == epoch && office_.batch == 0;
  if (office_.epoch >= epoch && !again) return absl::AbortedError("a later epoch");
  if (!node_of_epoch_.emplace(epoch, node).second && node_of_epoch_[epoch] != node) {
    world_->Fail(
        absl::StrCat("epoch ", epoch, " was given to ", node_of_epoch_[epoch], " and to ", node));
  }
  office_ = {epoch, 0};
  bbs::LoadedState loaded;
  loaded.revision = revision();
  for (const auto& [key, row] : state_.desired_lrps()) loaded.rows.push_back(bbs::Appears(row));
  for (const auto& [key, row] : state_.tasks()) loaded.rows.push_back(bbs::Appears(row));
  for (const auto& [key, row] : state_.domains()) loaded.rows.push_back(bbs::Appears(row));
  for (const auto& row : state_.answered_calls()) loaded.rows.push_back(bbs::Appears(row));
  for (const auto& [key, rows] : state_.actual_lrps()) {
    for (const auto& row : rows.by_presence) {
      if (row != nullptr) loaded.rows.push_back(bbs::Appears(row));
    }
  }
  if (world_->Chance(rates_->commit_unheard)) {
    return absl::UnavailableError("no answer from the database");
  }
  return loaded;
}

bbs::CommitReply Database::Commit(const std::string& node, const bbs::Fence& fence,
                                  const bbs::Changes& changes) {
  if (away_ || world_->Chance(rates_->commit_lost)) return Unknown();
  if (office_ != fence) {
    if (office_.epoch != fence.epoch || office_.batch + 1 != fence.batch) {
      return Fenced(office_.epoch);
    }
    if (node_of_epoch_[fence.epoch] != node) {
      world_->Fail(absl::StrCat(node, " writes in the epoch of ", node_of_epoch_[fence.epoch]));
    }
    office_ = fence;
    for (const bbs::Change& change : changes) state_.Apply(change);
    history_.push_back(changes);
    on_commit_(node, changes);
  }
  if (world_->Chance(rates_->commit_unheard)) return Unknown();
  return {bbs::CommitResult::kCommitted, absl::OkStatus()};
}

bbs::CommitReply Database::Confirm(uint64_t epoch) {
  if (away_ || world_->Chance(rates_->commit_lost)) return Unknown();
  if (office_.epoch != epoch) return Fenced(office_.epoch);
  return {bbs::CommitResult::kCommitted, absl::OkStatus()};
}

}  // namespace diego::simulation
