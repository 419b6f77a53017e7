#include "services/auctioneer/engine/auction_loop.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/testing/fake_clock.h"

namespace diego::auctioneer {
namespace {

// Cells that keep what they are handed, and can be silent, wrong or choosy.
class FakeCells final : public CellGateway {
 public:
  absl::Status list_error;
  std::map<std::string, CellState> cells;
  std::set<std::string> silent;
  std::set<std::string> undeliverable;
  int hand_back = 0;  // pieces of work that cells do not take, in all
  int listings = 0;
  int gathers = 0;
  std::vector<std::string> delivered;  // "web.0@a"

  void Add(const std::string& id) {
    CellState cell;
    cell.cell_id = CellId(id);
    cell.rootfs_providers["preloaded"] = {false, {"stack"}};
    cell.total = {1000, 1000, 100};
    cell.available = cell.total;
    cells[id] = cell;
  }

  absl::StatusOr<std::vector<CellPresence>> Cells() override {
    ++listings;
    if (!list_error.ok()) return list_error;
    std::vector<CellPresence> list;
    for (const auto& [id, state] : cells) {
      CellPresence presence;
      presence.cell_id = CellId(id);
      list.push_back(presence);
    }
    return list;
  }
  std::vector<absl::StatusOr<CellState>> States(const std::vector<CellPresence>& list) override {
    ++gathers;
    std::vector<absl::StatusOr<CellState>> states;
    for (const CellPresence& cell : list) {
      if (silent.count(cell.cell_id.value()) > 0) {
        states.push_back(absl::DeadlineExceededError("silent"));
      } else {
        states.push_back(cells[cell.cell_id.value()]);
      }
    }
    return states;
  }
  std::vector<absl::StatusOr<Work>> Deliver(const std::vector<Delivery>& deliveries) override {
    std::vector<absl::StatusOr<Work>> answers;
    for (const Delivery& one : deliveries) {
      const std::string& id = one.cell.cell_id.value();
      if (undeliverable.count(id) > 0) {
        answers.push_back(absl::UnavailableError("gone"));
        continue;
      }
      Work back;
      for (const CellLrp& lrp : one.work.lrps) {
        if (hand_back > 0) {
          --hand_back;
          back.lrps.push_back(lrp);
          continue;
        }
        delivered.push_back(
            absl::StrCat(lrp.key.process_guid.value(), ".", lrp.key.index, "@", id));
      }
      for (const CellTask& task : one.work.tasks) {
        if (hand_back > 0) {
          --hand_back;
          back.tasks.push_back(task);
          continue;
        }
        delivered.push_back(absl::StrCat(task.task_guid.value(), "@", id));
      }
      answers.push_back(back);
    }
    return answers;
  }
};

class FakeReporter final : public FailureReporter {
 public:
  std::vector<std::string> reports;
  std::vector<PlacementRefusal> refusals;
  void Report(std::vector<FailedLrp> lrps, std::vector<FailedTask> tasks) override {
    for (const FailedLrp& one : lrps) {
      reports.push_back(absl::StrCat(one.auction.request->process_guid.value(), ".",
                                     one.auction.index, ": ", PlacementErrorText(one.refusal)));
      refusals.push_back(ToPlacementRefusal(one.refusal));
    }
    for (const FailedTask& one : tasks) {
      reports.push_back(absl::StrCat(one.auction.request->task_guid.value(), ": ",
                                     PlacementErrorText(one.refusal)));
      refusals.push_back(ToPlacementRefusal(one.refusal));
    }
  }
};

struct Fixture {
  explicit Fixture(size_t capacity = 100, AuctionLoop::Options options = {})
      : registry("auctioneer"), metrics(registry) {
    options.capacity = capacity;
    options.patience = absl::ZeroDuration();
    loop.emplace(
        options, cells, reporter, [this] { return active; }, clock, metrics, log);
  }
  size_t LoggedTimes(const std::string& message) const {
    return static_cast<size_t>(
        std::count_if(lines.begin(), lines.end(), [&](const std::string& line) {
          return absl::StrContains(line, absl::StrCat("\"auctioneer.", message, "\""));
        }));
  }

  bool active = true;
  FakeCells cells;
  FakeReporter reporter;
  FakeClock clock;
  metrics::Registry registry;
  AuctioneerMetrics metrics;
  std::vector<std::string> lines;
  log::Logger log{{.component = "auctioneer",
                   .level = log::Level::kDebug,
                   .sink = [this](absl::string_view line) { lines.emplace_back(line); }}};
  std::optional<AuctionLoop> loop;
};

LrpStartRequest Lrp(const std::string& guid, std::vector<int32_t> indices = {0}) {
  LrpStartRequest request;
  request.process_guid = ProcessGuid(guid);
  request.domain = Domain("apps");
  request.indices = std::move(indices);
  request.placement.root_fs = "preloaded:stack";
  request.size = {100, 100, 0};
  return request;
}

TaskStartRequest TaskOf(const std::string& guid) {
  TaskStartRequest request;
  request.task_guid = TaskGuid(guid);
  request.domain = Domain("apps");
  request.placement.root_fs = "preloaded:stack";
  request.size = {100, 100, 0};
  return request;
}

using Strings = std::vector<std::string>;

TEST_CASE("auction: a round places all that waits and asks each cell once", "[auctioneer][loop]") {
  Fixture f;
  f.cells.Add("a");
  f.cells.Add("b");
  CHECK(f.loop->Step() == absl::ZeroDuration());
  CHECK(f.cells.listings == 0);  // nothing to do, nobody asked
  CHECK(f.loop->RequestLrps({Lrp("web", {0, 1})})->accepted == 1);
  CHECK(f.loop->RequestTasks({TaskOf("t")})->accepted == 1);
  CHECK(f.loop->RequestLrps({Lrp("web", {1})})->accepted == 1);  // waits already
  f.loop->Step();
  CHECK(f.cells.gathers == 1);
  CHECK(f.cells.delivered == Strings{"web.0@a", "web.1@b", "t@b"});
  CHECK(f.reporter.reports.empty());
  f.loop->Step();
  CHECK(f.cells.gathers == 1);
}

TEST_CASE("auction: what is malformed is dropped and named, the rest goes on",
          "[auctioneer][loop]") {
  Fixture f;
  f.cells.Add("a");
  const auto admission = f.loop->RequestLrps({Lrp(""), Lrp("web"), Lrp("none", {})});
  REQUIRE(admission.ok());
  CHECK(admission->accepted == 1);
  CHECK(admission->dropped == Strings{"lrp \"\": process_guid must not be empty",
                                      "lrp \"none\": indices must not be empty"});
  f.loop->Step();
  CHECK(f.cells.delivered == Strings{"web.0@a"});
}

TEST_CASE("auction: past its bound it refuses", "[auctioneer][loop]") {
  Fixture f(2);
  CHECK(f.loop->RequestLrps({Lrp("web", {0, 1})}).ok());
  CHECK(absl::IsResourceExhausted(f.loop->RequestTasks({TaskOf("t")}).status()));
}

TEST_CASE("auction: a standby takes nothing and does nothing", "[auctioneer][loop]") {
  Fixture f;
  f.cells.Add("a");
  CHECK(f.loop->RequestLrps({Lrp("web")}).ok());
  f.active = false;
  CHECK(absl::IsUnavailable(f.loop->RequestLrps({Lrp("api")}).status()));
  f.loop->Step();
  f.active = true;
  f.loop->Step();
  CHECK(f.cells.listings == 0);
}

TEST_CASE("auction: when the BBS cannot tell its cells the round waits a second",
          "[auctioneer][loop]") {
  Fixture f;
  f.cells.Add("a");
  f.cells.list_error = absl::UnavailableError("no BBS");
  f.loop->RequestLrps({Lrp("web")}).IgnoreError();
  CHECK(f.loop->Step() == absl::Seconds(1));
  f.cells.list_error = absl::OkStatus();
  f.loop->Step();
  CHECK(f.cells.delivered == Strings{"web.0@a"});
}

TEST_CASE("auction: cells that do not answer for themselves get nothing", "[auctioneer][loop]") {
  Fixture f;
  f.cells.Add("a");
  f.cells.Add("b");
  f.cells.Add("c");
  f.cells.Add("d");
  f.cells.silent.insert("a");
  f.cells.cells["b"].cell_id = CellId("another");
  f.cells.cells["c"].evacuating = true;
  f.loop->RequestLrps({Lrp("web", {0, 1})}).IgnoreError();
  f.loop->Step();
  CHECK(f.cells.delivered == Strings{"web.0@d", "web.1@d"});

  // Who is refused hears of them.
  f.cells.cells["d"].available.memory_mb = 90;
  f.loop->RequestLrps({Lrp("big")}).IgnoreError();
  f.loop->Step();
  PlacementRefusal want;
  want.reason = PlacementRefusal::Reason::kNoRoom;
  want.cells_considered = 1;
  want.cells_unreachable = 2;
  want.cells_evacuating = 1;
  want.cells_short_of_memory = 1;
  want.memory_needed_mb = 100;
  want.memory_short_mb = 10;
  CHECK(f.reporter.refusals == std::vector{want});
}

TEST_CASE("auction: when no cell answers it asks four times, then gives the work up",
          "[auctioneer][loop]") {
  Fixture f;
  f.cells.Add("a");
  f.cells.silent.insert("a");
  f.loop->RequestLrps({Lrp("web")}).IgnoreError();
  f.loop->RequestTasks({TaskOf("t")}).IgnoreError();
  for (int i = 0; i < 3; ++i) f.loop->Step();
  CHECK(f.reporter.reports.empty());
  f.loop->Step();
  CHECK(f.cells.gathers == 4);
  CHECK(f.reporter.reports == Strings{"web.0: unable to communicate to compatible cells",
                                      "t: unable to communicate to compatible cells"});
}

TEST_CASE("auction: without any cell the work fails at the fourth try", "[auctioneer][loop]") {
  Fixture f;
  f.loop->RequestLrps({Lrp("web")}).IgnoreError();
  for (int i = 1; i < kMaxGathers; ++i) f.loop->Step();
  CHECK(f.reporter.reports.empty());
  f.loop->Step();
  CHECK(f.reporter.reports == Strings{"web.0: unable to communicate to compatible cells"});
}

TEST_CASE("auction: work that a cell hands back is auctioned again, thrice in all",
          "[auctioneer][loop]") {
  Fixture f;
  f.cells.Add("a");
  f.cells.hand_back = 2;
  f.loop->RequestLrps({Lrp("web")}).IgnoreError();
  f.loop->Step();
  f.loop->Step();
  CHECK(f.reporter.reports.empty());
  f.loop->Step();
  CHECK(f.cells.delivered == Strings{"web.0@a"});

  f.cells.hand_back = 3;
  f.cells.Add("silent");
  f.cells.silent.insert("silent");
  f.loop->RequestTasks({TaskOf("t")}).IgnoreError();
  for (int i = 0; i < 4; ++i) f.loop->Step();
  CHECK(f.reporter.reports == Strings{"t: insufficient resources"});
  PlacementRefusal want;
  want.reason = PlacementRefusal::Reason::kHandedBack;
  want.cells_considered = 1;
  want.cells_unreachable = 1;
  want.times_handed_back = 3;
  CHECK(f.reporter.refusals == std::vector{want});
  CHECK(f.cells.gathers == 6);
}

TEST_CASE("auction: a call to a cell that fails is left to convergence", "[auctioneer][loop]") {
  Fixture f;
  f.cells.Add("a");
  f.cells.undeliverable.insert("a");
  f.loop->RequestLrps({Lrp("web")}).IgnoreError();
  f.loop->Step();
  f.loop->Step();
  CHECK(f.reporter.reports.empty());
  CHECK(f.cells.gathers == 1);
}

TEST_CASE("auction: what is placed and what is not is logged as the original logs it",
          "[auctioneer][loop]") {
  AuctionLoop::Options options;
  options.settings.starting_container_count_maximum = 1;
  Fixture f(100, options);
  f.cells.Add("a");
  f.loop->RequestLrps({Lrp("web", {0, 1, 2})}).IgnoreError();
  f.loop->RequestTasks({TaskOf("t")}).IgnoreError();
  f.loop->Step();
  for (const char* message :
       {"fetching-cell-reps", "fetched-cell-reps", "fetching-zone-state", "scheduling", "scheduled",
        "lrp-added-to-cell", "lrp-failed-to-be-placed", "task-failed-to-be-placed",
        "exceeded-max-inflight-container-creation"}) {
    INFO(message);
    CHECK(f.LoggedTimes(message) == 1);
  }
}

TEST_CASE("auction: what finds no room is reported", "[auctioneer][loop]") {
  Fixture f;
  f.cells.Add("a");
  f.cells.cells["a"].available.memory_mb = 99;
  f.loop->RequestLrps({Lrp("web")}).IgnoreError();
  f.loop->Step();
  CHECK(f.reporter.reports == Strings{"web.0: insufficient resources: memory"});
}

}  // namespace
}  // namespace diego::auctioneer
