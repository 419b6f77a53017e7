#include "services/rep/core/exit_wait.h"

#include <utility>

namespace diego::rep {

bool ExitWait::IsOver(absl::Duration now, size_t running, size_t left, bool reporting) {
  if ((left == 0 && !reporting) || now >= deadline_) return true;
  const bool begins = !std::exchange(begun_, true);
  const bool moved = begins || running > 0 || left != left_;
  left_ = left;
  if (moved) moved_at_ = now;
  return now - moved_at_ >= patience_;
}

}  // namespace diego::rep
