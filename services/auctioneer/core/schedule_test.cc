#include "services/auctioneer/core/schedule.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/random.h"
#include "services/auctioneer/core/batch.h"

namespace diego::auctioneer {
namespace {

CellState Cell(const std::string& id, const std::string& zone = "z1") {
  CellState cell;
  cell.cell_id = CellId(id);
  cell.zone = zone;
  cell.rootfs_providers["preloaded"] = {false, {"stack"}};
  cell.total = {1000, 1000, 100};
  cell.available = cell.total;
  return cell;
}

void AddLrps(CellState& cell, const std::string& guid, int count) {
  for (int i = 0; i < count; ++i) {
    CellLrp lrp;
    lrp.key = {ProcessGuid(guid), i, Domain("apps")};
    cell.lrps.push_back(lrp);
  }
}

LrpStartRequest Lrp(const std::string& guid, std::vector<int32_t> indices = {0},
                    int32_t memory_mb = 100, int32_t disk_mb = 100) {
  LrpStartRequest request;
  request.process_guid = ProcessGuid(guid);
  request.domain = Domain("apps");
  request.indices = std::move(indices);
  request.placement.root_fs = "preloaded:stack";
  request.size = {memory_mb, disk_mb, 0};
  return request;
}

TaskStartRequest TaskOf(const std::string& guid, int32_t memory_mb = 100) {
  TaskStartRequest request;
  request.task_guid = TaskGuid(guid);
  request.domain = Domain("apps");
  request.placement.root_fs = "preloaded:stack";
  request.size = {memory_mb, 100, 0};
  return request;
}

Batch BatchOf(const std::vector<LrpStartRequest>& lrps,
              const std::vector<TaskStartRequest>& tasks = {}) {
  PendingBatch pending(1000000);
  for (const LrpStartRequest& one : lrps) pending.Add(one);
  for (const TaskStartRequest& one : tasks) pending.Add(one);
  return pending.Take();
}

// "web.0@a t@b", by cell.
std::string Placed(const Schedule& schedule) {
  std::vector<std::string> placed;
  for (const CellWork& work : schedule.work) {
    for (const LrpAuction& one : work.lrps) {
      placed.push_back(absl::StrCat(one.request->process_guid.value(), ".", one.index, "@",
                                    work.cell_id.value()));
    }
    for (const TaskAuction& one : work.tasks) {
      placed.push_back(absl::StrCat(one.request->task_guid.value(), "@", work.cell_id.value()));
    }
  }
  std::string text;
  for (const std::string& one : placed) absl::StrAppend(&text, text.empty() ? "" : " ", one);
  return text;
}

std::string Errors(const Schedule& schedule) {
  std::string text;
  for (const FailedLrp& one : schedule.failed_lrps) {
    absl::StrAppend(&text, one.auction.request->process_guid.value(), ".", one.auction.index, ": ",
                    PlacementErrorText(one.refusal), "\n");
  }
  for (const FailedTask& one : schedule.failed_tasks) {
    absl::StrAppend(&text, one.auction.request->task_guid.value(), ": ",
                    PlacementErrorText(one.refusal), "\n");
  }
  return text;
}

TEST_CASE("schedule: the emptier cell wins, the first of equals on ties",
          "[auctioneer][schedule]") {
  std::vector<CellState> cells = {Cell("b"), Cell("a"), Cell("c")};
  CHECK(Placed(Decide(cells, BatchOf({Lrp("web")}), {})) == "web.0@a");
  cells[1].available.memory_mb = 900;
  CHECK(Placed(Decide(cells, BatchOf({Lrp("web")}), {})) == "web.0@b");
  cells[0].starting_container_count = 1;
  CHECK(Placed(Decide(cells, BatchOf({Lrp("web")}), {})) == "web.0@c");
}

TEST_CASE("schedule: containers that start weigh as configured", "[auctioneer][schedule]") {
  std::vector<CellState> cells = {Cell("a"), Cell("b")};
  cells[0].starting_container_count = 1;  // 0.25 for one that starts
  cells[1].available.memory_mb = 400;     // 0.2 of usage
  CHECK(Placed(Decide(cells, BatchOf({Lrp("web")}), {})) == "web.0@b");
  CHECK(Placed(Decide(cells, BatchOf({Lrp("web")}), {{0.1, 0}, 0})) == "web.0@a");
}

TEST_CASE("schedule: instances of one process part, across zones first", "[auctioneer][schedule]") {
  const std::vector<CellState> cells = {Cell("a", "z1"), Cell("b", "z1"), Cell("c", "z2")};
  const Schedule schedule = Decide(cells, BatchOf({Lrp("web", {0, 1, 2, 3})}), {});
  // 0 to z1, 1 to z2; 2 to the cell of z1 without any; then z2 has fewer.
  CHECK(Placed(schedule) == "web.0@a web.2@b web.1@c web.3@c");
}

TEST_CASE("schedule: instances that run already count, whatever their state",
          "[auctioneer][schedule]") {
  std::vector<CellState> cells = {Cell("a", "z1"), Cell("b", "z1"), Cell("c", "z2")};
  AddLrps(cells[0], "web", 1);
  AddLrps(cells[2], "web", 2);
  CHECK(Placed(Decide(cells, BatchOf({Lrp("web", {3})}), {})) == "web.3@b");
  AddLrps(cells[1], "web", 2);  // now z1 has three
  CHECK(Placed(Decide(cells, BatchOf({Lrp("web", {3})}), {})) == "web.3@c");
}

TEST_CASE("schedule: a zone without room is passed over", "[auctioneer][schedule]") {
  std::vector<CellState> cells = {Cell("a", "z1"), Cell("b", "z2")};
  AddLrps(cells[0], "web", 1);
  cells[1].available.memory_mb = 50;
  CHECK(Placed(Decide(cells, BatchOf({Lrp("web", {1})}), {})) == "web.1@a");
}

TEST_CASE("schedule: bin packing fills cells in order of their index within the zone",
          "[auctioneer][schedule]") {
  std::vector<CellState> cells = {Cell("a"), Cell("b"), Cell("c")};
  cells[0].cell_index = 7;
  cells[1].cell_index = 2;
  cells[2].cell_index = 40;
  cells[1].available = {900, 900, 99};
  CHECK(Placed(Decide(cells, BatchOf({Lrp("web")}), {{0.25, 0}, 0})) == "web.0@a");
  CHECK(Placed(Decide(cells, BatchOf({Lrp("web")}), {{0.25, 10}, 0})) == "web.0@b");
}

TEST_CASE("schedule: tasks part over cells, not zones", "[auctioneer][schedule]") {
  std::vector<CellState> cells = {Cell("a", "z1"), Cell("b", "z2"), Cell("c", "z2")};
  cells[0].tasks.emplace_back();
  const Schedule schedule = Decide(cells, BatchOf({}, {TaskOf("t"), TaskOf("u"), TaskOf("v")}), {});
  CHECK(Placed(schedule) == "v@a t@b u@c");
}

TEST_CASE("schedule: an LRP is charged for its proxy, a task is not", "[auctioneer][schedule]") {
  std::vector<CellState> cells = {Cell("a")};
  cells[0].available.memory_mb = 110;
  cells[0].proxy_memory_allocation_mb = 32;
  CHECK(Errors(Decide(cells, BatchOf({Lrp("web")}), {})) ==
        "web.0: insufficient resources: memory\n");
  CHECK(Placed(Decide(cells, BatchOf({}, {TaskOf("t")}), {})) == "t@a");
}

TEST_CASE("schedule: first instances go before tasks, tasks before further instances",
          "[auctioneer][schedule]") {
  std::vector<CellState> cells = {Cell("a")};
  cells[0].available.containers = 2;
  const Schedule schedule = Decide(cells, BatchOf({Lrp("web", {0, 1})}, {TaskOf("t")}), {});
  CHECK(Placed(schedule) == "web.0@a t@a");
  CHECK(Errors(schedule) == "web.1: insufficient resources: containers\n");
}

TEST_CASE("schedule: what cannot be placed is told why", "[auctioneer][schedule]") {
  CellState plain = Cell("a", "z1");
  CellState tagged = Cell("b", "z2");
  tagged.placement_tags = {"gpu"};
  CellState windows = Cell("c", "z3");
  windows.rootfs_providers["preloaded"] = {false, {"windows"}};
  windows.volume_drivers = {"smb"};
  const std::vector<CellState> cells = {plain, tagged, windows};

  struct Row {
    std::string root_fs;
    std::vector<std::string> tags;
    std::vector<std::string> drivers;
    int32_t memory_mb;
    std::string error;
    Refusal::Counts counts;
  };
  const std::vector<Row> rows = {
      {"preloaded:none",
       {},
       {},
       1,
       "found no compatible cell for required rootfs",
       {3, 3, 0, 0, 0, 0, 0}},
      {"preloaded:stack",
       {},
       {"nfs"},
       1,
       "found no compatible cell with required volume drivers",
       {3, 1, 2, 0, 0, 0, 0}},
      {"preloaded:stack",
       {"x"},
       {},
       1,
       "found no compatible cell with placement tag \"x\"",
       {3, 1, 0, 2, 0, 0, 0}},
      // The furthest step in any zone is told: windows has the driver, not the tag.
      {"preloaded:windows",
       {"x", "y"},
       {"smb"},
       1,
       "found no compatible cell with placement tags \"x\" and \"y\"",
       {3, 2, 0, 1, 0, 0, 0}},
      {"preloaded:stack", {}, {}, 1001, "insufficient resources: memory", {3, 1, 0, 1, 1, 0, 0}},
  };
  for (const Row& row : rows) {
    LrpStartRequest request = Lrp("web", {0}, row.memory_mb);
    request.placement = {row.root_fs, row.tags, row.drivers};
    const Schedule schedule = Decide(cells, BatchOf({request}), {});
    REQUIRE(schedule.failed_lrps.size() == 1);
    CHECK(PlacementErrorText(schedule.failed_lrps[0].refusal) == row.error);
    CHECK(schedule.failed_lrps[0].refusal.counts == row.counts);
  }
}

TEST_CASE("schedule: only what every fitting cell is short of is named", "[auctioneer][schedule]") {
  std::vector<CellState> cells = {Cell("a"), Cell("b")};
  cells[0].available = {10, 10, 1};
  cells[1].available = {10, 500, 0};
  CHECK(Errors(Decide(cells, BatchOf({Lrp("web")}), {})) ==
        "web.0: insufficient resources: memory\n");
  cells[1].available = {500, 500, 0};
  CHECK(Errors(Decide(cells, BatchOf({Lrp("web")}), {})) == "web.0: insufficient resources\n");
  cells[0].available.containers = 0;
  CHECK(Errors(Decide(cells, BatchOf({Lrp("web")}, {TaskOf("t")}), {})) ==
        "web.0: insufficient resources: containers\nt: insufficient resources: containers\n");
}

TEST_CASE("schedule: a refusal tells in numbers how near the work came to a place",
          "[auctioneer][schedule]") {
  std::vector<CellState> cells = {Cell("a"), Cell("b"), Cell("c"), Cell("d")};
  cells[0].available = {40, 1000, 5};
  cells[1].available = {90, 30, 5};
  cells[1].proxy_memory_allocation_mb = 32;
  cells[2].available = {500, 99, 0};
  cells[3].rootfs_providers.clear();
  const Schedule schedule = Decide(cells, BatchOf({Lrp("web")}, {TaskOf("t")}), {}, {2, 1});
  REQUIRE(schedule.failed_lrps.size() == 1);
  PlacementRefusal want;
  want.reason = PlacementRefusal::Reason::kNoRoom;
  want.cells_considered = 4;
  want.cells_unreachable = 2;
  want.cells_evacuating = 1;
  want.cells_without_root_fs = 1;
  want.cells_short_of_memory = 2;
  want.cells_short_of_disk = 2;
  want.cells_short_of_containers = 1;
  want.memory_needed_mb = 132;  // on the nearest, with its proxy
  want.memory_short_mb = 42;
  want.disk_needed_mb = 100;
  want.disk_short_mb = 1;
  CHECK(ToPlacementRefusal(schedule.failed_lrps[0].refusal) == want);
  // A task pays no proxy.
  REQUIRE(schedule.failed_tasks.size() == 1);
  want.memory_needed_mb = 100;
  want.memory_short_mb = 10;
  CHECK(ToPlacementRefusal(schedule.failed_tasks[0].refusal) == want);
}

TEST_CASE("schedule: a refusal at the in-flight limit, and one without cells, in numbers",
          "[auctioneer][schedule]") {
  std::vector<CellState> cells = {Cell("a")};
  cells[0].starting_container_count = 4;
  const Schedule full = Decide(cells, BatchOf({Lrp("web")}), {{}, 3});
  REQUIRE(full.failed_lrps.size() == 1);
  PlacementRefusal want;
  want.reason = PlacementRefusal::Reason::kInFlightLimit;
  want.cells_considered = 1;
  want.containers_starting = 4;
  want.containers_starting_limit = 3;
  CHECK(ToPlacementRefusal(full.failed_lrps[0].refusal) == want);

  const Schedule none = Decide({}, BatchOf({Lrp("web")}), {}, {3, 0});
  REQUIRE(none.failed_lrps.size() == 1);
  want = {};
  want.reason = PlacementRefusal::Reason::kNoCells;
  want.cells_unreachable = 3;
  CHECK(ToPlacementRefusal(none.failed_lrps[0].refusal) == want);
}

TEST_CASE("schedule: without cells nobody can be asked", "[auctioneer][schedule]") {
  CellState evacuating = Cell("a");
  evacuating.evacuating = true;
  const std::string want =
      "web.0: unable to communicate to compatible cells\n"
      "t: unable to communicate to compatible cells\n";
  CHECK(Errors(Decide({}, BatchOf({Lrp("web")}, {TaskOf("t")}), {})) == want);
  CHECK(Errors(Decide({evacuating}, BatchOf({Lrp("web")}, {TaskOf("t")}), {})) == want);
}

TEST_CASE("schedule: at the in-flight limit the rest waits", "[auctioneer][schedule]") {
  std::vector<CellState> cells = {Cell("a"), Cell("b")};
  cells[0].starting_container_count = 3;
  const Schedule schedule = Decide(cells, BatchOf({Lrp("web", {0, 1})}, {TaskOf("t")}), {{}, 4});
  CHECK(Placed(schedule) == "web.0@b");
  CHECK(Errors(schedule) ==
        "web.1: waiting to start instance: reached in-flight start limit\n"
        "t: waiting to start instance: reached in-flight start limit\n");
}

// ---- the reference's algorithm, cell by cell, as an oracle ----

struct NaiveCell {
  const CellState* state;
  Resources available;
  int64_t starting;
  std::vector<std::string> processes;
  int64_t tasks;
  int rank = 0;
};

class Naive {
 public:
  Naive(const std::vector<CellState>& states, const ScheduleSettings& settings)
      : settings_(settings) {
    for (const CellState& state : states) {
      NaiveCell cell{&state,
                     state.available,
                     state.starting_container_count,
                     {},
                     static_cast<int64_t>(state.tasks.size())};
      for (const CellLrp& lrp : state.lrps) cell.processes.push_back(lrp.key.process_guid.value());
      zones_[state.zone].push_back(cell);
      starting_ += cell.starting;
    }
    for (auto& [name, cells] : zones_) {
      std::sort(cells.begin(), cells.end(), [](const NaiveCell& a, const NaiveCell& b) {
        return std::tie(a.state->cell_index, a.state->cell_id) <
               std::tie(b.state->cell_index, b.state->cell_id);
      });
      for (size_t i = 0; i < cells.size(); ++i) cells[i].rank = static_cast<int>(i);
      std::sort(cells.begin(), cells.end(), [](const NaiveCell& a, const NaiveCell& b) {
        return a.state->cell_id < b.state->cell_id;
      });
    }
  }

  // The cell id, or the placement error.
  std::string Place(const PlacementConstraint& wanted, const WorkloadSize& size,
                    const std::optional<std::string>& process) {
    if (zones_.empty()) return "unable to communicate to compatible cells";
    if (settings_.starting_container_count_maximum > 0 &&
        starting_ >= settings_.starting_container_count_maximum) {
      return "waiting to start instance: reached in-flight start limit";
    }
    struct Zone {
      int instances;
      std::string name;
    };
    std::vector<Zone> zones;
    for (const auto& [name, cells] : zones_) {
      int instances = 0;
      for (const NaiveCell& cell : cells) instances += process ? Count(cell, *process) : 0;
      zones.push_back({instances, name});
    }
    std::stable_sort(zones.begin(), zones.end(),
                     [](const Zone& a, const Zone& b) { return a.instances < b.instances; });
    NaiveCell* best = nullptr;
    Score best_score = 0;
    MatchStep furthest = MatchStep::kRootFs;
    Shortage common{true, true, true};
    for (size_t z = 0; z < zones.size(); ++z) {
      for (NaiveCell& cell : zones_[zones[z].name]) {
        const MatchStep step = Match(*cell.state, wanted);
        furthest = std::max(furthest, step);
        if (step != MatchStep::kAll) continue;
        const Need need = NeedOf(cell, size, process.has_value());
        const Shortage shortage = ShortOf(cell.available, need);
        common.memory &= shortage.memory;
        common.disk &= shortage.disk;
        common.containers &= shortage.containers;
        if (shortage.any()) continue;
        Score score = UsageOf(cell.available, cell.state->total) +
                      UsageIncrease(cell.state->total, need) +
                      Weighted(cell.starting, settings_.weights.starting_container);
        if (process) {
          score += kLocality * Count(cell, *process) +
                   Weighted(cell.rank, settings_.weights.bin_pack_first_fit);
        } else {
          score += kLocality * cell.tasks;
        }
        if (best == nullptr || score < best_score) {
          best = &cell;
          best_score = score;
        }
      }
      if (process && z + 1 < zones.size() && zones[z].instances == zones[z + 1].instances) continue;
      if (process && best != nullptr) break;
    }
    if (best == nullptr) return Error(furthest, wanted, common);
    const Need need = NeedOf(*best, size, process.has_value());
    best->available.memory_mb -= need.memory_mb;
    best->available.disk_mb -= need.disk_mb;
    best->available.containers -= 1;
    ++best->starting;
    ++starting_;
    if (process) {
      best->processes.push_back(*process);
    } else {
      ++best->tasks;
    }
    return best->state->cell_id.value();
  }

 private:
  static int Count(const NaiveCell& cell, const std::string& process) {
    return static_cast<int>(std::count(cell.processes.begin(), cell.processes.end(), process));
  }
  static Need NeedOf(const NaiveCell& cell, const WorkloadSize& size, bool is_lrp) {
    return {size.memory_mb + (is_lrp ? cell.state->proxy_memory_allocation_mb : 0), size.disk_mb};
  }
  static std::string Error(MatchStep furthest, const PlacementConstraint& wanted,
                           const Shortage& common) {
    switch (furthest) {
      case MatchStep::kRootFs: return PlacementErrorText({Refusal::Reason::kRootFs, {}, {}, {}});
      case MatchStep::kVolumeDrivers:
        return PlacementErrorText({Refusal::Reason::kVolumeDrivers, {}, {}, {}});
      case MatchStep::kPlacementTags:
        return PlacementErrorText({Refusal::Reason::kPlacementTags, {}, wanted.placement_tags, {}});
      case MatchStep::kAll: break;
    }
    return PlacementErrorText({Refusal::Reason::kNoRoom, {}, {}, common});
  }

  ScheduleSettings settings_;
  std::map<std::string, std::vector<NaiveCell>> zones_;
  int64_t starting_ = 0;
};

CellState RandomCell(Random& random, int number) {
  CellState cell = Cell(absl::StrCat("cell-", 100 + number), absl::StrCat("z", random.Below(3)));
  cell.cell_index = static_cast<int32_t>(random.Below(5));
  const auto size = static_cast<int64_t>(random.Below(2) + 1);
  cell.total = {500 * size, 700 * size, 6 * size};
  const auto used = static_cast<int64_t>(random.Below(5));
  cell.available = {cell.total.memory_mb - 50 * used, cell.total.disk_mb - 60 * used,
                    cell.total.containers - used};
  cell.starting_container_count = static_cast<int32_t>(random.Below(3));
  if (random.Below(4) == 0) cell.proxy_memory_allocation_mb = 32;
  if (random.Below(4) == 0) cell.placement_tags = {"gpu"};
  if (random.Below(4) == 0) cell.optional_placement_tags = {"fast"};
  if (random.Below(2) == 0) cell.volume_drivers = {"nfs"};
  if (random.Below(5) == 0) cell.rootfs_providers["preloaded"].names = {"other"};
  for (uint64_t i = random.Below(4); i > 0; --i) {
    AddLrps(cell, absl::StrCat("app-", random.Below(4)), static_cast<int>(random.Below(2)) + 1);
  }
  cell.tasks.resize(random.Below(3));
  return cell;
}

PlacementConstraint RandomConstraint(Random& random) {
  PlacementConstraint wanted;
  wanted.root_fs = random.Below(8) == 0 ? "preloaded:none" : "preloaded:stack";
  if (random.Below(4) == 0) wanted.placement_tags.push_back("gpu");
  if (random.Below(6) == 0) wanted.placement_tags.push_back("fast");
  if (random.Below(5) == 0) wanted.volume_drivers.push_back("nfs");
  return wanted;
}

TEST_CASE("property: placements are those of scoring every cell for every piece of work",
          "[auctioneer][schedule]") {
  for (uint64_t seed = 0; seed < 400; ++seed) {
    INFO("seed " << seed);
    Random random(seed);
    std::vector<CellState> cells;
    for (int i = 0, count = static_cast<int>(random.Below(14)); i < count; ++i) {
      cells.push_back(RandomCell(random, i));
    }
    std::vector<LrpStartRequest> lrps;
    std::vector<TaskStartRequest> tasks;
    for (int i = 0; i < 6; ++i) {
      LrpStartRequest lrp =
          Lrp(absl::StrCat("app-", i), {}, static_cast<int32_t>(random.Below(4)) * 60,
              static_cast<int32_t>(random.Below(3)) * 60);
      for (int32_t n = 0; n <= static_cast<int32_t>(random.Below(12)); ++n)
        lrp.indices.push_back(n);
      lrp.placement = RandomConstraint(random);
      lrps.push_back(lrp);
      TaskStartRequest task =
          TaskOf(absl::StrCat("task-", i), static_cast<int32_t>(random.Below(4)) * 60);
      task.placement = RandomConstraint(random);
      tasks.push_back(task);
    }
    ScheduleSettings settings;
    settings.weights = {0.25 * static_cast<double>(random.Below(3)),
                        0.5 * static_cast<double>(random.Below(3))};
    settings.starting_container_count_maximum =
        random.Below(3) == 0 ? static_cast<int64_t>(random.Below(60)) : 0;

    const Batch batch = BatchOf(lrps, tasks);
    const Schedule schedule = Decide(cells, batch, settings);
    std::map<std::string, std::string> got;
    for (const CellWork& work : schedule.work) {
      for (const LrpAuction& one : work.lrps) {
        got[absl::StrCat(one.request->process_guid.value(), ".", one.index)] = work.cell_id.value();
      }
      for (const TaskAuction& one : work.tasks) {
        got[one.request->task_guid.value()] = work.cell_id.value();
      }
    }
    for (const FailedLrp& one : schedule.failed_lrps) {
      got[absl::StrCat(one.auction.request->process_guid.value(), ".", one.auction.index)] =
          PlacementErrorText(one.refusal);
    }
    for (const FailedTask& one : schedule.failed_tasks) {
      got[one.auction.request->task_guid.value()] = PlacementErrorText(one.refusal);
    }

    std::map<std::string, std::string> want;
    Naive naive(cells, settings);
    const auto place_lrps = [&](const std::vector<LrpAuction>& auctions) {
      for (const LrpAuction& one : auctions) {
        want[absl::StrCat(one.request->process_guid.value(), ".", one.index)] = naive.Place(
            one.request->placement, one.request->size, one.request->process_guid.value());
      }
    };
    const OrderedBatch ordered = Order(batch);
    place_lrps(ordered.first_lrps);
    for (const TaskAuction& one : ordered.tasks) {
      want[one.request->task_guid.value()] =
          naive.Place(one.request->placement, one.request->size, std::nullopt);
    }
    place_lrps(ordered.other_lrps);
    REQUIRE(got == want);
  }
}

}  // namespace
}  // namespace diego::auctioneer
