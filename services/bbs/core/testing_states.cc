#include "services/bbs/core/testing_states.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "libs/base/check.h"
#include "libs/models/error.h"
#include "services/bbs/core/rows.h"

namespace diego::bbs::testing {
namespace {

using KeyValues = std::map<std::string, std::string>;

// Splits "RUNNING a@1 age=6m" into its plain words and its key=value pairs.
void Split(absl::string_view text, std::vector<std::string>* words, KeyValues* pairs) {
  for (absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(word, absl::MaxSplits('=', 1));
    if (absl::StrContains(word, '=')) {
      (*pairs)[std::string(pair.first)] = std::string(pair.second);
    } else {
      words->push_back(std::string(word));
    }
  }
}

absl::Duration Age(const KeyValues& pairs, const std::string& name) {
  absl::Duration age = absl::Seconds(10);
  if (pairs.count(name)) DIEGO_CHECK(absl::ParseDuration(pairs.at(name), &age));
  return age;
}

int Number(absl::string_view text) {
  int number = 0;
  DIEGO_CHECK(absl::SimpleAtoi(text, &number));
  return number;
}

std::string InternalRoute(const std::string& hostname) {
  return absl::StrCat("[{\"hostname\":\"", hostname, "\"}]");
}

// "1S:RUNNING a@1 …".
ActualLrp ParseRow(absl::string_view text) {
  ActualLrp lrp;
  lrp.key = KeyOf(0);
  if (const size_t colon = text.find(':'); colon != absl::string_view::npos) {
    absl::string_view prefix = text.substr(0, colon);
    if (absl::ConsumeSuffix(&prefix, "E")) lrp.presence = Presence::kEvacuating;
    if (absl::ConsumeSuffix(&prefix, "S")) lrp.presence = Presence::kSuspect;
    if (!prefix.empty()) lrp.key.index = Number(prefix);
    text = text.substr(colon + 1);
  }
  std::vector<std::string> words;
  KeyValues pairs;
  Split(text, &words, &pairs);
  const auto state = ParseActualLrpState(words.at(0));
  DIEGO_CHECK(state.has_value());
  lrp.state = *state;
  if (words.size() > 1) lrp.instance = Instance(words[1]);
  lrp.since = kNow - Age(pairs, "age");
  lrp.tag = {kOldEpoch, kOldTagIndex};
  lrp.routable = false;
  if (lrp.state == ActualLrpState::kRunning) {
    const InstanceFacts facts = FactsOf(words.at(1), lrp.key.index);
    lrp.net_info = facts.net_info;
    lrp.routable = facts.routable;
    lrp.internal_routes = facts.internal_routes;
  }
  if (pairs.count("crashes")) lrp.crash_count = Number(pairs["crashes"]);
  if (pairs.count("routes")) lrp.internal_routes = {pairs["routes"]};
  if (pairs.count("net")) lrp.net_info.address = pairs["net"];
  if (pairs.count("error")) lrp.placement_error = pairs["error"];
  if (pairs.count("v")) lrp.definition_id = pairs["v"];
  if (pairs.count("routable")) lrp.routable = pairs["routable"] == "yes";
  if (pairs.count("domain")) lrp.key.domain = Domain(pairs["domain"]);
  return lrp;
}

Task ParseTask(absl::string_view text) {
  std::vector<std::string> words;
  KeyValues pairs;
  Split(text, &words, &pairs);
  Task task;
  task.task_guid = kJob;
  task.domain = kApps;
  task.definition = Opaque("definition");
  task.created_at = kNow - Age(pairs, "age");
  task.updated_at = kNow - Age(pairs, "updated");
  for (const TaskState state :
       {TaskState::kPending, TaskState::kRunning, TaskState::kCompleted, TaskState::kResolving}) {
    if (words.at(1) == TaskStateName(state)) task.state = state;
  }
  if (task.state == TaskState::kCompleted || task.state == TaskState::kResolving) {
    task.first_completed_at = kNow - Age(pairs, "completed");
  }
  for (size_t i = 2; i < words.size(); ++i) {
    if (words[i] == "callback") {
      task.completion_callback_url = "http://client/done";
    } else {
      task.cell_id = CellId(words[i]);
    }
  }
  if (pairs.count("rejected")) task.rejection_count = Number(pairs["rejected"]);
  return task;
}

CrashRestartPolicy PolicyOf(const KeyValues& pairs) {
  const auto number = [&pairs](const std::string& name) -> std::optional<int32_t> {
    if (pairs.count(name) == 0) return std::nullopt;
    return Number(pairs.at(name));
  };
  return {number("immediate"), number("seconds"), number("attempts")};
}

DomainRecord ParseDomain(absl::string_view text) {
  std::vector<std::string> words;
  KeyValues pairs;
  Split(text, &words, &pairs);
  absl::Time expiry = absl::InfiniteFuture();
  if (words.at(0) == "fresh") expiry = kNow + absl::Hours(1);
  if (words.at(0) == "expired") expiry = kNow - absl::Seconds(1);
  return {kApps, expiry, PolicyOf(pairs)};
}

SharedRollout ParseRollout(const std::vector<std::string>& words, const KeyValues& pairs) {
  Rollout rollout;
  const auto text = [&](const std::string& name) {
    return pairs.count(name) ? pairs.at(name) : std::string();
  };
  rollout.healthy_id = text("healthy");
  rollout.base_id = text("base");
  if (pairs.count("at")) rollout.index = Number(pairs.at("at"));
  rollout.beside = std::count(words.begin(), words.end(), "beside") > 0;
  if (rollout.index) rollout.index_since = kNow - Age(pairs, "for");
  for (absl::string_view id : absl::StrSplit(text("kept"), ',', absl::SkipEmpty())) {
    rollout.kept.push_back(Definition(id));
  }
  if (pairs.count("given-up")) {
    const std::pair<std::string, std::string> at = absl::StrSplit(pairs.at("given-up"), '@');
    rollout.given_up.push_back({Number(at.first), kNow - Age({{"age", at.second}}, "age")});
  }
  return SharedRollout(std::move(rollout));
}

DesiredLrp ParseDesired(absl::string_view text) {
  std::vector<std::string> words;
  KeyValues pairs;
  Split(text, &words, &pairs);
  DesiredLrp lrp = Web(pairs.count("desired") ? Number(pairs["desired"]) : 1);
  lrp.crash_restart_policy = PolicyOf(pairs);
  if (pairs.count("v")) {
    lrp.definition_id = pairs["v"];
    lrp.run_info = Definition(pairs["v"]).run_info;
  }
  lrp.rollout = ParseRollout(words, pairs);
  if (pairs["strategy"] == "recreate") lrp.update_strategy = UpdateStrategy::kRecreate;
  if (pairs.count("routes")) lrp.routes["internal-router"] = InternalRoute(pairs["routes"]);
  return lrp;
}

std::string InstanceWord(const InstanceKey& instance) {
  return absl::StrCat(instance.instance_guid.value(), "@", instance.cell_id.value());
}

// " v2"; nothing for the definition that an LRP has from the beginning.
std::string DefinitionWord(const std::string& id) {
  const bool is_made_up = id == kOldEpoch || id.size() == 36;  // an epoch
  return id.empty() || is_made_up ? "" : absl::StrCat(" ", id);
}

std::string EventRow(const ActualLrp& lrp) {
  std::string text = absl::StrCat(ActualLrpStateName(lrp.state));
  if (lrp.presence == Presence::kEvacuating) text = absl::StrCat("E:", text);
  if (lrp.presence == Presence::kSuspect) text = absl::StrCat("S:", text);
  if (lrp.key.index != 0)
    text = absl::StrCat(lrp.key.index, lrp.presence == Presence::kOrdinary ? ":" : "", text);
  if (!lrp.instance.empty()) absl::StrAppend(&text, " ", InstanceWord(lrp.instance));
  return text + DefinitionWord(lrp.definition_id);
}

// "created X", "changed X -> Y", "removed X".
template <typename R, typename Describe>
std::string ChangeWords(const RowChange<R>& change, const Describe& describe) {
  if (change.before == nullptr) return absl::StrCat("created ", describe(*change.after));
  if (change.after == nullptr) return absl::StrCat("removed ", describe(*change.before));
  return absl::StrCat("changed ", describe(*change.before), " -> ", describe(*change.after));
}

struct EventWords {
  std::string operator()(const DesiredLrpEvent& event) const {
    return absl::StrCat("desired ", ChangeWords(event, [](const DesiredLrp& lrp) {
                          return absl::StrCat("x", lrp.instances);
                        }));
  }
  std::string operator()(const TaskEvent& event) const {
    return absl::StrCat("task ", ChangeWords(event, [](const Task& task) {
                          return absl::StrCat(TaskStateName(task.state));
                        }));
  }
  std::string operator()(const ActualLrpInstanceEvent& event) const {
    return ChangeWords(event, EventRow);
  }
  std::string operator()(const ActualLrpGroupEvent& event) const {
    return ChangeWords(RowChange<ActualLrp>{event.before.Resolve(), event.after.Resolve()},
                       EventRow);
  }
  std::string operator()(const ActualLrpCrashedEvent& event) const {
    return absl::StrCat("crashed ", InstanceWord(event.instance), " x", event.crash_count);
  }
};

struct EffectWords {
  std::string operator()(const AuctionLrps& e) const {
    return absl::StrCat("auction ", absl::StrJoin(e.request.indices, " "),
                        DefinitionWord(e.request.definition_id));
  }
  std::string operator()(const AuctionTask&) const { return "auction-task"; }
  std::string operator()(const StopInstance& e) const {
    return absl::StrCat("stop ", InstanceWord(e.instance));
  }
  std::string operator()(const UpdateInstance& e) const {
    return absl::StrCat("update ", InstanceWord(e.update.instance));
  }
  std::string operator()(const CancelTaskOnCell& e) const {
    return absl::StrCat("cancel ", e.cell_id.value());
  }
  std::string operator()(const CompleteTaskCallback&) const { return "callback"; }
};

}  // namespace

State StateWith(const Changes& changes) {
  State state;
  for (const Change& change : changes) state.Apply(change);
  return state;
}

State World(absl::string_view words) {
  State state;
  for (absl::string_view part : absl::StrSplit(words, " | ", absl::SkipEmpty())) {
    part = absl::StripAsciiWhitespace(part);
    if (absl::StartsWith(part, "desired")) {
      state.Apply(Appears(MakeRecord(ParseDesired(part))));
    } else if (absl::StartsWith(part, "task ")) {
      state.Apply(Appears(MakeRecord(ParseTask(part))));
    } else if (part == "unreadable") {
      state.MarkUnreadable(kWeb);
    } else if (absl::StartsWith(part, "fresh") || absl::StartsWith(part, "expired") ||
               part == "forever") {
      state.Apply(Appears(MakeRecord(ParseDomain(part))));
    } else if (!part.empty()) {
      state.Apply(Appears(MakeRecord(ParseRow(part))));
    }
  }
  return state;
}

DesiredLrp Web(int32_t instances) {
  DesiredLrp lrp;
  lrp.process_guid = kWeb;
  lrp.domain = kApps;
  lrp.instances = instances;
  lrp.size.memory_mb = 128;
  lrp.placement.root_fs = "preloaded:linux";
  lrp.tag = {kOldEpoch, kOldTagIndex};
  return lrp;
}

InstanceKey Instance(absl::string_view instance_at_cell) {
  const std::pair<absl::string_view, absl::string_view> pair =
      absl::StrSplit(instance_at_cell, absl::MaxSplits('@', 1));
  return {InstanceGuid(pair.first), CellId(pair.second)};
}

ActualLrpKey KeyOf(int32_t index) { return {kWeb, index, kApps}; }

InstanceFacts FactsOf(absl::string_view instance_at_cell, int32_t index) {
  InstanceFacts facts;
  facts.key = KeyOf(index);
  facts.instance = Instance(instance_at_cell);
  facts.net_info.address = "10.0.0.1";
  facts.net_info.ports = {{8080, 61000, 0, 0}};
  facts.routable = true;
  return facts;
}

std::shared_ptr<const std::set<CellId>> Cells(absl::string_view cells) {
  if (cells == "?") return nullptr;
  auto set = std::make_shared<std::set<CellId>>();
  for (absl::string_view cell : absl::StrSplit(cells, ' ', absl::SkipEmpty())) {
    set->insert(CellId(cell));
  }
  return set;
}

std::string Row(const ActualLrp& lrp) {
  std::string text = EventRow(lrp);
  if (lrp.tag.epoch != kOldEpoch) absl::StrAppend(&text, " new");
  if (lrp.tag.index > kOldTagIndex || (lrp.tag.epoch != kOldEpoch && lrp.tag.index > 0)) {
    absl::StrAppend(&text, " +",
                    lrp.tag.epoch == kOldEpoch ? lrp.tag.index - kOldTagIndex : lrp.tag.index);
  }
  return text;
}

std::string Rows(const State& state) {
  std::vector<std::string> rows;
  for (const auto& [index, by_presence] : state.actual_lrps()) {
    for (const Record<ActualLrp>& row : by_presence.by_presence) {
      if (row != nullptr) rows.push_back(Row(*row));
    }
  }
  return absl::StrJoin(rows, " | ");
}

LrpDefinition Definition(absl::string_view id) {
  LrpDefinition definition;
  definition.id = std::string(id);
  definition.size = Web(1).size;
  definition.placement = Web(1).placement;
  definition.run_info = Opaque(absl::StrCat("run ", id));
  return definition;
}

std::string RollWords(const State& state) {
  const Record<DesiredLrp> lrp = state.FindDesired(kWeb);
  if (lrp == nullptr) return "";
  const Rollout& rollout = *lrp->rollout;
  std::string text = lrp->DefinitionId();
  if (!rollout.kept.empty()) {
    absl::StrAppend(&text, " kept ",
                    absl::StrJoin(rollout.kept, " ", [](std::string* out, const auto& one) {
                      absl::StrAppend(out, one.id);
                    }));
  }
  if (!rollout.healthy_id.empty()) absl::StrAppend(&text, ", healthy ", rollout.healthy_id);
  if (!rollout.base_id.empty()) absl::StrAppend(&text, ", base ", rollout.base_id);
  if (rollout.index) {
    absl::StrAppend(&text, ", at ", *rollout.index, rollout.beside ? " beside" : "");
  }
  for (const GivenUpIndex& one : rollout.given_up) {
    absl::StrAppend(&text, ", given up ", one.index);
  }
  return text;
}

std::string Tasks(const State& state) {
  std::vector<std::string> rows;
  for (const auto& [guid, task] : state.tasks()) {
    std::string text = absl::StrCat(TaskStateName(task->state));
    if (!task->cell_id.empty()) absl::StrAppend(&text, " ", task->cell_id.value());
    if (task->failed) absl::StrAppend(&text, " failed: ", task->failure_reason);
    if (!task->result.empty()) absl::StrAppend(&text, " result: ", task->result);
    if (task->rejection_count > 0) {
      absl::StrAppend(&text, " rejected ", task->rejection_count, ": ", task->rejection_reason);
    }
    rows.push_back(text);
  }
  return absl::StrJoin(rows, " | ");
}

std::string Words(const std::vector<Event>& events) {
  return absl::StrJoin(events, ", ", [](std::string* out, const Event& event) {
    absl::StrAppend(out, std::visit(EventWords(), event));
  });
}

std::string Words(const std::vector<GroupEvent>& events) {
  return absl::StrJoin(events, ", ", [](std::string* out, const GroupEvent& event) {
    absl::StrAppend(out, std::visit(EventWords(), event));
  });
}

std::vector<GroupEvent> GroupEventsIn(const State& before, const Changes& changes) {
  return GroupEvents([&](const ProcessGuid& process_guid, int32_t index) {
           return before.FindActuals(process_guid, index);
         })
      .Of(changes);
}

std::string Words(const std::vector<Effect>& effects) {
  return absl::StrJoin(effects, ", ", [](std::string* out, const Effect& effect) {
    absl::StrAppend(out, std::visit(EffectWords(), effect));
  });
}

std::string Words(const absl::Status& status) {
  return status.ok() ? "ok" : std::string(ErrorTypeName(ErrorTypeOf(status)));
}

Result Run(const State& state, const Command& command, absl::Time now, uint64_t seed) {
  Result result{Execute(state, command, Stamp{now, seed}, RuleSettings()), state};
  for (const Change& change : result.outcome.changes) result.after.Apply(change);
  return result;
}

void Verify(const TableRow& row) {
  INFO(row.rule << ": " << row.world);
  const State before = World(row.world);
  const Result result = Run(before, row.call);
  CHECK(Words(result.outcome.status) == row.status);
  const std::string after = result.after.tasks().empty() ? Rows(result.after) : Tasks(result.after);
  CHECK(after == row.after);
  CHECK(Words(EventsOf(result.outcome.changes)) == row.events);
  CHECK(Words(result.outcome.effects) == row.effects);
  CHECK(result.outcome.keep_container == row.keep_container);
  // Whatever counts its tag up, or is new, is of this moment.
  for (const auto& [index, rows] : result.after.actual_lrps()) {
    for (const Record<ActualLrp>& lrp : rows.by_presence) {
      if (lrp == nullptr) continue;
      const bool touched = lrp->tag.epoch != kOldEpoch || lrp->tag.index != kOldTagIndex;
      CHECK((lrp->since == kNow) == touched);
    }
  }
}

}  // namespace diego::bbs::testing
