// LiveCells: the engine's port to who is present. Implemented in effects/ over Locket's presences.
#pragma once

#include <memory>
#include <set>

#include "libs/models/ids.h"

namespace diego::bbs {

class LiveCells {
 public:
  virtual ~LiveCells() = default;
  // The cells that are present as far as is known. nullptr: not known; then nothing that rests on
  // a cell's absence may be done. Any thread; must not block.
  virtual std::shared_ptr<const std::set<CellId>> Get() const = 0;
};

}  // namespace diego::bbs
