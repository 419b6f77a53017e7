// Flags that several commands share.
#pragma once

#include "services/cfdot/command.h"

namespace diego::cfdot {

inline constexpr Flag kDomainFlag = {"domain", 'd', FlagKind::kText, "DOMAIN",
                                     "only of this domain"};
inline constexpr Flag kCellFlag = {"cell-id", 'c', FlagKind::kText, "CELL_ID",
                                   "only instances and tasks on this cell"};

inline constexpr Flag kRequestIdFlag = {
    "request-id", 0, FlagKind::kText, "ID",
    "made again with the same id, the command gets the first outcome; default: a new one"};

}  // namespace diego::cfdot
