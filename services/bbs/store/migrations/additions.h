// What this suite stores beyond the original: nullable columns and tables of its own. They are no
// part of the numbered history and leave the version row alone, so that the original can open the
// database again: it names the columns it reads and writes, and minds no others.
#pragma once

#include <vector>

#include "libs/sql/migrations.h"

namespace diego::bbs {

// To be run at every start, after the history. Adding what is there already is no fault.
std::vector<sql::MigrationStep> Additions();

}  // namespace diego::bbs
