// LiveCells: the engine's port to who is present. Implemented in effects/ over Locket's presences.
#pragma once

#include <memory>
#include <set>

#include "libs/models/ids.h"

namespace diego::bbs {

class LiveCells {
 public:
  struct Seen {
    // The cells that are present as far as is known. nullptr: not known.
    std::shared_ptr<const std::set<CellId>> present;
    // That a cell is not among them says nothing (core/cell_loss.h).
    bool losses_held = false;

    // What absence may be judged by; nullptr: nothing.
    std::shared_ptr<const std::set<CellId>> certain() const {
      return losses_held ? nullptr : present;
    }
  };

  virtual ~LiveCells() = default;
  // Any thread; must not block.
  virtual Seen Get() const = 0;
  // A term begins, with work on these cells: one that is not there counts as just lost.
  virtual void Expect(const std::set<CellId>& cells) = 0;
};

}  // namespace diego::bbs
