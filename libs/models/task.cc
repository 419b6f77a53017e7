#include "libs/models/task.h"
#include "absl/strings/string_view.h"

namespace diego {

absl::string_view TaskStateName(TaskState state) {
  switch (state) {
    case TaskState::kInvalid: return "Invalid";
    case TaskState::kPending: return "Pending";
    case TaskState::kRunning: return "Running";
    case TaskState::kCompleted: return "Completed";
    case TaskState::kResolving: return "Resolving";
  }
  return "";
}

}  // namespace diego
