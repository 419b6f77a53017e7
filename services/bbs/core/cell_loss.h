// Cell losses: whether cells that vanish may be believed lost. One cell that goes has died; many
// that go at once say more about the network, or about Locket, than about the cells: their
// instances most likely run on. So past a share, and while Locket cannot be read, losses are held:
// nothing is made suspect, removed or failed for want of a cell, until the cells are back or an
// operator accepts that they are gone.
//
//            many lost at once, or Locket unreadable
//   believed ───────────────────────────────────────▶ held
//      ▲                                                │
//      └── all are back · few are missing, for a while ─┘
//          · Locket is read again, likewise · an operator accepts
//
// A pure function from what was known and one reading of the presences to what is known then.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/models/ids.h"

namespace diego::bbs {

struct CellLossSettings {
  // More than this share of the cells, and at least so many, lost within the window: held.
  double share = 0.4;
  int least_cells = 3;
  absl::Duration window = absl::Minutes(1);
  // How long it has to have been quiet before what is still missing is believed after all. As long
  // as presences take to expire or be renewed.
  absl::Duration settles_after = absl::Seconds(15);
  // How long few cells may all be gone before that is believed.
  absl::Duration none_believed_after = absl::Seconds(30);
};

enum class CellLossHold {
  kNone,
  kNotRead,     // the presences have not been read since there was reason to
  kUnreadable,  // the presences cannot be read, or could not until a moment ago
  kMassLoss,    // too many vanished at once
  kNoCells,     // few there were, none there are
};

struct CellLosses {
  // The cells that counted as present at the last reading, and those that ought to be there.
  std::set<CellId> counted;
  // When each cell vanished: within the window, or since before losses were held.
  std::map<CellId, absl::Duration> lost;
  CellLossHold hold = CellLossHold::kNotRead;
  // Since when nothing speaks for holding any more.
  std::optional<absl::Duration> quiet_since;

  bool held() const { return hold != CellLossHold::kNone; }
  // Nobody can say which cells are there.
  bool unreadable() const {
    return hold == CellLossHold::kNotRead || (hold == CellLossHold::kUnreadable && !quiet_since);
  }
  friend bool operator==(const CellLosses&, const CellLosses&) = default;
};

// What an operator is told of losses that are held.
struct HeldCellLosses {
  std::string cause;          // in words
  std::vector<CellId> cells;  // that are missing, as far as is known
  absl::Time since;
};

// One look at the presences. Times are monotonic.
struct CellReading {
  absl::Duration now;
  std::optional<std::set<CellId>> present;  // absent: they could not be read
};

struct CellLossDecision {
  CellLosses losses;
  std::vector<CellId> vanished;  // that were there at the last reading
  bool act = false;              // there are losses to act on that were not believed before
};

CellLossDecision Judge(const CellLosses& before, const CellReading& reading,
                       const CellLossSettings& settings);

// A term begins, with work on these cells: they ought to be there, and what was known of losses
// before is of no more interest. Held until the next reading.
CellLosses Expecting(const CellLosses& before, const std::set<CellId>& cells);

// An operator says that what is missing is gone. While the presences cannot be read that stays so.
CellLosses Accepting(const CellLosses& before);

}  // namespace diego::bbs
