// Flags that several commands share.
#pragma once

#include "services/cfdot/command.h"

namespace diego::cfdot {

inline constexpr Flag kDomainFlag = {"domain", 'd', FlagKind::kText, "DOMAIN",
                                     "only of this domain"};
inline constexpr Flag kCellFlag = {"cell-id", 'c', FlagKind::kText, "CELL_ID",
                                   "only instances and tasks on this cell"};

}  // namespace diego::cfdot
