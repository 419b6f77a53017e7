// Orders versions of one record. Source: reference/behaviours.md section 3, "modification tag".
#pragma once

#include <cstdint>
#include <string>

namespace diego {

struct ModificationTag {
  std::string epoch;   // UUID v4, new for each row created
  uint32_t index = 0;  // +1 for each change of the row

  friend bool operator==(const ModificationTag&, const ModificationTag&) = default;

  // The tag after one more change.
  ModificationTag Next() const { return {epoch, index + 1}; }
  // True when `next` supersedes this tag: another row's epoch (or an unknown one), or a later
  // index.
  bool SucceededBy(const ModificationTag& next) const {
    return epoch.empty() || next.epoch.empty() || epoch != next.epoch || index < next.index;
  }
};

}  // namespace diego
