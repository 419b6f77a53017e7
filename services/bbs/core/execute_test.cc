// Properties of every command, over random walks: whatever comes in whatever order.
#include "services/bbs/core/execute.h"

#include <catch2/catch.hpp>

#include <map>

#include "absl/strings/str_cat.h"
#include "libs/base/random.h"
#include "services/bbs/core/converge_lrp.h"
#include "services/bbs/core/converge_task.h"
#include "services/bbs/core/event.h"
#include "services/bbs/core/testing_states.h"

namespace diego::bbs {
namespace {

using testing::kApps;
using testing::kNow;

// Draws commands about few processes, indices, instances, cells and tasks, so that they meet.
class CommandDraw {
 public:
  explicit CommandDraw(uint64_t seed) : random_(seed) {}

  uint64_t Below(uint64_t bound) { return random_.Below(bound); }

  Command Next() {
    switch (Below(26)) {
      case 0: return UpsertDomain{kApps, absl::Seconds(Below(2) * 20)};
      case 1: return Desire();
      case 2: return Update();
      case 3: return RemoveDesiredLrp{Process()};
      case 4:
      case 5: return ClaimActualLrp{Process(), Index(), Instance()};
      case 6:
      case 7:
      case 8: return StartActualLrp{Facts()};
      case 9: return CrashActualLrp{Key(), Instance(), "boom"};
      case 10: return FailActualLrp{Key(), "no room"};
      case 11: return RemoveActualLrp{Process(), Index(), Instance()};
      case 12: return RetireActualLrp{Key(), Cells()};
      case 13: return EvacuateClaimedActualLrp{Key(), Instance()};
      case 14:
      case 15: return EvacuateRunningActualLrp{Facts()};
      case 16: return EvacuateStoppedActualLrp{Key(), Instance()};
      case 17: return EvacuateCrashedActualLrp{Key(), Instance(), "boom"};
      case 18: return RemoveEvacuatingActualLrp{Key(), Instance()};
      case 19: return DesireSomeTask();
      case 20: return StartTask{TaskId(), Cell()};
      case 21: return CompleteTask{TaskId(), Cell(), Below(2) == 0, "exit 1", "42"};
      case 22: return CancelTask{TaskId()};
      case 23: return RejectTask{TaskId(), "no room"};
      case 24: return Below(2) == 0 ? Command(ResolvingTask{TaskId()}) : DeleteTask{TaskId()};
      default: return Converge{Cells(), {}, {}, static_cast<int>(1 + Below(20)), Below(4) == 0};
    }
  }

 private:
  ProcessGuid Process() { return ProcessGuid(absl::StrCat("web-", Below(2))); }
  int32_t Index() { return static_cast<int32_t>(Below(3)); }
  ActualLrpKey Key() { return {Process(), Index(), kApps}; }
  CellId Cell() { return CellId(absl::StrCat(Below(3))); }
  // An instance guid belongs to one cell for ever.
  InstanceKey Instance() {
    const uint64_t number = Below(6);
    return {InstanceGuid(absl::StrCat("i", number)), CellId(absl::StrCat(number % 3))};
  }
  TaskGuid TaskId() { return TaskGuid(absl::StrCat("task-", Below(3))); }
  std::shared_ptr<const std::set<CellId>> Cells() {
    static const char* const kSets[] = {"?", "", "0", "0 1", "1 2", "0 1 2"};
    return testing::Cells(kSets[Below(6)]);
  }
  InstanceFacts Facts() {
    InstanceFacts facts;
    facts.key = Key();
    facts.instance = Instance();
    facts.net_info.address = absl::StrCat("10.0.0.", Below(2));
    return facts;
  }
  Command Desire() {
    DesireLrp desire;
    desire.lrp.process_guid = Process();
    desire.lrp.domain = kApps;
    desire.lrp.instances = Index();
    if (Below(4) == 0) desire.lrp.update_strategy = UpdateStrategy::kRecreate;
    return desire;
  }
  Command Update() {
    UpdateDesiredLrp update{Process(), {}};
    update.update.instances = Index();
    if (Below(3) == 0) update.update.routes = Routes{{"internal-router", "[]"}};
    return update;
  }
  Command DesireSomeTask() {
    DesireTask desire;
    desire.task.task_guid = TaskId();
    desire.task.domain = kApps;
    if (Below(2) == 0) desire.task.completion_callback_url = "http://client/done";
    return desire;
  }

  Random random_;
};

// What a subscriber holds of the instances, built from events alone.
class Picture {
 public:
  // False when an event does not fit what was told before.
  bool Take(const std::vector<Event>& events) {
    for (const Event& event : events) {
      const auto* change = std::get_if<ActualLrpInstanceEvent>(&event);
      if (change == nullptr) continue;
      if (change->before != nullptr && rows_.erase(KeyOf(*change->before)) == 0) return false;
      if (change->after != nullptr && !rows_.emplace(KeyOf(*change->after), change->after).second) {
        return false;
      }
    }
    return true;
  }
  bool Shows(const State& state) const {
    size_t count = 0;
    for (const auto& [index, rows] : state.actual_lrps()) {
      for (const Record<ActualLrp>& row : rows.by_presence) {
        if (row == nullptr) continue;
        ++count;
        const auto it = rows_.find(KeyOf(*row));
        if (it == rows_.end() || !(*it->second == *row)) return false;
      }
    }
    return count == rows_.size();
  }

 private:
  static std::string KeyOf(const ActualLrp& lrp) {
    return absl::StrCat(lrp.key.process_guid.value(), "/", testing::Row(lrp).substr(0, 40), "/",
                        lrp.tag.epoch, lrp.tag.index);
  }
  std::map<std::string, Record<ActualLrp>> rows_;
};

// What a pass that looks at every index and every task would come to.
State ConvergedByHand(const State& state, const Converge& pass, absl::Time now) {
  std::set<State::LrpIndex> indices;
  for (const auto& [guid, lrp] : state.desired_lrps()) {
    for (int32_t index = 0; index < lrp->instances; ++index) indices.emplace(guid, index);
  }
  for (const auto& [index, rows] : state.actual_lrps()) indices.insert(index);
  const Stamp stamp{now, 1};
  const RuleSettings settings;
  const Facts facts{state, stamp, settings};
  Outcome outcome;
  ConvergeCursor cursor;
  LrpConverger converger(facts, pass, &cursor, &outcome);
  for (const auto& [guid, index] : indices) {
    converger.VisitIndex(guid, index, state.FindActuals(guid, index));
  }
  converger.Flush();
  for (const auto& [guid, task] : state.tasks()) {
    ConvergeTask(facts, pass, task, &cursor.counts, &outcome);
  }
  State after = state;
  for (const Change& change : outcome.changes) after.Apply(change);
  return after;
}

// The counts and lists that State keeps up to date, made anew.
bool KeepsItsBooks(const State& state) {
  State anew;
  for (const auto& [guid, lrp] : state.desired_lrps()) anew.Apply(Appears(lrp));
  int64_t running = 0;
  for (const auto& [index, rows] : state.actual_lrps()) {
    for (const Record<ActualLrp>& row : rows.by_presence) {
      if (row != nullptr) anew.Apply(Appears(row));
    }
    if (rows.ordinary() && rows.ordinary()->state == ActualLrpState::kRunning) ++running;
  }
  for (const auto& [guid, task] : state.tasks()) anew.Apply(Appears(task));
  return anew.unsettled_lrps() == state.unsettled_lrps() &&
         anew.open_tasks() == state.open_tasks() &&
         anew.desired_instances() == state.desired_instances() &&
         state.CountOf(Presence::kOrdinary, ActualLrpState::kRunning) == running;
}

bool IsWanted(const State& state, const ActualLrpKey& key) {
  const Record<DesiredLrp> desired = state.FindDesired(key.process_guid);
  return desired != nullptr && key.index < desired->instances;
}

}  // namespace

TEST_CASE("execute: random walks keep every promise of the core", "[bbs][execute]") {
  const uint64_t seed = GENERATE(range(uint64_t{1}, uint64_t{41}));
  CommandDraw draw(seed);
  State state;
  Picture picture;
  absl::Time now = kNow;
  for (int step = 0; step < 1000; ++step) {
    now += absl::Seconds(draw.Below(4));
    if (draw.Below(50) == 0) now += absl::Minutes(20);
    const Command command = draw.Next();
    const Stamp stamp{now, draw.Below(1'000'000'000)};
    const Outcome outcome = Execute(state, command, stamp, RuleSettings());
    const Outcome again = Execute(state, command, stamp, RuleSettings());
    INFO("seed " << seed << " step " << step << " command " << command.index());
    REQUIRE(testing::Words(EventsOf(outcome.changes)) == testing::Words(EventsOf(again.changes)));
    REQUIRE(testing::Words(outcome.effects) == testing::Words(again.effects));
    // A refusal changes nothing; a crash whose restart finds no desired LRP is none.
    if (!outcome.status.ok() && !std::holds_alternative<CrashActualLrp>(command)) {
      REQUIRE(outcome.changes.empty());
      REQUIRE(outcome.effects.empty());
    }
    for (const Change& change : outcome.changes) state.Apply(change);
    REQUIRE(picture.Take(EventsOf(outcome.changes)));
    REQUIRE(picture.Shows(state));
    REQUIRE(KeepsItsBooks(state));
    if (const auto* pass = std::get_if<Converge>(&command); pass != nullptr && step % 4 == 0) {
      Converge whole = *pass;
      whole.row_budget = 1000;
      const State by_hand = ConvergedByHand(state, whole, now);
      const State after = testing::Run(state, whole, now).after;
      REQUIRE(testing::Rows(after) == testing::Rows(by_hand));
      REQUIRE(testing::Tasks(after) == testing::Tasks(by_hand));
    }
    for (const Effect& effect : outcome.effects) {
      const auto* stop = std::get_if<StopInstance>(&effect);
      if (stop == nullptr || std::holds_alternative<RetireActualLrp>(command)) continue;
      REQUIRE_FALSE(IsWanted(state, stop->key));
    }
  }
}

}  // namespace diego::bbs
