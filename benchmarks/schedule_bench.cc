// Placements a second that the auctioneer's core decides, on one thread, with no I/O: cells that
// already run many instances, and batches of new ones. `schedule_bench --help` says what can be
// set.
#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "benchmarks/numbers.h"
#include "libs/base/check.h"
#include "libs/base/clock.h"
#include "services/auctioneer/core/batch.h"
#include "services/auctioneer/core/schedule.h"

namespace diego::auctioneer {
namespace {

constexpr char kHelp[] =
    "Usage: schedule_bench [--cells N] [--running R] [--batch B] [--json]\n"
    "Places B instances on N cells in 3 zones that run R instances already, in several mixes.\n";

struct Options {
  int cells = 1000;
  int running = 250000;
  int batch = 100000;
  bool json = false;
};

std::vector<CellState> MakeCells(const Options& options, int64_t room_each) {
  std::vector<CellState> cells(static_cast<size_t>(options.cells));
  for (int i = 0; i < options.cells; ++i) {
    CellState& cell = cells[static_cast<size_t>(i)];
    cell.cell_id = CellId(absl::StrCat("cell-", 10000 + i));
    cell.cell_index = i;
    cell.zone = absl::StrCat("z", i % 3);
    cell.rootfs_providers["preloaded"] = {false, {"stack"}};
    const int64_t used = options.running / options.cells;
    cell.total = {(used + room_each) * 128, (used + room_each) * 512, used + room_each};
    cell.available = {room_each * 128, room_each * 512, room_each};
  }
  for (int i = 0; i < options.running; ++i) {
    CellLrp lrp;
    lrp.key = {ProcessGuid(absl::StrCat("running-", i / 2)), i % 2, Domain("bench")};
    cells[static_cast<size_t>(i % options.cells)].lrps.push_back(lrp);
  }
  return cells;
}

LrpStartRequest Lrp(const std::string& guid, int instances, int memory_mb) {
  LrpStartRequest request;
  request.process_guid = ProcessGuid(guid);
  request.domain = Domain("bench");
  for (int i = 0; i < instances; ++i) request.indices.push_back(i);
  request.placement.root_fs = "preloaded:stack";
  request.size = {memory_mb, 512, 0};
  return request;
}

// `apps` LRPs that share the batch.
Batch LrpBatch(const Options& options, int instances_each) {
  PendingBatch pending(static_cast<size_t>(options.batch));
  for (int i = 0; i < options.batch / instances_each; ++i) {
    pending.Add(Lrp(absl::StrCat("new-", i), instances_each, 32 + 32 * (i % 4)));
  }
  return pending.Take();
}

Batch TaskBatch(const Options& options) {
  PendingBatch pending(static_cast<size_t>(options.batch));
  for (int i = 0; i < options.batch; ++i) {
    TaskStartRequest request;
    request.task_guid = TaskGuid(absl::StrCat("task-", i));
    request.placement.root_fs = "preloaded:stack";
    request.size = {64, 512, 0};
    pending.Add(request);
  }
  return pending.Take();
}

struct Mix {
  std::string name;
  int64_t room_each;  // instances that each cell has room for
  std::function<Batch()> batch;
};

void Run(const Options& options) {
  const int64_t ample = 2 * options.batch / options.cells + 2;
  const std::vector<Mix> mixes = {
      {"LRPs of 1 instance", ample, [&] { return LrpBatch(options, 1); }},
      {"LRPs of 4 instances", ample, [&] { return LrpBatch(options, 4); }},
      {"one LRP of 2,000 instances each", ample, [&] { return LrpBatch(options, 2000); }},
      {"tasks", ample, [&] { return TaskBatch(options); }},
      {"LRPs, room for half of them", options.batch / options.cells / 2,
       [&] { return LrpBatch(options, 4); }},
  };
  nlohmann::ordered_json results;
  for (const Mix& mix : mixes) {
    std::vector<CellState> cells = MakeCells(options, mix.room_each);
    Batch batch = mix.batch();
    const size_t size = batch.size();
    const absl::Duration start = RealClock().Monotonic();
    const Schedule schedule = Decide(std::move(cells), std::move(batch), {});
    const absl::Duration took = RealClock().Monotonic() - start;
    const size_t failed = schedule.failed_lrps.size() + schedule.failed_tasks.size();
    const double per_second = static_cast<double>(size) / absl::ToDoubleSeconds(took);
    results[mix.name] = per_second;
    if (options.json) continue;
    std::printf("%-34s %8zu placed %8zu refused %10.3f ms %12.0f decisions/s\n", mix.name.c_str(),
                size - failed, failed, absl::ToDoubleMilliseconds(took), per_second);
  }
  if (options.json) std::printf("%s\n", results.dump(2).c_str());
}

}  // namespace
}  // namespace diego::auctioneer

int main(int argc, char** argv) {
  diego::auctioneer::Options options;
  if (!diego::ParseNumbers(argc, argv,
                           {{"--cells", &options.cells},
                            {"--running", &options.running},
                            {"--batch", &options.batch}},
                           &options.json)) {
    std::fputs(diego::auctioneer::kHelp, stderr);
    return 2;
  }
  diego::auctioneer::Run(options);
  return 0;
}
