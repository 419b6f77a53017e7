#include "integration/simulation/watcher.h"

#include "absl/strings/str_cat.h"
#include "integration/simulation/definitions.h"

namespace diego::simulation {
namespace {

// Two rows of one index may be told in either order (created before removed), so that the key says
// all by which they differ.
std::string KeyOf(const ActualLrp& lrp) {
  return absl::StrCat(lrp.key.process_guid.value(), "/", lrp.key.index, "/",
                      PresenceName(lrp.presence), "/", ActualLrpStateName(lrp.state), "/",
                      lrp.instance.instance_guid.value(), "@", lrp.instance.cell_id.value());
}
std::string KeyOf(const DesiredLrp& lrp) { return lrp.process_guid.value(); }
std::string KeyOf(const Task& task) { return task.task_guid.value(); }

template <typename R>
std::string KeyOf(const bbs::Record<R>& row) {
  return row == nullptr ? "" : KeyOf(*row);
}

// How far a roll has come is not told.
template <typename R>
bool IsSame(const R& a, const R& b) {
  return a == b;
}
bool IsSame(const DesiredLrp& a, const DesiredLrp& b) { return LooksTheSame(a, b); }

}  // namespace

Watcher::Watcher(World* world, Database* database, std::vector<BbsNode*> bbs, std::string name)
    : world_(world), database_(database), bbs_(std::move(bbs)), name_(std::move(name)) {
  world_->After(absl::Seconds(1), [this] { Beat(); });
}

void Watcher::Beat() {
  world_->After(world_->Between(absl::Milliseconds(50), absl::Seconds(2)), [this] { Beat(); });
  if (whole_ && world_->Chance(0.05)) Disconnect();
  if (subscription_ == nullptr) Subscribe();
  if (subscription_ != nullptr) Take();
}

void Watcher::Disconnect() {
  subscription_.reset();
  term_.reset();
}

void Watcher::Subscribe() {
  const auto term = bbs_[world_->Below(bbs_.size())]->serving();
  if (term == nullptr) return;
  bbs::EventFilter filter;
  filter.tasks = true;
  auto subscription = term->hub().Subscribe(filter, revision_, [] {});
  if (subscription.ok()) {
    ++resumed_;
  } else {
    if (!absl::IsOutOfRange(subscription.status()) || !Resync(term.get())) return;
    subscription = term->hub().Subscribe(filter, revision_, [] {});
    if (!subscription.ok()) {
      return world_->Fail(absl::StrCat(
          name_, " cannot follow the snapshot it just took: ", subscription.status().message()));
    }
    ++resynced_;
  }
  term_ = term;
  subscription_ = *subscription;
}

// Takes the picture from the lists. False: not readable, or older than what was seen.
bool Watcher::Resync(bbs::Term* term) {
  auto actuals = term->view().ActualLrps({});
  auto desired = term->view().DesiredLrps({});
  auto tasks = term->view().Tasks({});
  if (!actuals.ok() || !desired.ok() || !tasks.ok()) return false;
  if (actuals->revision() < revision_) return false;
  actuals_.clear();
  desired_.clear();
  tasks_.clear();
  while (const auto* row = actuals->Next())
    actuals_[KeyOf(*row)] = std::make_shared<ActualLrp>(*row);
  while (const auto* row = desired->Next()) {
    CheckShown(*row);
    desired_[KeyOf(*row)] = std::make_shared<DesiredLrp>(*row);
  }
  while (const auto* row = tasks->Next()) tasks_[KeyOf(*row)] = std::make_shared<Task>(*row);
  revision_ = actuals->revision();
  Compare();
  return true;
}

void Watcher::Take() {
  const auto batch = subscription_->Take(1 + world_->Below(20));
  if (!batch.ok()) {
    // The stream ended, perhaps within a revision: what was heard of that one is not kept.
    if (!whole_) {
      revision_ = 0;
      actuals_.clear();
      desired_.clear();
      tasks_.clear();
      whole_ = true;
    }
    return Disconnect();
  }
  for (const auto& item : batch->items) {
    if (item.revision < revision_ || (item.revision == revision_ && whole_)) {
      return world_->Fail(
          absl::StrCat(name_, " was told of revision ", item.revision, " after ", revision_));
    }
    Apply(*item.event);
    revision_ = item.revision;
    whole_ = item.complete;
  }
  if (whole_ && batch->seen_revision > revision_) revision_ = batch->seen_revision;
  if (whole_) Compare();
}

template <typename R>
void Watcher::ApplyRow(std::map<std::string, bbs::Record<R>>* rows, const bbs::RowChange<R>& change,
                       const std::string& before_key, const std::string& after_key) {
  if (change.before != nullptr) {
    const auto it = rows->find(before_key);
    if (it == rows->end() || !IsSame(*it->second, *change.before)) {
      return world_->Fail(absl::StrCat(name_, " missed something of ", before_key));
    }
    rows->erase(it);
  }
  if (change.after != nullptr && !rows->emplace(after_key, change.after).second) {
    world_->Fail(absl::StrCat(name_, " was told twice of ", after_key));
  }
}

void Watcher::Apply(const bbs::Event& event) {
  if (const auto* actual = std::get_if<bbs::ActualLrpInstanceEvent>(&event)) {
    ApplyRow<ActualLrp>(&actuals_, *actual, KeyOf(actual->before), KeyOf(actual->after));
  } else if (const auto* desired = std::get_if<bbs::DesiredLrpEvent>(&event)) {
    CheckTold(*desired);
    ApplyRow<DesiredLrp>(&desired_, *desired, KeyOf(desired->before), KeyOf(desired->after));
  } else if (const auto* task = std::get_if<bbs::TaskEvent>(&event)) {
    ApplyRow<Task>(&tasks_, *task, KeyOf(task->before), KeyOf(task->after));
  }
}

void Watcher::CheckShown(const DesiredLrp& lrp) {
  if (ShowsItsDefinition(lrp)) return;
  world_->Fail(
      absl::StrCat(name_, " is shown more of ", KeyOf(lrp), " than its active definition"));
}

void Watcher::CheckTold(const bbs::DesiredLrpEvent& event) {
  if (event.after != nullptr) CheckShown(*event.after);
  if (event.before == nullptr || event.after == nullptr) return;
  if (LooksTheSame(*event.before, *event.after) || event.before->tag == event.after->tag) {
    world_->Fail(absl::StrCat(name_, " was told of a change of ", KeyOf(event.after),
                              " that clients do not see"));
  }
}

void Watcher::Compare() {
  while (committed_revision_ < revision_) {
    if (committed_revision_ >= database_->revision()) {
      return world_->Fail(
          absl::StrCat(name_, " was told of revision ", revision_, ", which has not committed"));
    }
    for (const bbs::Change& change : database_->ChangesOf(++committed_revision_)) {
      committed_.Apply(change);
    }
  }
  if (committed_revision_ > revision_) return;  // seen before, and compared then
  bool same = actuals_.size() == committed_.actual_lrp_row_count() &&
              desired_.size() == committed_.desired_lrps().size() &&
              tasks_.size() == committed_.tasks().size();
  const auto check = [&same](const auto& rows, const auto& row) {
    if (row == nullptr) return;
    const auto it = rows.find(KeyOf(*row));
    same = same && it != rows.end() && IsSame(*it->second, *row);
  };
  for (const auto& [key, rows] : committed_.actual_lrps()) {
    for (const auto& row : rows.by_presence) check(actuals_, row);
  }
  for (const auto& [key, row] : committed_.desired_lrps()) check(desired_, row);
  for (const auto& [key, row] : committed_.tasks()) check(tasks_, row);
  if (!same) {
    world_->Fail(
        absl::StrCat(name_, "'s picture of revision ", revision_, " is not what was committed"));
  }
}

}  // namespace diego::simulation
