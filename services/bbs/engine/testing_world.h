// The engine on one thread, step by step, over a database that fails on demand. For tests.
#pragma once

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/log/log.h"
#include "libs/models/error.h"
#include "libs/sync/guarded.h"
#include "libs/testing/fake_clock.h"
#include "services/bbs/engine/fake_commit_store.h"
#include "services/bbs/engine/term.h"

namespace diego::bbs::testing {

class Recorder final : public AfterCommit, public LiveCells, public EngineMetrics {
 public:
  void Act(std::vector<Effect> effects, const std::string&) override { acted += effects.size(); }
  Seen Get() const override { return {cells, losses_held}; }
  void Expect(const std::set<CellId>& work) override { expected = work; }
  void BatchCommitted(size_t, const Changes&, absl::Duration) override { ++batches; }
  void CommitUnsure() override { ++unsure; }
  void SubscriberCutOff() override { ++cut_off; }
  void ConvergenceSliced(absl::Duration) override { ++slices; }
  void ConvergencePassed(absl::Duration, const ConvergenceCounts& seen) override {
    ++passes;
    counts = seen;
  }
  void EvacuationsStranded(size_t count) override { stranded += count; }

  size_t acted = 0, stranded = 0;
  int batches = 0, unsure = 0, cut_off = 0, slices = 0, passes = 0;
  ConvergenceCounts counts;
  std::shared_ptr<const std::set<CellId>> cells = std::make_shared<std::set<CellId>>();
  bool losses_held = false;
  std::set<CellId> expected;
};

// One answer, if it has come.
struct Answer {
  std::optional<Reply> reply;
  int count = 0;
};

class World {
 public:
  explicit World(EngineSettings settings = {}) : settings_(settings) { NewTerm(1); }

  void NewTerm(uint64_t epoch) {
    term.reset();
    term = MakeTerm(epoch);
    REQUIRE(term->Load().ok());
  }
  std::shared_ptr<Term> MakeTerm(uint64_t epoch) {
    TermPorts ports;
    ports.clock = &clock;
    ports.store = &store;
    ports.after_commit = &recorder;
    ports.live_cells = &recorder;
    ports.metrics = &recorder;
    ports.log = log;
    return std::make_shared<Term>(settings_, ports, epoch, 7);
  }
  std::shared_ptr<Answer> Submit(Command command,
                                 std::optional<RequestIdentity> once = std::nullopt,
                                 const std::string& trace_id = "") {
    auto answer = std::make_shared<Answer>();
    const auto reply_to = [answer](const Reply& reply) {
      answer->reply = reply;
      ++answer->count;
    };
    const absl::Status status =
        term->Submit({std::move(command), reply_to, std::move(once), trace_id});
    if (!status.ok()) answer->reply.emplace().status = status;
    return answer;
  }
  void Sequence() { term->StepSequencer(absl::ZeroDuration()); }
  void Commit() { term->StepCommitter(absl::ZeroDuration()); }
  void Publish() {
    term->StepPublisher(absl::ZeroDuration());
    term->StepHub(absl::ZeroDuration());
  }
  void Run() {
    Sequence();
    Commit();
    Publish();
  }
  // What the converger has to do, if anything.
  void Converge() {
    for (int i = 0; i < 4; ++i) {
      term->StepConverger(absl::ZeroDuration());
      Run();
    }
  }
  // Lines of the log that hold `text`.
  size_t LoggedTimes(const std::string& text) const {
    return lines.With([&](const std::vector<std::string>& all) {
      return static_cast<size_t>(std::count_if(
          all.begin(), all.end(),
          [&](const std::string& line) { return line.find(text) != std::string::npos; }));
    });
  }
  size_t ActualCount() {
    auto listing = term->view().ActualLrps({});
    REQUIRE(listing.ok());
    size_t count = 0;
    while (listing->Next() != nullptr) ++count;
    return count;
  }

  FakeClock clock;
  FakeDatabase database;
  FakeCommitStore store{&database};
  Recorder recorder;
  Guarded<std::vector<std::string>> lines;  // of the log
  log::Logger log{{.component = "bbs", .sink = [this](absl::string_view line) {
                     lines.With([&](auto& all) { all.emplace_back(line); });
                   }}};
  std::shared_ptr<Term> term;

 private:
  EngineSettings settings_;
};

inline DesireLrp Desire(const std::string& guid, int instances = 1) {
  DesiredLrp lrp;
  lrp.process_guid = ProcessGuid(guid);
  lrp.domain = Domain("cf-apps");
  lrp.instances = instances;
  lrp.placement.root_fs = "preloaded:cflinuxfs4";
  return {lrp};
}

struct Follower {
  explicit Follower(World* world, std::optional<uint64_t> after = std::nullopt,
                    EventFilter filter = {}) {
    auto got = world->term->hub().Subscribe(filter, after, [count = count] { ++*count; });
    status = got.status();
    if (got.ok()) subscription = *got;
  }
  std::vector<EventBatch::Item> TakeAll() {
    std::vector<EventBatch::Item> all;
    while (true) {
      auto batch = subscription->Take(2);
      status = batch.status();
      if (!batch.ok() || batch->items.empty()) return all;
      for (auto& item : batch->items) all.push_back(std::move(item));
    }
  }
  int calls() const { return *count; }

  std::shared_ptr<std::atomic<int>> count = std::make_shared<std::atomic<int>>(0);
  absl::Status status;
  std::shared_ptr<Subscription> subscription;
};

}  // namespace diego::bbs::testing
