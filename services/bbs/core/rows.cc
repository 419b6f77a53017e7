#include "services/bbs/core/rows.h"

#include <cstddef>

namespace diego::bbs {

void MovePresence(const Record<ActualLrp>& row, ActualLrp moved, Changes* changes) {
  using Cause = ActualLrpChange::Cause;
  changes->push_back(ActualLrpChange{{row, nullptr}, Cause::kPresenceMove, ""});
  changes->push_back(
      ActualLrpChange{{nullptr, MakeRecord(std::move(moved))}, Cause::kPresenceMove, ""});
}

std::string StoredText(const std::string& text) {
  constexpr size_t kLimitBytes = 1024;
  const std::string mark = "(truncated)";
  if (text.size() < kLimitBytes) return text;
  size_t kept = kLimitBytes - mark.size();
  while (kept > 0 && (static_cast<unsigned char>(text[kept]) & 0xc0) == 0x80) --kept;
  return text.substr(0, kept) + mark;
}

}  // namespace diego::bbs
