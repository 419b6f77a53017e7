// The schema's statements that are longer than a line: the first tables, and the one change of a
// primary key.
#pragma once

#include <vector>

#include "libs/sql/migrations.h"

namespace diego::bbs {

// Version 1461790966. Tables that are there already are left as they are: the original dropped
// them, but a database without a version row may hold data that nobody meant to lose.
std::vector<sql::MigrationStep> InitialSchema();
// Version 1529530809.
std::vector<sql::MigrationStep> PresenceJoinsThePrimaryKey();
// Version 1764949919.
std::vector<sql::MigrationStep> HealthCheckTable();

}  // namespace diego::bbs
