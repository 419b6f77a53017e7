// What convergence costs at scale, on the rules alone: passes over many instances on many cells,
// in slices that grow and shrink as the BBS's do. `converge_bench --help` says what can be set.
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "benchmarks/numbers.h"
#include "libs/base/check.h"
#include "libs/base/clock.h"
#include "services/bbs/core/execute.h"
#include "services/bbs/core/rows.h"
#include "services/bbs/engine/converger.h"

namespace diego::bbs {
namespace {

constexpr char kHelp[] =
    "Usage: converge_bench [--lrps N] [--instances M] [--cells C] [--rounds R] [--json]\n"
    "Converges N desired LRPs of M instances each on C cells: with nothing to mend, with a tenth\n"
    "of the cells gone, with these back, with a tenth of the instances waiting for a place, and "
    "with a\n"
    "tenth of the LRPs rolling to another definition.\n";

struct Options {
  int lrps = 200000;
  int instances = 0;  // of each; 0: one, and five of each twentieth
  int cells = 1000;
  int rounds = 5;
  bool json = false;
};

const absl::Time kNow = absl::FromUnixSeconds(1767225600);

std::shared_ptr<const std::set<CellId>> Cells(int from, int to) {
  auto cells = std::make_shared<std::set<CellId>>();
  for (int i = from; i < to; ++i) cells->insert(CellId(absl::StrCat("cell-", i)));
  return cells;
}

State Running(const Options& options) {
  State state;
  int number = 0;
  for (int lrp = 0; lrp < options.lrps; ++lrp) {
    DesiredLrp desired;
    desired.process_guid = ProcessGuid(absl::StrCat("process-", 1000000 + lrp));
    desired.domain = Domain("bench");
    desired.instances = options.instances > 0 ? options.instances : (lrp % 16 == 0 ? 5 : 1);
    desired.routes["internal-router"] = R"([{"hostname":"a.apps.internal"}])";
    desired.metric_tags = {{"app_id", {"app", MetricTagValue::Dynamic::kInvalid}},
                           {"instance_id", {"", MetricTagValue::Dynamic::kIndex}}};
    state.Apply(Appears(MakeRecord(desired)));
    for (int index = 0; index < desired.instances; ++index, ++number) {
      ActualLrp row;
      row.key = {desired.process_guid, index, desired.domain};
      row.state = ActualLrpState::kRunning;
      row.instance = {InstanceGuid(absl::StrCat("instance-", number)),
                      CellId(absl::StrCat("cell-", number % options.cells))};
      row.since = kNow - absl::Hours(1);
      row.internal_routes = {"a.apps.internal"};
      row.metric_tags = {{"app_id", "app"}, {"instance_id", absl::StrCat(index)}};
      state.Apply(Appears(MakeRecord(std::move(row))));
    }
  }
  state.Apply(Appears(MakeRecord(DomainRecord{Domain("bench"), absl::InfiniteFuture()})));
  return state;
}

// Of this thread: what others take of the processor does not count.
absl::Duration ProcessorTime() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return absl::DurationFromTimespec(now);
}

// One pass, and the time that each slice would have held other commands up.
struct Pass {
  std::vector<absl::Duration> slices;
  absl::Duration most_processor;  // that a slice took
  absl::Duration total;
  size_t changes = 0;
};

Pass Converged(State* state, std::shared_ptr<const std::set<CellId>> cells, absl::Time now) {
  const EngineSettings settings;
  Pass pass;
  Converge command;
  command.live_cells = std::move(cells);
  command.row_budget = 128;
  uint64_t seed = 0;
  while (true) {
    const absl::Duration processor_before = ProcessorTime();
    const absl::Duration began_at = RealClock().Monotonic();
    Outcome outcome = Execute(*state, command, Stamp{now, ++seed}, settings.rules);
    for (const Change& change : outcome.changes) state->Apply(change);
    const absl::Duration took = RealClock().Monotonic() - began_at;
    pass.most_processor = std::max(pass.most_processor, ProcessorTime() - processor_before);
    pass.slices.push_back(took);
    pass.total += took;
    pass.changes += outcome.changes.size();
    command.row_budget = NextSliceRows(command.row_budget, took, settings);
    if (!outcome.converge_next) break;
    command.cursor = *std::move(outcome.converge_next);
  }
  std::sort(pass.slices.begin(), pass.slices.end());
  return pass;
}

void Print(const Options& options, const char* name, const Pass& pass) {
  const auto ms = [](absl::Duration duration) { return absl::ToDoubleMilliseconds(duration); };
  const size_t n = pass.slices.size();
  const double median = ms(pass.slices[n / 2]);
  const double p99 = ms(pass.slices[n - 1 - n / 100]);
  const double max = ms(pass.slices.back());
  if (options.json) {
    const nlohmann::ordered_json line = {{"bench", "converge"},
                                         {"pass", name},
                                         {"changes", pass.changes},
                                         {"slices", n},
                                         {"total_ms", ms(pass.total)},
                                         {"slice_median_ms", median},
                                         {"slice_p99_ms", p99},
                                         {"slice_max_ms", max},
                                         {"processor_max_ms", ms(pass.most_processor)}};
    std::printf("%s\n", line.dump().c_str());
  } else {
    std::printf("%-28s %9zu %7zu %10.2f %8.2f %8.2f %8.2f %10.2f\n", name, pass.changes, n,
                ms(pass.total), median, p99, max, ms(pass.most_processor));
  }
}

void Measure(const Options& options) {
  State state = Running(options);
  const int gone = options.cells / 10;
  const auto all = Cells(0, options.cells);
  Print(options, "nothing to mend", Converged(&state, all, kNow));
  Print(options, "a tenth of the cells lost", Converged(&state, Cells(gone, options.cells), kNow));
  Print(options, "still lost", Converged(&state, Cells(gone, options.cells), kNow));
  Print(options, "back", Converged(&state, all, kNow));
  for (int cell = 0; cell < gone; ++cell) {
    const auto slots = state.ActualsOnCell(CellId(absl::StrCat("cell-", cell)));
    for (const ActualLrpSlot& slot : slots) {
      const Record<ActualLrp> row = state.FindActual(slot);
      const Outcome outcome =
          Execute(state, EvacuateClaimedActualLrp{row->key, row->instance}, Stamp{kNow, 1}, {});
      for (const Change& change : outcome.changes) state.Apply(change);
    }
  }
  Print(options, "a tenth waits for a place", Converged(&state, all, kNow + absl::Minutes(1)));
  for (int lrp = 0; lrp < options.lrps; lrp += 10) {
    UpdateDesiredLrp update{ProcessGuid(absl::StrCat("process-", 1000000 + lrp)), {}};
    update.update.definition = LrpDefinition{.id = "next"};
    for (const Change& change : Execute(state, update, Stamp{kNow, 1}, {}).changes) {
      state.Apply(change);
    }
  }
  Print(options, "a tenth of the LRPs roll", Converged(&state, all, kNow + absl::Minutes(1)));
}

int Main(int argc, char** argv) {
  Options options;
  if (!ParseNumbers(argc, argv,
                    {{"--lrps", &options.lrps},
                     {"--instances", &options.instances},
                     {"--cells", &options.cells},
                     {"--rounds", &options.rounds}},
                    &options.json)) {
    std::fputs(kHelp, stderr);
    return 2;
  }
  if (!options.json) {
    std::printf("%-28s %9s %7s %10s %8s %8s %8s %10s\n", "pass; slices in ms", "changes", "slices",
                "total", "median", "99 %", "max", "max cpu");
  }
  for (int round = 0; round < options.rounds; ++round) Measure(options);
  return 0;
}

}  // namespace
}  // namespace diego::bbs

int main(int argc, char** argv) { return diego::bbs::Main(argc, argv); }
