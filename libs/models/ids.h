// The names of things. Ids of different things are different types.
#pragma once

#include "libs/base/strong_id.h"

namespace diego {

using ProcessGuid = StrongId<struct ProcessGuidTag>;    // one desired LRP
using InstanceGuid = StrongId<struct InstanceGuidTag>;  // one run of one index of an LRP
using CellId = StrongId<struct CellIdTag>;
using Domain = StrongId<struct DomainTag>;
using TaskGuid = StrongId<struct TaskGuidTag>;

}  // namespace diego
