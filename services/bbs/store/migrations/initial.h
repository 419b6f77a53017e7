// The schema's statements that are longer than a line: the first tables.
#pragma once

#include "libs/sql/migrations.h"

namespace diego::bbs {

// Version 1461790966. Tables that are there already are left as they are: the original dropped
// them, but a database without a version row may hold data that nobody meant to lose.
sql::MigrationSteps InitialSchema();
sql::MigrationSteps DropInitialSchema();
// Version 1764949919.
sql::MigrationSteps HealthCheckTable();

// Of InitialSchema: actual_lrps without its primary key, and the statements of its indexes.
inline constexpr char kFirstActualLrpColumns[] =
    "process_guid VARCHAR(255), instance_index INT, evacuating BOOL DEFAULT false, "
    "domain VARCHAR(255) NOT NULL, state VARCHAR(255) NOT NULL, "
    "instance_guid VARCHAR(255) NOT NULL DEFAULT '', cell_id VARCHAR(255) NOT NULL DEFAULT '', "
    "placement_error VARCHAR(255) NOT NULL DEFAULT '', since BIGINT DEFAULT 0, "
    "net_info TEXT NOT NULL, modification_tag_epoch VARCHAR(255) NOT NULL, "
    "modification_tag_index INT, crash_count INT NOT NULL DEFAULT 0, "
    "crash_reason VARCHAR(255) NOT NULL DEFAULT '', expire_time BIGINT DEFAULT 0";
sql::MigrationSteps ActualLrpIndexes();

}  // namespace diego::bbs
