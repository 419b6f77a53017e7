#include "services/bbs/engine/event_hub.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"

namespace diego::bbs {

namespace {

// Entries a Take looks at under the lock, wanted or not.
constexpr size_t kMostLookedAt = 4096;

// The cell that a change of one row is about: that of the row after, unless nobody holds it.
const CellId& CellOf(const ActualLrpInstanceEvent& event) {
  if (event.after != nullptr && (event.before == nullptr || !event.after->instance.empty())) {
    return event.after->instance.cell_id;
  }
  return event.before->instance.cell_id;
}

}  // namespace

bool EventFilter::Wants(const Event& event) const {
  if (std::holds_alternative<DesiredLrpEvent>(event)) return desired_lrps;
  if (std::holds_alternative<TaskEvent>(event)) return tasks;
  if (!lrp_instances) return false;
  if (cell_id.empty()) return true;
  if (const auto* crashed = std::get_if<ActualLrpCrashedEvent>(&event)) {
    return crashed->instance.cell_id == cell_id;
  }
  return CellOf(std::get<ActualLrpInstanceEvent>(event)) == cell_id;
}

bool GroupEventFilter::Wants(const GroupEvent& event) const {
  if (cell_id.empty() || std::holds_alternative<DesiredLrpEvent>(event)) return true;
  if (const auto* crashed = std::get_if<ActualLrpCrashedEvent>(&event)) {
    return crashed->instance.cell_id == cell_id;
  }
  const auto& group = std::get<ActualLrpGroupEvent>(event);
  const auto here = [&](const ActualLrpGroup& side) {
    return !side.empty() && side.Resolve()->instance.cell_id == cell_id;
  };
  return here(group.before) || here(group.after);
}

template <typename E, typename Filter>
HubOf<E, Filter>::HubOf(const EngineSettings& settings, const Clock& clock, EngineMetrics* metrics)
    : settings_(settings),
      clock_(clock),
      metrics_(metrics),
      next_beat_(clock.Monotonic() + settings.subscriber_beat) {}

template <typename E, typename Filter>
void HubOf<E, Filter>::Start(uint64_t revision) {
  data_.With([&](Data& data) { data.oldest_revision = data.revision = revision; });
}

template <typename E, typename Filter>
void HubOf<E, Filter>::Publish(uint64_t revision, std::vector<E> events) {
  std::vector<Entry> entries;
  entries.reserve(events.size());
  for (E& event : events) {
    entries.push_back({revision, false, std::make_shared<const E>(std::move(event))});
  }
  if (!entries.empty()) entries.back().last_of_revision = true;
  std::vector<Entry> forgotten;  // freed after the lock
  data_.With([&](Data& data) {
    data.revision = revision;
    for (Entry& entry : entries) data.history.push_back(std::move(entry));
    while (data.history.size() > settings_.history_events) {
      data.oldest_revision = data.history.front().revision;
      forgotten.push_back(std::move(data.history.front()));
      data.history.pop_front();
      ++data.first;
    }
  });
}

template <typename E, typename Filter>
void HubOf<E, Filter>::Announce() {
  data_.With([](Data& data) {
    data.announced = data.end();
    data.news = true;
  });
}

template <typename E, typename Filter>
void HubOf<E, Filter>::Step(absl::Duration patience) {
  std::vector<std::function<void()>> calls;
  data_.When([](const Data& data) { return data.news; }, patience,
             [&](Data& data, bool) {
               const bool beat = clock_.Monotonic() >= next_beat_;
               if (!data.news && !beat) return;
               data.news = false;
               if (beat) next_beat_ = clock_.Monotonic() + settings_.subscriber_beat;
               for (auto& [id, subscriber] : data.subscribers) {
                 if (!subscriber.waiting) {
                   const bool stuck = beat && IsTooFar(data, subscriber.next);
                   if (stuck && subscriber.stuck) calls.push_back(subscriber.stuck);
                   continue;
                 }
                 if (!beat && !data.closed && subscriber.next >= data.announced) continue;
                 subscriber.waiting = false;
                 calls.push_back(subscriber.ready);
               }
             });
  for (const std::function<void()>& call : calls) call();
}

template <typename E, typename Filter>
absl::StatusOr<std::shared_ptr<SubscriptionOf<E, Filter>>> HubOf<E, Filter>::Subscribe(
    Filter filter, std::optional<uint64_t> after_revision, std::function<void()> ready,
    std::function<void()> stuck) {
  return data_.With([&](Data& data) -> absl::StatusOr<std::shared_ptr<Subscription>> {
    if (data.closed) return *data.closed;
    if (data.subscribers.size() >= settings_.subscribers) {
      return absl::ResourceExhaustedError(
          absl::StrCat(settings_.subscribers, " subscribers are being served; try again later"));
    }
    const uint64_t after = after_revision.value_or(data.revision);
    if (after < data.oldest_revision || after > data.revision) {
      return absl::OutOfRangeError(
          absl::StrCat("cannot resume after revision ", after,
                       ": the history holds what came after ", data.oldest_revision, " up to ",
                       data.revision, "; list anew, then subscribe after the list's revision"));
    }
    const auto from =
        std::upper_bound(data.history.begin(), data.history.end(), after,
                         [](uint64_t a, const Entry& entry) { return a < entry.revision; });
    const uint64_t next = data.first + static_cast<uint64_t>(from - data.history.begin());
    // Its first Take would cut it off; it would come back to the same place, again and again.
    if (IsTooFar(data, next)) {
      return absl::OutOfRangeError(
          absl::StrCat("cannot resume after revision ", after, ": that is ", data.end() - next,
                       " events behind, and ", settings_.subscriber_lag_events,
                       " are the most; list anew, then subscribe after the list's revision"));
    }
    const uint64_t id = data.next_id++;
    data.subscribers[id] = {std::move(filter), next, false, std::move(ready), std::move(stuck)};
    return std::make_shared<Subscription>(this, id, after);
  });
}

template <typename E, typename Filter>
bool HubOf<E, Filter>::IsTooFar(const Data& data, uint64_t next) const {
  return next < data.first || data.end() - next > settings_.subscriber_lag_events;
}

template <typename E, typename Filter>
absl::StatusOr<BatchOf<E>> HubOf<E, Filter>::Take(uint64_t id, size_t most) {
  bool cut_off = false;
  auto taken = data_.With([&](Data& data) -> absl::StatusOr<BatchOf<E>> {
    const auto at = data.subscribers.find(id);
    Subscriber& self = at->second;
    if (IsTooFar(data, self.next)) {
      cut_off = true;
      return absl::ResourceExhaustedError(
          absl::StrCat("this subscriber fell more than ",
                       std::min(settings_.subscriber_lag_events, settings_.history_events),
                       " events behind; list anew, then subscribe after the list's revision"));
    }
    BatchOf<E> batch;
    size_t looked_at = 0;
    // After the end nobody would call again: look at all that is left.
    const size_t most_looked_at = data.closed ? data.history.size() : kMostLookedAt;
    while (self.next < data.announced && batch.items.size() < most && looked_at < most_looked_at) {
      const Entry& entry = data.history[self.next - data.first];
      ++self.next;
      ++looked_at;
      if (self.filter.Wants(*entry.event)) {
        batch.items.push_back({entry.revision, entry.last_of_revision, entry.event});
      } else if (entry.last_of_revision && !batch.items.empty() &&
                 batch.items.back().revision == entry.revision) {
        batch.items.back().complete = true;
      }
    }
    const bool all = self.next == data.end();
    batch.seen_revision = all ? data.revision : data.history[self.next - data.first].revision - 1;
    if (batch.items.empty()) {
      // What had committed is told to the end: who has it all resumes at the next master.
      if (all && data.closed) return *data.closed;
      self.waiting = true;
      // Stopped looking before the end: there is more to look at, on the next Step.
      if (self.next < data.announced) data.news = true;
    }
    return batch;
  });
  if (cut_off) metrics_->SubscriberCutOff();
  return taken;
}

template <typename E, typename Filter>
void HubOf<E, Filter>::Remove(uint64_t id) {
  data_.With([&](Data& data) { data.subscribers.erase(id); });
}

template <typename E, typename Filter>
void HubOf<E, Filter>::Close(const absl::Status& reason) {
  data_.With([&](Data& data) {
    if (!data.closed) data.closed = reason;
    data.news = true;
  });
}

template <typename E, typename Filter>
uint64_t HubOf<E, Filter>::revision() const {
  return data_.With([](const Data& data) { return data.revision; });
}

template <typename E, typename Filter>
size_t HubOf<E, Filter>::subscriber_count() const {
  return data_.With([](const Data& data) { return data.subscribers.size(); });
}

template <typename E, typename Filter>
size_t HubOf<E, Filter>::Behind(uint64_t id) const {
  return data_.With([&](const Data& data) {
    const auto at = data.subscribers.find(id);
    return at == data.subscribers.end() ? 0 : data.end() - at->second.next;
  });
}

template <typename E, typename Filter>
absl::Status HubOf<E, Filter>::CutOff(uint64_t id) const {
  metrics_->SubscriberCutOff();
  return absl::ResourceExhaustedError(absl::StrCat(
      "this subscriber is ", Behind(id), " events behind and does not catch up; list anew"));
}

template class HubOf<Event, EventFilter>;
template class HubOf<GroupEvent, GroupEventFilter>;

}  // namespace diego::bbs
