#include "integration/simulation/rest.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "integration/simulation/definitions.h"
#include "services/bbs/core/definitions.h"

namespace diego::simulation {
namespace {

class Rest {
 public:
  Rest(const bbs::State& state, const std::vector<Cell*>& cells, const EmitterNode& emitter)
      : state_(state), emitter_(emitter) {
    for (const Cell* cell : cells) {
      containers_ += cell->container_count();
      for (RunningInstance& one : cell->Running()) {
        ++running_count_;
        running_[{one.key.process_guid, one.key.index}].push_back(std::move(one));
      }
    }
  }

  std::string Unsettled() {
    std::string trouble = OfTasks();
    for (const auto& [guid, lrp] : state_.desired_lrps()) {
      if (trouble.empty()) trouble = OfLrp(*lrp);
    }
    return trouble.empty() ? OfTotals() : trouble;
  }

 private:
  using Index = std::pair<ProcessGuid, int32_t>;

  // How an index stands whose active definition does not come up, or any other one.
  struct Hope {
    bool runs = true;    // an instance does, of whichever definition
    bool tries = false;  // one is tried, beside it or alone
  };
  Hope HopeOf(const DesiredLrp& lrp, int32_t index) const {
    if (ComesUp(lrp.DefinitionId())) return {};
    const Rollout& rollout = *lrp.rollout;
    const bool stands_here = rollout.under_way() && rollout.index == index;
    if (stands_here && rollout.beside) return {true, true};
    // What an LRP of this name left, which nobody remembers, is not healthy and yet runs on.
    const auto row = state_.FindActuals(lrp.process_guid, index).ordinary();
    if (row != nullptr && row->state == ActualLrpState::kRunning &&
        bbs::DefinitionOf(*row, lrp) != lrp.DefinitionId()) {
      return {};
    }
    // No instance ran when the update came, or none was wanted.
    if (rollout.healthy_id.empty() || !ComesUp(rollout.healthy_id)) return {false, true};
    return {!stands_here, stands_here};
  }

  std::string OfTasks() const {
    for (const auto& [guid, task] : state_.tasks()) {
      if (task->state == TaskState::kPending || task->state == TaskState::kRunning) {
        return absl::StrCat(guid.value(), " is ", TaskStateName(task->state));
      }
    }
    return "";
  }

  std::string OfLrp(const DesiredLrp& lrp) {
    if (ComesUp(lrp.DefinitionId()) && lrp.rollout->under_way()) {
      return absl::StrCat(lrp.process_guid.value(), " still rolls to ", lrp.DefinitionId());
    }
    for (int32_t index = 0; index < lrp.instances; ++index) {
      const Hope hope = HopeOf(lrp, index);
      wanted_ += hope.runs ? 1 : 0;
      tried_ += hope.tries ? 1 : 0;
      const std::string trouble = hope.runs ? OfIndex(lrp, index, hope) : OfTried(lrp, index);
      if (!trouble.empty()) {
        return absl::StrCat(lrp.process_guid.value(), "/", index, " ", trouble, RowsOf(lrp, index));
      }
    }
    return "";
  }

  // What the records say, for whoever looks for the cause.
  std::string RowsOf(const DesiredLrp& lrp, int32_t index) const {
    const Rollout& rollout = *lrp.rollout;
    std::string text =
        absl::StrCat("; healthy \"", rollout.healthy_id, "\", active ", lrp.DefinitionId(),
                     ", stands at ", rollout.index.value_or(-1), rollout.beside ? " beside" : "");
    for (const auto& row : state_.FindActuals(lrp.process_guid, index).by_presence) {
      if (row == nullptr) continue;
      absl::StrAppend(&text, "; ", PresenceName(row->presence), " ", ActualLrpStateName(row->state),
                      " ", bbs::DefinitionOf(*row, lrp), " ", row->instance.cell_id.value(), " ",
                      row->placement_error);
    }
    return text;
  }

  std::string OfTried(const DesiredLrp& lrp, int32_t index) {
    const auto& running = running_[{lrp.process_guid, index}];
    return running.empty() ? "" : absl::StrCat("runs ", running[0].definition);
  }

  std::string OfIndex(const DesiredLrp& lrp, int32_t index, const Hope& hope) {
    const auto& running = running_[{lrp.process_guid, index}];
    if (running.size() != 1) return absl::StrCat("runs ", running.size(), " times");
    const RunningInstance& one = running[0];
    const auto rows = state_.FindActuals(lrp.process_guid, index);
    const auto& row = hope.tries ? rows.evacuating() : rows.ordinary();
    if (row == nullptr || row->instance != one.instance || row->state != ActualLrpState::kRunning) {
      return absl::StrCat("runs as ", one.instance.instance_guid.value(), " on ",
                          one.instance.cell_id.value(), ", which is not what its record says");
    }
    const std::string& definition = bbs::DefinitionOf(*row, lrp);
    if (!one.definition.empty() && one.definition != definition) {
      return absl::StrCat("runs ", one.definition, "; its record says ", definition);
    }
    // What an LRP of this name left that was removed before, whose stop was lost, is taken over.
    const bool taken_over = !bbs::Knows(lrp, definition);
    if (ComesUp(lrp.DefinitionId()) && definition != lrp.DefinitionId() && !taken_over) {
      return absl::StrCat("runs ", definition, ", not ", lrp.DefinitionId());
    }
    if (!emitter_.Leads(EmitterNode::HostnameOf(lrp.process_guid), one.instance.instance_guid)) {
      return "runs without a route";
    }
    return "";
  }

  // Nothing else runs, is recorded or is routed to.
  std::string OfTotals() const {
    const auto differ = [this](size_t count, absl::string_view what) {
      return absl::StrCat(count, " ", what, " for ", wanted_, " wishes and ", tried_, " tries");
    };
    if (running_count_ != wanted_) return differ(running_count_, "running containers");
    if (containers_ > wanted_ + tried_) return differ(containers_, "containers");
    if (emitter_.routes().size() != wanted_) return differ(emitter_.routes().size(), "routes");
    const size_t rows = state_.actual_lrp_row_count();
    return rows == wanted_ + tried_ ? "" : differ(rows, "records");
  }

  const bbs::State& state_;
  const EmitterNode& emitter_;
  std::map<Index, std::vector<RunningInstance>> running_;
  size_t running_count_ = 0;
  size_t containers_ = 0;
  size_t wanted_ = 0;
  size_t tried_ = 0;
};

}  // namespace

std::string Unsettled(const bbs::State& state, const std::vector<Cell*>& cells,
                      const EmitterNode& emitter) {
  return Rest(state, cells, emitter).Unsettled();
}

}  // namespace diego::simulation
