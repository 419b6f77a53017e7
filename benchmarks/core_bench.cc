// Commands a second that the BBS's core executes and applies, on one thread, with no I/O: the
// ceiling of everything above it. `core_bench --help` says what can be set.
#include <algorithm>
#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "benchmarks/numbers.h"
#include "libs/base/check.h"
#include "libs/base/clock.h"
#include "services/bbs/core/execute.h"

namespace diego::bbs {
namespace {

constexpr char kHelp[] =
    "Usage: core_bench [--lrps N] [--instances M] [--rounds R] [--json]\n"
    "Executes each kind of command over N desired LRPs of M instances, R times, on one thread.\n";

struct Options {
  int lrps = 10000;
  int instances = 5;
  int rounds = 5;
  bool json = false;
};

// One kind of command: how many a round holds, and the i-th of them.
struct Kind {
  std::string name;
  int count;
  std::function<Command(int)> make;
};

ProcessGuid GuidOf(int lrp) { return ProcessGuid(absl::StrCat("process-", 1000000 + lrp)); }

InstanceKey InstanceOf(int number) {
  return {InstanceGuid(absl::StrCat("instance-", number)),
          CellId(absl::StrCat("cell-", number % 1000))};
}

DesireLrp Desire(int lrp, int instances) {
  DesireLrp command;
  command.lrp.process_guid = GuidOf(lrp);
  command.lrp.domain = Domain("bench");
  command.lrp.log_guid = "log";
  command.lrp.instances = instances;
  command.lrp.size = {.memory_mb = 128, .disk_mb = 512, .max_pids = 100};
  command.lrp.placement.root_fs = "preloaded:busybox";
  command.lrp.routes["cf-router"] = R"([{"hostnames":["a.example"],"port":8080}])";
  command.lrp.run_info = Opaque(std::string(1500, 'x'));
  return command;
}

StartActualLrp Start(int lrp, int index, int number) {
  StartActualLrp command;
  command.facts.key = {GuidOf(lrp), index, Domain("bench")};
  command.facts.instance = InstanceOf(number);
  command.facts.net_info.address = "10.0.0.1";
  command.facts.net_info.ports = {{8080, 61000, 0, 0}};
  command.facts.metric_tags = {{"source_id", "bench"}};
  return command;
}

std::vector<Kind> Kinds(const Options& options) {
  const int m = options.instances;
  const int all = options.lrps * m;
  const auto key = [m](int i) { return ActualLrpKey{GuidOf(i / m), i % m, Domain("bench")}; };
  return {
      {"desire", options.lrps, [m](int i) { return Desire(i, m); }},
      {"claim", all,
       [m](int i) {
         return ClaimActualLrp{GuidOf(i / m), i % m, InstanceOf(i)};
       }},
      {"start", all, [m](int i) { return Start(i / m, i % m, i); }},
      {"start again (same facts)", all, [m](int i) { return Start(i / m, i % m, i); }},
      {"crash", all,
       [key](int i) {
         return CrashActualLrp{key(i), InstanceOf(i), "exited"};
       }},
      {"update", options.lrps,
       [](int i) {
         UpdateDesiredLrp command;
         command.process_guid = GuidOf(i);
         command.update.annotation = "changed";
         return command;
       }},
      {"remove", options.lrps, [](int i) { return RemoveDesiredLrp{GuidOf(i)}; }},
  };
}

// Commands a second of one kind in one round; the state carries over to the next kind.
double Measure(const Kind& kind, State* state) {
  std::vector<Command> commands;
  commands.reserve(kind.count);
  for (int i = 0; i < kind.count; ++i) commands.push_back(kind.make(i));
  const RuleSettings settings;
  Stamp stamp{absl::FromUnixSeconds(1767225600), 1};
  const absl::Duration started = RealClock().Monotonic();
  for (const Command& command : commands) {
    ++stamp.seed;
    const Outcome outcome = Execute(*state, command, stamp, settings);
    DIEGO_CHECK(outcome.status.ok()) << kind.name << ": " << outcome.status.ToString();
    for (const Change& change : outcome.changes) state->Apply(change);
  }
  return kind.count / absl::ToDoubleSeconds(RealClock().Monotonic() - started);
}

int Main(int argc, char** argv) {
  Options options;
  if (!ParseNumbers(argc, argv,
                    {{"--lrps", &options.lrps},
                     {"--instances", &options.instances},
                     {"--rounds", &options.rounds}},
                    &options.json)) {
    std::fputs(kHelp, stderr);
    return 2;
  }
  const std::vector<Kind> kinds = Kinds(options);
  std::vector<std::vector<double>> rates(kinds.size());
  for (int round = 0; round < options.rounds; ++round) {
    State state;
    for (size_t k = 0; k < kinds.size(); ++k) rates[k].push_back(Measure(kinds[k], &state));
  }
  if (!options.json) std::printf("%-26s %14s %14s %14s\n", "commands/s", "min", "median", "max");
  for (size_t k = 0; k < kinds.size(); ++k) {
    std::vector<double>& rate = rates[k];
    std::sort(rate.begin(), rate.end());
    const double median = rate[rate.size() / 2];
    if (options.json) {
      const nlohmann::ordered_json line = {{"bench", "core"},      {"command", kinds[k].name},
                                           {"lrps", options.lrps}, {"instances", options.instances},
                                           {"min", rate.front()},  {"median", median},
                                           {"max", rate.back()}};
      std::printf("%s\n", line.dump().c_str());
    } else {
      std::printf("%-26s %14.0f %14.0f %14.0f\n", kinds[k].name.c_str(), rate.front(), median,
                  rate.back());
    }
  }
  return 0;
}

}  // namespace
}  // namespace diego::bbs

int main(int argc, char** argv) { return diego::bbs::Main(argc, argv); }
