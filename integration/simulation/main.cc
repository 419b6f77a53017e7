// simulation: runs a small Diego with its real cores and engines on one thread, in virtual time,
// through seeded faults, and checks after each step what must always hold.
//
//   simulation --seeds 1..200 [--jobs 2]  runs them all, on so many threads; each seed on one
//   simulation --seed 17 [--verbose]      replays one, exactly
//   simulation --seed 17 --steps 5000     only that far
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "integration/simulation/cluster.h"
#include "libs/sync/guarded.h"
#include "libs/sync/worker.h"

namespace diego::simulation {
namespace {

struct Options {
  uint64_t first_seed = 1;
  uint64_t last_seed = 1;
  uint64_t steps = 1'000'000;
  uint32_t jobs = 1;
  bool verbose = false;
};

constexpr char kUsage[] =
    "usage: simulation (--seed N | --seeds A..B [--jobs N]) [--steps N] [--verbose]\n";

bool Parse(const std::vector<std::string>& arguments, Options* options) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--verbose") {
      options->verbose = true;
      continue;
    }
    if (i + 1 >= arguments.size()) return false;
    const std::string& value = arguments[++i];
    if (argument == "--seed") {
      if (!absl::SimpleAtoi(value, &options->first_seed)) return false;
      options->last_seed = options->first_seed;
    } else if (argument == "--seeds") {
      const std::vector<std::string> ends = absl::StrSplit(value, "..");
      if (ends.size() != 2 || !absl::SimpleAtoi(ends[0], &options->first_seed) ||
          !absl::SimpleAtoi(ends[1], &options->last_seed)) {
        return false;
      }
    } else if (argument == "--steps") {
      if (!absl::SimpleAtoi(value, &options->steps)) return false;
    } else if (argument == "--jobs") {
      if (!absl::SimpleAtoi(value, &options->jobs) || options->jobs == 0) return false;
    } else {
      return false;
    }
  }
  return options->first_seed <= options->last_seed;
}

struct Result {
  bool well = false;
  std::string report;
};

// A world is one thread's, and shares nothing with others.
Result RunSeed(uint64_t seed, const Options& options) {
  World world(seed);
  world.set_verbose(options.verbose);
  Cluster cluster(&world);
  const RunReport report = cluster.Run(options.steps);
  if (report.cut_short) {
    return {options.steps < Options().steps,
            absl::StrFormat("seed %d: stopped after %d steps, fingerprint %016x\n", seed,
                            report.steps, report.fingerprint)};
  }
  if (report.failure.empty()) {
    return {true, absl::StrFormat(
                      "seed %d: ok, %d steps, %d revisions, at rest after %s of calm, %d resumed, "
                      "%d resynced, fingerprint %016x\n",
                      seed, report.steps, report.revisions,
                      absl::FormatDuration(absl::Trunc(report.settled_after, absl::Seconds(1))),
                      report.resumed, report.resynced, report.fingerprint)};
  }
  Result failed;
  if (!options.verbose) {
    for (const std::string& note : world.notes()) {
      absl::StrAppendFormat(&failed.report, "  %s\n", note);
    }
  }
  absl::StrAppendFormat(
      &failed.report, "seed %d: FAILED at step %d: %s\n  replay: simulation --seed %d --verbose\n",
      seed, report.steps, report.failure, seed);
  return failed;
}

// Runs all seeds; returns how many failed.
uint64_t RunAll(const Options& options) {
  struct Progress {
    uint64_t next;
    uint64_t left;
    uint64_t failed = 0;
  };
  const uint64_t count = options.last_seed - options.first_seed + 1;
  Guarded<Progress> progress(std::in_place, Progress{options.first_seed, count});
  const auto step = [&] {
    const uint64_t seed = progress.With([](Progress& p) { return p.next++; });
    if (seed > options.last_seed) return absl::Hours(1);
    const Result result = RunSeed(seed, options);
    progress.With([&](Progress& p) {
      std::fputs(result.report.c_str(), stdout);
      --p.left;
      if (!result.well) ++p.failed;
    });
    return absl::ZeroDuration();
  };
  std::vector<std::unique_ptr<Worker>> workers;
  for (uint64_t i = 0; i < std::min<uint64_t>(options.jobs, count); ++i) {
    workers.push_back(std::make_unique<Worker>("seeds", step));
  }
  return progress.When([](const Progress& p) { return p.left == 0; }, absl::InfiniteDuration(),
                       [](const Progress& p, bool) { return p.failed; });
}

}  // namespace
}  // namespace diego::simulation

int main(int argc, char** argv) {
  diego::simulation::Options options;
  if (!diego::simulation::Parse({argv + 1, argv + argc}, &options)) {
    std::fputs(diego::simulation::kUsage, stderr);
    return 2;
  }
  const uint64_t failed = diego::simulation::RunAll(options);
  absl::PrintF("%d of %d seeds failed\n", failed, options.last_seed - options.first_seed + 1);
  return failed == 0 ? 0 : 1;
}
