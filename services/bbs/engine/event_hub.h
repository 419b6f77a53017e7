// HubOf, EventHub, GroupEventHub: a bounded history of committed events that any number of
// subscribers follow, each at its own pace. A subscriber is a place in the history and costs no
// copy of an event.
//
// No gap and no duplicate: a subscriber gets every event after its place, in commit order, or is
// told why not. Revisions are the store's (commit_store.h) and go on from one master to the next:
// who was up to date with the last one resumes at this one.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "libs/sync/guarded.h"
#include "services/bbs/core/event.h"
#include "services/bbs/core/group_event.h"
#include "services/bbs/engine/engine_metrics.h"
#include "services/bbs/engine/settings.h"

namespace diego::bbs {

// Which events a subscriber gets.
struct EventFilter {
  bool lrp_instances = true;  // created, changed, removed, crashed
  bool desired_lrps = true;
  bool tasks = false;
  // Only instance events of this cell, unless empty. Desired LRP and task events are not filtered.
  CellId cell_id;

  // Source: reference/bbs-http-api.md "Event streams", the table of cell_id filters.
  bool Wants(const Event& event) const;
};

// The same for the group stream, whose crashed events are filtered as well.
struct GroupEventFilter {
  CellId cell_id;

  bool Wants(const GroupEvent& event) const;
};

// What a subscriber is handed at a time.
template <typename E>
struct BatchOf {
  struct Item {
    uint64_t revision = 0;
    bool complete = false;  // nothing further of this revision follows
    std::shared_ptr<const E> event;
  };
  std::vector<Item> items;
  // Everything up to and with this revision has been handed out, or was not wanted.
  uint64_t seen_revision = 0;
};

template <typename E, typename Filter>
class SubscriptionOf;

// Thread-safe.
template <typename E, typename Filter>
class HubOf {
 public:
  using Subscription = SubscriptionOf<E, Filter>;

  // All outlive it.
  HubOf(const EngineSettings& settings, const Clock& clock, EngineMetrics* metrics);

  // Once, before all else: the revision that the term begins at.
  void Start(uint64_t revision);

  // One thread: the events of one committed group, in order. Whoever lists at `revision` from now
  // on may subscribe after it; nobody gets the events before Announce.
  void Publish(uint64_t revision, std::vector<E> events);
  // The same thread, once readers see what was published. Wakes nobody: Step does.
  void Announce();

  // The hub's thread: calls the `ready` of those who wait and have something to take; and of all
  // who wait once a beat, so that they tell their clients how far they are. At a beat it calls the
  // `stuck` of those who are to be cut off and do not take, either. Blocks up to `patience`.
  void Step(absl::Duration patience);

  // Any thread. `after_revision` absent: from now on. `ready` is called once each time after Take
  // came back empty-handed, when there is something to take, at a beat, or when the subscription
  // has ended; on the hub's thread, never under a lock, and perhaps once after the subscription is
  // gone. `stuck` likewise, at every beat that finds the subscriber further behind than it may be
  // and not taking anything, which would tell it so; nullptr: it is looked after otherwise.
  // OutOfRange: the history does not reach back to that revision, or not on to it; or it is
  // further back than a subscriber may fall behind.
  // ResourceExhausted: too many subscribers.
  absl::StatusOr<std::shared_ptr<Subscription>> Subscribe(Filter filter,
                                                          std::optional<uint64_t> after_revision,
                                                          std::function<void()> ready,
                                                          std::function<void()> stuck = nullptr);

  // Any thread: ends every subscription with `reason`, once it has taken what there is, and refuses
  // new ones with it.
  void Close(const absl::Status& reason);

  uint64_t revision() const;
  size_t subscriber_count() const;

 private:
  friend Subscription;
  struct Entry {
    uint64_t revision;
    bool last_of_revision;
    std::shared_ptr<const E> event;
  };
  struct Subscriber {
    Filter filter;
    uint64_t next = 0;  // sequence number of the first entry not yet looked at
    bool waiting = false;
    std::function<void()> ready;
    std::function<void()> stuck;
  };
  struct Data {
    std::deque<Entry> history;
    uint64_t first = 0;            // sequence number of history.front()
    uint64_t oldest_revision = 0;  // every event after this revision is in the history
    uint64_t revision = 0;         // the latest
    uint64_t announced = 0;        // sequence number of the first entry that nobody may take yet
    std::map<uint64_t, Subscriber> subscribers;
    uint64_t next_id = 1;
    bool news = false;  // since the last Step
    std::optional<absl::Status> closed;

    uint64_t end() const { return first + history.size(); }
  };

  // Whoever has `next` yet to look at is cut off.
  bool IsTooFar(const Data& data, uint64_t next) const;
  absl::StatusOr<BatchOf<E>> Take(uint64_t id, size_t most);
  size_t Behind(uint64_t id) const;
  absl::Status CutOff(uint64_t id) const;
  void Remove(uint64_t id);

  const EngineSettings& settings_;
  const Clock& clock_;
  EngineMetrics* const metrics_;
  absl::Duration next_beat_;  // of the hub's thread
  Guarded<Data> data_;
};

// One subscriber's hold on the hub; ends when destroyed. One thread at a time. The hub must
// outlive it.
template <typename E, typename Filter>
class SubscriptionOf {
 public:
  SubscriptionOf(HubOf<E, Filter>* hub, uint64_t id, uint64_t started_after)
      : hub_(hub), id_(id), started_after_(started_after) {}
  ~SubscriptionOf() { hub_->Remove(id_); }
  SubscriptionOf(const SubscriptionOf&) = delete;
  SubscriptionOf& operator=(const SubscriptionOf&) = delete;

  // Up to `most` further events. Empty: nothing now; `ready` will be called. ResourceExhausted: too
  // far behind, cut off. Otherwise the reason the hub closed with.
  absl::StatusOr<BatchOf<E>> Take(size_t most) { return hub_->Take(id_, most); }
  // For who gives it up for being slow: counts it, and says so.
  absl::Status CutOff() { return hub_->CutOff(id_); }
  // Events after its place, wanted or not. Any thread.
  size_t behind() const { return hub_->Behind(id_); }
  // The revision that it gets everything after.
  uint64_t started_after() const { return started_after_; }

 private:
  HubOf<E, Filter>* const hub_;
  const uint64_t id_;
  const uint64_t started_after_;
};

using EventHub = HubOf<Event, EventFilter>;
using EventBatch = BatchOf<Event>;
using Subscription = SubscriptionOf<Event, EventFilter>;
// The group stream has a hub of its own: its order of events is another, and nobody resumes it.
using GroupEventHub = HubOf<GroupEvent, GroupEventFilter>;
using GroupSubscription = SubscriptionOf<GroupEvent, GroupEventFilter>;

}  // namespace diego::bbs
