#include "services/rep/engine/work_queue.h"

#include <algorithm>

namespace diego::rep {

void WorkQueue::Add(const WorkItem& item) {
  const absl::Duration now = clock_.Monotonic();
  data_.With([&](Data& data) {
    const auto [place, is_new] = data.waiting.try_emplace(item.guid, Waiting{item, now});
    if (!is_new) place->second.due = std::min(place->second.due, now);
  });
}

const WorkQueue::Waiting* WorkQueue::FirstDue(const Data& data, absl::Duration now) {
  const Waiting* first = nullptr;
  for (const auto& [guid, waiting] : data.waiting) {
    if (waiting.due > now || data.under_way.count(guid) > 0) continue;
    if (first == nullptr || waiting.due < first->due) first = &waiting;
  }
  return first;
}

std::optional<WorkItem> WorkQueue::Take(absl::Duration timeout) {
  const auto is_due = [this](const Data& data) {
    return data.closed || FirstDue(data, clock_.Monotonic()) != nullptr;
  };
  return data_.When(is_due, timeout, [&](Data& data, bool) -> std::optional<WorkItem> {
    const Waiting* first = FirstDue(data, clock_.Monotonic());
    if (first == nullptr || data.closed) return std::nullopt;
    WorkItem item = first->item;
    data.waiting.erase(item.guid);
    data.under_way.insert(item.guid);
    return item;
  });
}

void WorkQueue::Done(const WorkItem& item, bool again) {
  const absl::Duration now = clock_.Monotonic();
  data_.With([&](Data& data) {
    data.under_way.erase(item.guid);
    if (!again) {
      data.failures.erase(item.guid);
      return;
    }
    const int failures = std::min(++data.failures[item.guid], 16);
    const absl::Duration pause =
        std::min(options_.first_pause * (1 << (failures - 1)), options_.longest_pause);
    data.waiting.try_emplace(item.guid, Waiting{item, now + pause});
  });
}

bool WorkQueue::empty() const {
  return data_.With(
      [](const Data& data) { return data.waiting.empty() && data.under_way.empty(); });
}

void WorkQueue::Close() {
  data_.With([](Data& data) { data.closed = true; });
}

bool WorkQueue::closed() const {
  return data_.With([](const Data& data) { return data.closed; });
}

}  // namespace diego::rep
