#include "services/auctioneer/core/batch.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace diego::auctioneer {
namespace {

LrpStartRequest Lrp(const std::string& guid, std::vector<int32_t> indices, int32_t memory_mb = 64) {
  LrpStartRequest request;
  request.process_guid = ProcessGuid(guid);
  request.domain = Domain("apps");
  request.indices = std::move(indices);
  request.placement.root_fs = "preloaded:stack";
  request.size = {memory_mb, 64, 0};
  return request;
}

TaskStartRequest TaskOf(const std::string& guid, int32_t memory_mb = 64) {
  TaskStartRequest request;
  request.task_guid = TaskGuid(guid);
  request.domain = Domain("apps");
  request.placement.root_fs = "preloaded:stack";
  request.size = {memory_mb, 64, 0};
  return request;
}

std::string Names(const std::vector<LrpAuction>& lrps) {
  std::string names;
  for (const LrpAuction& one : lrps) {
    absl::StrAppend(&names, one.request->process_guid.value(), ".", one.index, " ");
  }
  return names;
}

TEST_CASE("request: what can never be placed is named by its field", "[auctioneer][batch]") {
  const LrpStartRequest good = Lrp("web", {0, 1});
  struct Row {
    std::function<void(LrpStartRequest&)> spoil;
    std::string fault;
  };
  const std::vector<Row> rows = {
      {[](LrpStartRequest&) {}, ""},
      {[](LrpStartRequest& r) { r.process_guid = {}; }, "lrp \"\": process_guid must not be empty"},
      {[](LrpStartRequest& r) { r.domain = {}; }, "lrp \"web\": domain must not be empty"},
      {[](LrpStartRequest& r) { r.indices.clear(); }, "lrp \"web\": indices must not be empty"},
      {[](LrpStartRequest& r) { r.indices.push_back(-1); },
       "lrp \"web\": indices must not be negative"},
      {[](LrpStartRequest& r) { r.size.memory_mb = -1; },
       "lrp \"web\": MemoryMB must not be negative"},
      {[](LrpStartRequest& r) { r.size.disk_mb = -1; }, "lrp \"web\": DiskMB must not be negative"},
      {[](LrpStartRequest& r) { r.size.max_pids = -1; },
       "lrp \"web\": MaxPids must not be negative"},
      {[](LrpStartRequest& r) { r.placement.root_fs.clear(); },
       "lrp \"web\": RootFs must not be empty"},
      {[](LrpStartRequest& r) { r.size.memory_mb = 0; }, ""},
  };
  for (const Row& row : rows) {
    LrpStartRequest request = good;
    row.spoil(request);
    CHECK(FaultOf(request) == row.fault);
  }
  CHECK(FaultOf(TaskOf("t")).empty());
  CHECK(FaultOf(TaskOf("")) == "task \"\": TaskGuid must not be empty");
  CHECK(FaultOf(TaskOf("t", -1)) == "task \"t\": MemoryMB must not be negative");
}

TEST_CASE("batch: work that waits already is not added again", "[auctioneer][batch]") {
  PendingBatch pending(100);
  CHECK(pending.Add(Lrp("web", {0, 1, 1}, 64)));
  CHECK(pending.Add(Lrp("web", {1, 2}, 128)));
  CHECK(pending.Add(Lrp("api", {1})));
  CHECK(pending.Add(TaskOf("t", 64)));
  CHECK(pending.Add(TaskOf("t", 128)));
  CHECK(pending.size() == 5);
  const Batch batch = pending.Take();
  CHECK(Names(batch.lrps) == "web.0 web.1 web.2 api.1 ");
  CHECK(batch.lrps[1].request->size.memory_mb == 64);  // the first of two stays
  REQUIRE(batch.tasks.size() == 1);
  CHECK(batch.tasks[0].request->size.memory_mb == 64);

  CHECK(pending.empty());
  CHECK(pending.Add(Lrp("web", {0})));  // the next round decides anew
  CHECK(pending.size() == 1);
}

TEST_CASE("batch: another definition takes the place of what waits", "[auctioneer][batch]") {
  PendingBatch pending(2);
  LrpStartRequest first = Lrp("web", {0, 1}, 64);
  first.definition_id = "v1";
  LrpStartRequest second = Lrp("web", {1}, 128);
  second.definition_id = "v2";
  CHECK(pending.Add(first));
  CHECK(pending.Add(second));
  const Batch batch = pending.Take();
  CHECK(Names(batch.lrps) == "web.0 web.1 ");
  CHECK(batch.lrps[0].request->definition_id == "v1");
  CHECK(batch.lrps[1].request->definition_id == "v2");
  CHECK(ToWork({CellId("cell-1"), batch.lrps, {}}).lrps[1].definition_id == "v2");
}

TEST_CASE("batch: past its bound nothing is added, what waits already is fine",
          "[auctioneer][batch]") {
  PendingBatch pending(3);
  CHECK(pending.Add(Lrp("web", {0, 1})));
  CHECK_FALSE(pending.Add(Lrp("api", {0, 1})));
  CHECK(pending.size() == 2);
  CHECK(pending.Add(TaskOf("t")));
  CHECK_FALSE(pending.Add(TaskOf("u")));
  CHECK(pending.Add(Lrp("web", {1, 0})));
  CHECK(pending.Add(TaskOf("t")));
}

TEST_CASE("batch: returned work waits once", "[auctioneer][batch]") {
  PendingBatch pending(1);
  CHECK(pending.Add(Lrp("web", {0})));
  Batch batch = pending.Take();
  CHECK(pending.Add(Lrp("web", {0})));
  batch.lrps[0].attempts = 1;
  pending.Return(batch.lrps[0]);
  CHECK(pending.size() == 1);
  pending.Return(TaskAuction{std::make_shared<const TaskStartRequest>(TaskOf("t")), 1});
  CHECK(pending.size() == 2);
}

TEST_CASE("order: first instances, then tasks, then the others; large before small",
          "[auctioneer][batch]") {
  PendingBatch pending(100);
  pending.Add(Lrp("small", {2, 1, 0}, 32));
  pending.Add(Lrp("large", {0, 1}, 1024));
  pending.Add(Lrp("equal", {0, 1}, 32));
  pending.Add(TaskOf("light", 10));
  pending.Add(TaskOf("heavy", 20));
  pending.Add(TaskOf("light-too", 10));
  const OrderedBatch ordered = Order(pending.Take());
  CHECK(Names(ordered.first_lrps) == "large.0 small.0 equal.0 ");
  CHECK(Names(ordered.other_lrps) == "large.1 small.1 equal.1 small.2 ");
  REQUIRE(ordered.tasks.size() == 3);
  CHECK(ordered.tasks[0].request->task_guid == TaskGuid("heavy"));
  CHECK(ordered.tasks[1].request->task_guid == TaskGuid("light"));
  CHECK(ordered.tasks[2].request->task_guid == TaskGuid("light-too"));
}

TEST_CASE("work: what is sent carries the demand of each piece", "[auctioneer][batch]") {
  PendingBatch pending(10);
  pending.Add(Lrp("web", {3}, 32));
  pending.Add(TaskOf("t", 16));
  Batch batch = pending.Take();
  const Work work = ToWork({CellId("cell-1"), batch.lrps, batch.tasks});
  CHECK(work.cell_id == CellId("cell-1"));
  REQUIRE(work.lrps.size() == 1);
  CHECK(work.lrps[0].key == ActualLrpKey{ProcessGuid("web"), 3, Domain("apps")});
  CHECK(work.lrps[0].size.memory_mb == 32);
  CHECK(work.lrps[0].placement.root_fs == "preloaded:stack");
  CHECK(work.lrps[0].state.empty());
  REQUIRE(work.tasks.size() == 1);
  CHECK(work.tasks[0].task_guid == TaskGuid("t"));
  CHECK(work.tasks[0].state == TaskState::kInvalid);
}

}  // namespace
}  // namespace diego::auctioneer
