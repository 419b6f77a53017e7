// simulation: runs a small Diego with its real cores and engines on one thread, in virtual time,
// through seeded faults, and checks after each step what must always hold.
//
//   simulation --seeds 1..200            runs them all; prints the failing ones
//   simulation --seed 17 [--verbose]     replays one, exactly
//   simulation --seed 17 --steps 5000    only that far
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "integration/simulation/cluster.h"

namespace diego::simulation {
namespace {

struct Options {
  uint64_t first_seed = 1;
  uint64_t last_seed = 1;
  uint64_t steps = 1'000'000;
  bool verbose = false;
};

constexpr char kUsage[] = "usage: simulation (--seed N | --seeds A..B) [--steps N] [--verbose]\n";

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
    } else {
      return false;
    }
  }
  return options->first_seed <= options->last_seed;
}

// True when all was well.
bool RunSeed(uint64_t seed, const Options& options) {
  World world(seed);
  world.set_verbose(options.verbose);
  Cluster cluster(&world);
  const RunReport report = cluster.Run(options.steps);
  if (report.cut_short) {
    absl::PrintF("seed %d: stopped after %d steps, fingerprint %016x\n", seed, report.steps,
                 report.fingerprint);
    return options.steps < Options().steps;
  }
  if (report.failure.empty()) {
    absl::PrintF(
        "seed %d: ok, %d steps, %d revisions, at rest after %s of calm, %d resumed, "
        "%d resynced, fingerprint %016x\n",
        seed, report.steps, report.revisions,
        absl::FormatDuration(absl::Trunc(report.settled_after, absl::Seconds(1))), report.resumed,
        report.resynced, report.fingerprint);
    return true;
  }
  if (!options.verbose) {
    for (const std::string& note : world.notes()) absl::PrintF("  %s\n", note);
  }
  absl::PrintF("seed %d: FAILED at step %d: %s\n  replay: simulation --seed %d --verbose\n", seed,
               report.steps, report.failure, seed);
  return false;
}

}  // namespace
}  // namespace diego::simulation

int main(int argc, char** argv) {
  diego::simulation::Options options;
  if (!diego::simulation::Parse({argv + 1, argv + argc}, &options)) {
    std::fputs(diego::simulation::kUsage, stderr);
    return 2;
  }
  std::vector<uint64_t> failed;
  for (uint64_t seed = options.first_seed; seed <= options.last_seed; ++seed) {
    if (!diego::simulation::RunSeed(seed, options)) failed.push_back(seed);
  }
  absl::PrintF("%d of %d seeds failed\n", failed.size(),
               options.last_seed - options.first_seed + 1);
  return failed.empty() ? 0 : 1;
}
