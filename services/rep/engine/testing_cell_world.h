// A cell with its BBS, for tests of the rep's engine. Includes Catch: for test files only.
#pragma once

#include <catch2/catch.hpp>

#include "libs/testing/fake_clock.h"
#include "services/rep/engine/cell.h"
#include "services/rep/engine/fake_executor.h"
#include "services/rep/engine/fake_records.h"
#include "services/rep/engine/reconcile_loop.h"

namespace diego::rep {

inline const CellId kCell("cell-1");
inline const ActualLrpKey kWeb{ProcessGuid("web"), 0, Domain("d")};
inline const TaskGuid kTask("task-1");

inline CellFacts Facts() {
  CellFacts facts;
  facts.cell_id = kCell;
  facts.zone = "z1";
  facts.stacks = {"busybox"};
  facts.total = {1000, 1000, 10};
  return facts;
}

// A cell with its BBS. Nothing happens but by Settle and what a test does to the two.
struct World {
  World() {
    executor.Subscribe([this](const ContainerEvent& event) { loop.OnContainerEvent(event); });
  }
  // Handles what is due until nothing is.
  void Settle() {
    for (int i = 0; i < 100 && !loop.idle(); ++i) {
      loop.Step();
      clock.Advance(absl::Milliseconds(10));
    }
  }
  void Bulk() {
    loop.BulkStep();
    Settle();
  }
  void Desire(const std::string& definition_id = "") {
    ActualLrp row;
    row.key = kWeb;
    records.lrps[kWeb] = row;
    Work work;
    CellLrp lrp;
    lrp.key = kWeb;
    lrp.placement.root_fs = "preloaded:busybox";
    lrp.size.memory_mb = 100;
    lrp.definition_id = definition_id;
    work.lrps = {lrp};
    REQUIRE(cell.Perform(work)->lrps.empty());
  }
  void DesireTask() {
    Task task;
    task.task_guid = kTask;
    records.tasks[kTask] = task;
    Work work;
    CellTask item;
    item.task_guid = kTask;
    item.placement.root_fs = "preloaded:busybox";
    work.tasks = {item};
    REQUIRE(cell.Perform(work)->tasks.empty());
  }
  // The one container there is.
  Container Only() {
    REQUIRE(executor.List().size() == 1);
    return executor.List()[0];
  }
  void Run() {
    Desire();
    Settle();
    executor.BecomeRunning(Only().guid);
    Settle();
  }
  size_t LoggedTimes(const std::string& text) const {
    size_t times = 0;
    for (const std::string& line : log_lines) times += line.find(text) != std::string::npos;
    return times;
  }
  const ActualLrp& Row() { return records.lrps.at(kWeb); }

  FakeClock clock;
  metrics::Registry registry{"rep"};
  RepMetrics metrics{registry};
  FakeExecutor executor;
  FakeRecords records{kCell};
  CellNotes notes;
  std::vector<std::string> log_lines;
  log::Logger log{{"rep", log::Level::kInfo, log::TimeFormat::kUnixEpoch, 0,
                   [this](absl::string_view line) { log_lines.emplace_back(line); }}};
  ReconcileOptions options{
      absl::Seconds(30), absl::Seconds(10), absl::Seconds(1), absl::ZeroDuration(), {}};
  ReconcileLoop loop{options, {kCell, "z1", false}, executor, records, notes, clock, metrics, log};
  Cell cell{Facts(), executor, notes, loop, 1, metrics, log};
};

}  // namespace diego::rep
