// Version 1529530809: actual_lrps.presence, which takes the flag evacuating's place in the primary
// key.
#pragma once

#include "libs/sql/migrations.h"

namespace diego::bbs {

// A row that is evacuating gets presence 1.
sql::MigrationSteps PresenceJoinsThePrimaryKey();
// Presence 1 becomes the flag. The flag knows no suspects: one beside an ordinary instance goes,
// one alone becomes ordinary.
sql::MigrationSteps PresenceLeavesThePrimaryKey();

}  // namespace diego::bbs
