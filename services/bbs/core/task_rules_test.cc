// Table of reference/behaviours.md section 5.
#include "services/bbs/core/task_rules.h"

#include <catch2/catch.hpp>

#include "services/bbs/core/testing_states.h"

namespace diego::bbs {
namespace {

using testing::kJob;
using testing::kNow;
using testing::TableRow;
using testing::World;

Command Desire() {
  DesireTask desire;
  desire.task.task_guid = kJob;
  desire.task.domain = testing::kApps;
  desire.task.state = TaskState::kCompleted;  // ignored
  desire.task.rejection_count = 7;            // ignored
  return desire;
}
Command Start(const char* cell) { return StartTask{kJob, CellId(cell)}; }
Command Complete(const char* cell) { return CompleteTask{kJob, CellId(cell), false, "", "42"}; }
Command CompleteFailed(const char* cell) {
  return CompleteTask{kJob, CellId(cell), true, "exit 1", ""};
}
Command Cancel() { return CancelTask{kJob}; }
Command Fail() { return FailTask{kJob, "no room"}; }
Command Reject() { return RejectTask{kJob, "no room"}; }
Command RejectBy(const char* cell) { return RejectTask{kJob, "no room", CellId(cell)}; }
Command Resolving() { return ResolvingTask{kJob}; }
Command Delete() { return DeleteTask{kJob}; }

constexpr char kExists[] = "ResourceExists";
constexpr char kNotFound[] = "ResourceNotFound";
constexpr char kTransition[] = "InvalidStateTransition";

}  // namespace

TEST_CASE("tasks: every row of the table", "[bbs][task]") {
  const TableRow rows[] = {
      {"Desire", "", Desire(), "ok", "Pending", "task created Pending", "auction-task"},
      {"Desire again", "task Pending", Desire(), kExists, "Pending", ""},
      {"Start Pending", "task Pending", Start("1"), "ok", "Running 1",
       "task changed Pending -> Running"},
      {"Start Running same cell", "task Running 1", Start("1"), "ok", "Running 1", ""},
      {"Start Running elsewhere", "task Running 1", Start("2"), kTransition, "Running 1", ""},
      {"Start Completed", "task Completed", Start("1"), kTransition, "Completed", ""},
      {"Start Resolving", "task Resolving", Start("1"), kTransition, "Resolving", ""},
      {"Complete Running on that cell", "task Running 1", Complete("1"), "ok",
       "Completed result: 42", "task changed Running -> Completed"},
      {"Complete Running, failed", "task Running 1 callback", CompleteFailed("1"), "ok",
       "Completed failed: exit 1", "task changed Running -> Completed", "callback"},
      {"Complete Running elsewhere", "task Running 1", Complete("2"), "RunningOnDifferentCell",
       "Running 1", ""},
      {"Complete Pending", "task Pending", Complete("1"), kTransition, "Pending", ""},
      {"Complete Completed", "task Completed", Complete("1"), kTransition, "Completed", ""},
      {"Complete Resolving", "task Resolving", Complete("1"), kTransition, "Resolving", ""},
      {"Cancel Pending", "task Pending callback", Cancel(), "ok",
       "Completed failed: task was cancelled", "task changed Pending -> Completed", "callback"},
      {"Cancel Running", "task Running 1", Cancel(), "ok", "Completed failed: task was cancelled",
       "task changed Running -> Completed", "cancel 1"},
      {"Cancel Completed", "task Completed", Cancel(), kTransition, "Completed", ""},
      {"Cancel Resolving", "task Resolving", Cancel(), kTransition, "Resolving", ""},
      {"Fail Pending", "task Pending", Fail(), "ok", "Completed failed: no room",
       "task changed Pending -> Completed"},
      {"Fail Running", "task Running 1 callback", Fail(), "ok", "Completed failed: no room",
       "task changed Running -> Completed", "callback"},
      {"Fail Resolving", "task Resolving", Fail(), kTransition, "Resolving", ""},
      {"Fail Completed", "task Completed", Fail(), kTransition, "Completed", ""},
      {"Reject Pending", "task Pending", Reject(), "ok", "Pending rejected 1: no room",
       "task changed Pending -> Pending"},
      {"Reject Running", "task Running 1 rejected=2", Reject(), "ok", "Pending rejected 3: no room",
       "task changed Running -> Pending"},
      {"Reject, count before the call at max_task_retries", "task Running 1 rejected=3 callback",
       Reject(), "ok", "Completed failed: no room rejected 4: no room",
       "task changed Running -> Pending, task changed Pending -> Completed", "callback"},
      {"Reject Running, by its cell", "task Running 1", RejectBy("1"), "ok",
       "Pending rejected 1: no room", "task changed Running -> Pending"},
      {"Reject Running, by another cell", "task Running 1", RejectBy("2"), "UnknownError",
       "Running 1", ""},
      {"Reject Pending, by a cell", "task Pending", RejectBy("1"), "UnknownError", "Pending", ""},
      {"Reject Completed", "task Completed", Reject(), "InvalidRequest", "Completed", ""},
      {"Reject Resolving", "task Resolving", Reject(), "InvalidRequest", "Resolving", ""},
      {"Resolving Completed", "task Completed", Resolving(), "ok", "Resolving",
       "task changed Completed -> Resolving"},
      {"Resolving Pending", "task Pending", Resolving(), kTransition, "Pending", ""},
      {"Resolving Running", "task Running 1", Resolving(), kTransition, "Running 1", ""},
      {"Resolving Resolving", "task Resolving", Resolving(), kTransition, "Resolving", ""},
      {"Delete Resolving", "task Resolving", Delete(), "ok", "", "task removed Resolving"},
      {"Delete Completed", "task Completed", Delete(), kTransition, "Completed", ""},
      {"Delete Running", "task Running 1", Delete(), kTransition, "Running 1", ""},
      {"Delete Pending", "task Pending", Delete(), kTransition, "Pending", ""},
      {"any, missing: Start", "", Start("1"), kNotFound, "", ""},
      {"any, missing: Complete", "", Complete("1"), kNotFound, "", ""},
      {"any, missing: Cancel", "", Cancel(), kNotFound, "", ""},
      {"any, missing: Fail", "", Fail(), kNotFound, "", ""},
      {"any, missing: Reject", "", Reject(), kNotFound, "", ""},
      {"any, missing: Resolving", "", Resolving(), kNotFound, "", ""},
      {"any, missing: Delete", "", Delete(), kNotFound, "", ""},
  };
  for (const TableRow& row : rows) Verify(row);
}

TEST_CASE("tasks: refusals name what stands in the way", "[bbs][task]") {
  const auto message = [](const char* world, const Command& command) {
    return std::string(testing::Run(World(world), command).outcome.status.message());
  };
  CHECK(message("task Running 1", Start("2")) == "Cannot transition from Running to Running");
  CHECK(message("task Completed", Cancel()) == "Cannot transition from Completed to Completed");
  CHECK(message("task Pending", Complete("1")) == "Cannot transition from Pending to Completed");
  CHECK(message("task Pending", Resolving()) == "Cannot transition from Pending to Resolving");
  CHECK(message("task Running 1", Delete()) == "Cannot transition from Running to Resolving");
  CHECK(message("task Running 1", Complete("2")) == "Running on cell 1 not 2");
  CHECK(message("task Running 1", RejectBy("2")) ==
        "task job does not run on cell \"2\", which may not hand it back");
}

TEST_CASE("tasks: the retries of a rejected task are the operator's", "[bbs][task]") {
  const auto rejected = [](int32_t max_task_retries, const char* world) {
    State state = World(world);
    RuleSettings settings;
    settings.max_task_retries = max_task_retries;
    for (const Change& change : Execute(state, Reject(), Stamp{kNow, 1}, settings).changes) {
      state.Apply(change);
    }
    return testing::Tasks(state);
  };
  CHECK(rejected(0, "task Pending") == "Completed failed: no room rejected 1: no room");
  CHECK(rejected(1, "task Pending") == "Pending rejected 1: no room");
  CHECK(rejected(1, "task Pending rejected=1") == "Completed failed: no room rejected 2: no room");
  const auto after =
      testing::Run(World("task Running 1"), RejectTask{kJob, std::string(5000, 'x')}).after;
  CHECK(after.FindTask(kJob)->rejection_reason.size() == 1024);
}

TEST_CASE("tasks: start says whether to start", "[bbs][task]") {
  CHECK(testing::Run(World("task Pending"), Start("1")).outcome.should_start);
  CHECK_FALSE(testing::Run(World("task Running 1"), Start("1")).outcome.should_start);
}

TEST_CASE("tasks: a finished task is stamped and its reasons are cut", "[bbs][task]") {
  const auto after =
      testing::Run(World("task Running 1"), FailTask{kJob, std::string(5000, 'x')}).after;
  const Record<Task> task = after.FindTask(kJob);
  CHECK(task->updated_at == kNow);
  CHECK(task->first_completed_at == kNow);
  CHECK(task->failure_reason.size() == 1024);
  CHECK(task->cell_id.empty());
}

}  // namespace diego::bbs
