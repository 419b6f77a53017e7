// Rolls over random walks: cells that run containers, effects that are late or lost, instances that
// crash, cells that vanish and return, and an operator who updates, cancels, rolls back and scales.
//
// Whatever comes, an index that is served is not left unserved by a roll. After calm the roll is
// done, and every index runs the active definition once.
#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/random.h"
#include "services/bbs/core/definitions.h"
#include "services/bbs/core/testing_states.h"

namespace diego::bbs {
namespace {

using testing::kApps;
using testing::kNow;
using testing::kWeb;

// Definitions whose id says "bad" never come up.
bool ComesUp(const std::string& definition_id) { return !absl::StrContains(definition_id, "bad"); }

class RollWorld {
 public:
  explicit RollWorld(uint64_t seed) : random_(seed) {
    DesireLrp desire{testing::Web(2)};
    desire.lrp.definition_id = "v0";
    REQUIRE(Do(desire).ok());
    REQUIRE(Do(UpsertDomain{kApps, absl::ZeroDuration()}).ok());
  }

  void Step() {
    now_ += absl::Seconds(Below(4));
    if (Below(60) == 0) now_ += absl::Minutes(1 + Below(20));
    switch (Below(20)) {
      case 0: return Operate();
      case 1: return Strike();
      case 2: return MoveCell();
      case 3: return Lose();
      case 4:
      case 5: return Pass();
      default: return Work();
    }
  }

  // Nothing goes wrong any more, and the operator wants what comes up.
  void CalmDown() {
    live_ = {"1", "2", "3"};
    Roll("good-at-last");
    for (int i = 0; i < 3000; ++i) {
      now_ += absl::Seconds(Below(20));
      if (Below(8) == 0) Pass();
      Work();
    }
  }

  void CheckServed() {
    const std::set<int32_t> served = Served();
    for (const int32_t index : served_) {
      const bool excused = struck_.count(index) > 0 || index >= Lrp()->instances;
      INFO("index " << index << " rows " << testing::Rows(state_) << " roll "
                    << testing::RollWords(state_) << " last " << last_);
      REQUIRE((excused || served.count(index) > 0));
    }
    served_ = served;
    struck_.clear();
  }

  void CheckDone() const {
    INFO(testing::Rows(state_) << " roll " << testing::RollWords(state_));
    CHECK_FALSE(Lrp()->rollout->under_way());
    CHECK(Lrp()->DefinitionId() == "good-at-last");
    CHECK(containers_.size() == static_cast<size_t>(Lrp()->instances));
    CHECK(state_.actual_lrp_row_count() == static_cast<size_t>(Lrp()->instances));
    for (int32_t index = 0; index < Lrp()->instances; ++index) {
      const auto row = state_.FindActual({kWeb, index});
      REQUIRE(row != nullptr);
      CHECK(row->state == ActualLrpState::kRunning);
      CHECK(row->definition_id == "good-at-last");
    }
  }

 private:
  struct Container {
    int32_t index = 0;
    std::string cell;
    std::string definition_id;
    bool running = false;
    bool ready = false;
  };
  struct AuctionOf {
    int32_t index;
    std::string definition_id;
  };

  uint64_t Below(uint64_t bound) { return random_.Below(bound); }
  Record<DesiredLrp> Lrp() const { return state_.FindDesired(kWeb); }
  ActualLrpKey KeyOf(const Container& c) const { return {kWeb, c.index, kApps}; }
  static InstanceKey InstanceOf(const std::string& guid, const Container& c) {
    return {InstanceGuid(guid), CellId(c.cell)};
  }
  // The row that the instance holds, of any presence.
  Record<ActualLrp> RowOf(const std::string& guid, const Container& c) const {
    for (const auto& row : state_.FindActuals(kWeb, c.index).by_presence) {
      if (row != nullptr && row->instance == InstanceOf(guid, c)) return row;
    }
    return nullptr;
  }
  InstanceFacts FactsOf(const std::string& guid, const Container& c) const {
    InstanceFacts facts;
    facts.key = KeyOf(c);
    facts.instance = InstanceOf(guid, c);
    facts.definition_id = c.definition_id;
    facts.routable = c.ready;
    return facts;
  }
  std::set<int32_t> Served() const {
    std::set<int32_t> served;
    for (const auto& [guid, c] : containers_) {
      const auto row = RowOf(guid, c);
      if (c.ready && row != nullptr && row->state == ActualLrpState::kRunning) {
        served.insert(c.index);
      }
    }
    return served;
  }

  absl::Status Do(const Command& command) {
    const Outcome outcome = Execute(state_, command, {now_, random_.Next()}, RuleSettings());
    for (const Change& change : outcome.changes) state_.Apply(change);
    for (const Effect& effect : outcome.effects) {
      if (const auto* auction = std::get_if<AuctionLrps>(&effect)) {
        for (const int32_t index : auction->request.indices) {
          auctions_.push_back({index, auction->request.definition_id});
        }
      } else if (const auto* stop = std::get_if<StopInstance>(&effect)) {
        // Scaled away, and perhaps wanted again when it arrives.
        const bool is_extra = stop->key.index >= Lrp()->instances;
        stops_.push_back({stop->instance.instance_guid.value(), is_extra});
      }
    }
    return outcome.status;
  }

  void Roll(const std::string& id) {
    UpdateDesiredLrp update{kWeb, {}};
    update.update.definition = testing::Definition(id);
    last_ = absl::StrCat("update to ", id);
    REQUIRE(Do(update).ok());
  }
  void Operate() {
    switch (Below(4)) {
      case 0: return Roll(absl::StrCat(Below(3) == 0 ? "bad-" : "v", ++versions_));
      case 1:
        last_ = "cancel";
        Do(CancelDesiredLrpUpdate{kWeb}).IgnoreError();
        return;
      case 2: {
        const auto& kept = Lrp()->rollout->kept;
        if (kept.empty()) return;
        last_ = "roll back";
        REQUIRE(Do(RollBackDesiredLrp{kWeb, kept[Below(kept.size())].id}).ok());
        return;
      }
      default: {
        UpdateDesiredLrp scale{kWeb, {}};
        scale.update.instances = static_cast<int32_t>(1 + Below(4));
        last_ = "scale";
        REQUIRE(Do(scale).ok());
      }
    }
  }
  // A container crashes.
  void Strike() {
    if (containers_.empty()) return;
    const auto it = std::next(containers_.begin(), static_cast<long>(Below(containers_.size())));
    last_ = "crash";
    Crash(it->first);
  }
  void Crash(const std::string& guid) {
    const auto gone = containers_.extract(guid);  // `guid` may be its key
    const Container& c = gone.mapped();
    struck_.insert(c.index);
    Do(CrashActualLrp{KeyOf(c), InstanceOf(guid, c), "boom"}).IgnoreError();
  }
  // A cell vanishes with what it runs, evacuates, or comes back.
  void MoveCell() {
    const std::string cell = absl::StrCat(1 + Below(3));
    if (Below(3) == 0) {
      last_ = "evacuate";
      for (const auto& [guid, c] : std::map<std::string, Container>(containers_)) {
        if (c.cell == cell && c.running) Evacuate(guid, c);
      }
      return;
    }
    last_ = "cell";
    if (live_.insert(cell).second || live_.size() == 1) return;
    live_.erase(cell);
    for (auto it = containers_.begin(); it != containers_.end();) {
      if (it->second.cell == cell) {
        struck_.insert(it->second.index);
        it = containers_.erase(it);
      } else {
        ++it;
      }
    }
  }
  void Evacuate(const std::string& guid, const Container& c) {
    const EvacuateRunningActualLrp evacuate{FactsOf(guid, c)};
    const Outcome outcome = Execute(state_, evacuate, {now_, 1}, RuleSettings());
    Do(evacuate).IgnoreError();
    if (!outcome.keep_container) {
      // A cell that is told so has been replaced, or never was wanted.
      if (RowOf(guid, c) != nullptr) struck_.insert(c.index);
      containers_.erase(guid);
    }
  }
  void Lose() {
    if (Below(2) == 0 && !auctions_.empty()) auctions_.pop_front();
    if (Below(2) == 0 && !stops_.empty()) stops_.pop_front();
  }
  void Pass() {
    auto cells = std::make_shared<std::set<CellId>>();
    for (const std::string& cell : live_) cells->insert(CellId(cell));
    last_ = "pass";
    Do(Converge{cells, {}, {}, 100000}).IgnoreError();
  }

  // A row that a live cell has no container for.
  void Bulk() {
    const State before = state_;
    for (const auto& [index, rows] : before.actual_lrps()) {
      for (const auto& row : rows.by_presence) {
        if (row == nullptr || live_.count(row->instance.cell_id.value()) == 0) continue;
        if (containers_.count(row->instance.instance_guid.value()) > 0) continue;
        last_ = "bulk";
        if (row->presence == Presence::kEvacuating) {
          Do(RemoveEvacuatingActualLrp{row->key, row->instance}).IgnoreError();
        } else if (row->presence == Presence::kSuspect) {
          Do(CrashActualLrp{row->key, row->instance, "missing"}).IgnoreError();
        } else {
          Do(RemoveActualLrp{kWeb, row->key.index, row->instance}).IgnoreError();
        }
      }
    }
  }

  // Something that cells do.
  void Work() {
    if (Below(20) == 0) return Bulk();
    const uint64_t pick = Below(3);
    if (pick == 0 && !auctions_.empty()) return Place();
    if (pick == 1 && !stops_.empty()) return Stop();
    if (containers_.empty()) return;
    const auto it = std::next(containers_.begin(), static_cast<long>(Below(containers_.size())));
    Report(it->first);
  }
  void Place() {
    const AuctionOf auction = auctions_.front();
    auctions_.pop_front();
    const Container c{auction.index,
                      *std::next(live_.begin(), static_cast<long>(Below(live_.size()))),
                      auction.definition_id};
    const std::string guid = absl::StrCat("i", ++instances_);
    last_ = absl::StrCat("claim ", guid, " ", c.definition_id);
    if (Do(ClaimActualLrp{kWeb, c.index, InstanceOf(guid, c), c.definition_id}).ok()) {
      containers_[guid] = c;
    }
  }
  // As the rep's table has it.
  void Stop() {
    const auto [guid, is_extra] = stops_.front();
    stops_.pop_front();
    const auto it = containers_.find(guid);
    if (it == containers_.end()) return;
    const Container c = it->second;
    if (is_extra) struck_.insert(c.index);
    containers_.erase(it);
    last_ = absl::StrCat("stopped ", guid);
    const auto row = RowOf(guid, c);
    if (row == nullptr) return;
    if (row->presence == Presence::kEvacuating) {
      Do(RemoveEvacuatingActualLrp{KeyOf(c), InstanceOf(guid, c)}).IgnoreError();
    } else {
      Do(RemoveActualLrp{kWeb, c.index, InstanceOf(guid, c)}).IgnoreError();
    }
  }
  void Report(const std::string& guid) {
    Container& c = containers_.at(guid);
    last_ = absl::StrCat("report ", guid, " ", c.definition_id);
    if (!ComesUp(c.definition_id)) return Crash(guid);
    if (c.running) c.ready = c.ready || Below(2) == 0;
    c.running = true;
    // The end of an evacuation waits for no readiness; that is no matter of rolls.
    const bool evacuates = state_.FindActuals(kWeb, c.index).evacuating() != nullptr &&
                           !StandsBeside(Lrp().get(), c.index);
    if (evacuates) struck_.insert(c.index);
    if (!Do(StartActualLrp{FactsOf(guid, c)}).ok()) containers_.erase(guid);
  }

  Random random_;
  State state_;
  absl::Time now_ = kNow;
  std::set<std::string> live_ = {"1", "2", "3"};
  std::map<std::string, Container> containers_;
  std::deque<AuctionOf> auctions_;
  std::deque<std::pair<std::string, bool>> stops_;
  std::set<int32_t> served_;
  std::set<int32_t> struck_;  // indices that something happened to in this step
  int instances_ = 0;
  int versions_ = 0;
  std::string last_;
};

}  // namespace

TEST_CASE("roll: random walks leave no index unserved, and come to an end", "[bbs][roll]") {
  const uint64_t seed = GENERATE(range(uint64_t{1}, uint64_t{201}));
  INFO("seed " << seed);
  RollWorld world(seed);
  for (int step = 0; step < 1500; ++step) {
    world.Step();
    INFO("step " << step);
    world.CheckServed();
  }
  world.CalmDown();
  world.CheckDone();
}

}  // namespace diego::bbs
