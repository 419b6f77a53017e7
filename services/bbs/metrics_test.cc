#include "services/bbs/metrics.h"

#include <catch2/catch.hpp>
#include <memory>

#include "absl/strings/str_cat.h"

namespace diego::bbs {
namespace {

TaskChange From(TaskState before, TaskState after, bool failed = false) {
  const auto row = [&](TaskState state) {
    Task task;
    task.state = state;
    task.failed = failed;
    return std::make_shared<const Task>(task);
  };
  return {row(before), row(after)};
}

TEST_CASE("metrics: a task starts and ends once, however often its callback is lost",
          "[bbs][metrics]") {
  metrics::Registry registry("bbs");
  BbsMetrics metrics(registry);
  using S = TaskState;
  const Changes changes = {
      TaskChange{nullptr, From(S::kPending, S::kPending).after},
      From(S::kPending, S::kRunning),
      From(S::kRunning, S::kCompleted),
      From(S::kCompleted, S::kResolving),
      From(S::kResolving, S::kCompleted),
      From(S::kPending, S::kCompleted, true),
      From(S::kResolving, S::kCompleted, true),
      TaskChange{From(S::kCompleted, S::kCompleted).after, nullptr},
  };
  metrics.BatchCommitted(3, changes, absl::Milliseconds(1));
  const std::string text = registry.Text();
  for (const char* name : {"started", "succeeded", "failed"}) {
    CHECK_THAT(text, Catch::Contains(absl::StrCat("diego_bbs_tasks_", name, "_total 1\n")));
  }
}

}  // namespace
}  // namespace diego::bbs
