#include "services/bbs/core/cell_loss.h"

#include <algorithm>
#include <utility>

namespace diego::bbs {
namespace {

// What speaks for holding losses now.
CellLossHold Cause(const CellLosses& losses, absl::Duration now, const CellLossSettings& settings) {
  const size_t lost = losses.lost.size();
  const double all = static_cast<double>(lost + losses.counted.size());
  const bool many = lost >= static_cast<size_t>(std::max(settings.least_cells, 1));
  if (many && static_cast<double>(lost) > settings.share * all) return CellLossHold::kMassLoss;
  if (losses.counted.empty() && lost > 0) {
    const auto latest =
        std::max_element(losses.lost.begin(), losses.lost.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    if (now - latest->second < settings.none_believed_after) return CellLossHold::kNoCells;
  }
  return CellLossHold::kNone;
}

// Takes in who is present; returns who vanished.
std::vector<CellId> Count(const std::set<CellId>& present, absl::Duration now, CellLosses* losses) {
  std::vector<CellId> vanished;
  for (const CellId& cell : losses->counted) {
    if (present.count(cell) == 0) vanished.push_back(cell);
  }
  for (const CellId& cell : vanished) losses->lost.emplace(cell, now);
  for (const CellId& cell : present) losses->lost.erase(cell);
  losses->counted = present;
  return vanished;
}

// Held losses stay held until all are back, or nothing has spoken for it for a while.
void Settle(CellLossHold cause, absl::Duration now, const CellLossSettings& settings,
            CellLosses* losses) {
  if (cause != CellLossHold::kNone) {
    losses->hold = cause;
    losses->quiet_since.reset();
    return;
  }
  if (!losses->held()) return;
  if (!losses->quiet_since) losses->quiet_since = now;
  const bool waited = losses->hold == CellLossHold::kNoCells ||
                      losses->hold == CellLossHold::kNotRead ||
                      now - *losses->quiet_since >= settings.settles_after;
  if (!losses->lost.empty() && !waited) return;
  losses->hold = CellLossHold::kNone;
  losses->quiet_since.reset();
}

}  // namespace

CellLossDecision Judge(const CellLosses& before, const CellReading& reading,
                       const CellLossSettings& settings) {
  CellLossDecision decision;
  CellLosses& losses = decision.losses;
  losses = before;
  if (!reading.present) {
    losses.hold = CellLossHold::kUnreadable;
    losses.quiet_since.reset();
    return decision;
  }
  decision.vanished = Count(*reading.present, reading.now, &losses);
  if (!losses.held()) {
    for (auto at = losses.lost.begin(); at != losses.lost.end();) {
      at = reading.now - at->second > settings.window ? losses.lost.erase(at) : std::next(at);
    }
  }
  Settle(Cause(losses, reading.now, settings), reading.now, settings, &losses);
  const bool news = before.held() ? !losses.lost.empty() : !decision.vanished.empty();
  decision.act = news && !losses.held();
  return decision;
}

CellLosses Expecting(const CellLosses& before, const std::set<CellId>& cells) {
  CellLosses next;
  next.counted = before.counted;
  next.counted.insert(cells.begin(), cells.end());
  return next;
}

CellLosses Accepting(const CellLosses& before) {
  CellLosses next = before;
  if (next.unreadable()) return next;
  next.lost.clear();
  next.hold = CellLossHold::kNone;
  next.quiet_since.reset();
  return next;
}

}  // namespace diego::bbs
