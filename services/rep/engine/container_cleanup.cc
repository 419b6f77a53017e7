#include "services/rep/engine/container_cleanup.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace diego::rep {

ContainerCleanup::ContainerCleanup(const CleanupOptions& options, Executor& executor,
                                   const ReconcileLoop& reconcile, const Clock& clock,
                                   const log::Logger& log)
    : executor_(executor),
      reconcile_(reconcile),
      clock_(clock),
      log_(log.Session("evacuation-cleanup")),
      wait_(clock.Monotonic() + options.timeout, options.report_patience) {
  for (const Container& container : executor_.List()) {
    (void)executor_.Stop(container.guid);  // one that is gone needs none
  }
}

bool ContainerCleanup::Step() {
  const std::vector<Container> left = executor_.List();
  const auto running = std::count_if(left.begin(), left.end(), [](const Container& container) {
    return container.state != ContainerState::kCompleted;
  });
  if (!wait_.IsOver(clock_.Monotonic(), static_cast<size_t>(running), left.size(),
                    !reconcile_.idle())) {
    return false;
  }
  if (left.empty()) {
    log_.Info("finished-evacuating");
    return true;
  }
  std::vector<std::string> guids;
  for (const Container& container : left) guids.push_back(container.guid);
  log_.Error("failed-to-cleanup-all-containers",
             absl::DeadlineExceededError(
                 absl::StrCat(left.size(), " containers were left, ", running, " of them running")),
             {{"container_guids", std::move(guids)}});
  return true;
}

}  // namespace diego::rep
