// Migrations that change how wide columns are. SQLite's have no width, so all of it is MySQL's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/sql/migrations.h"

namespace diego::bbs {

// The columns of sealed payloads and of free text: desired_lrps annotation, routes,
// volume_placement, run_info; actual_lrps net_info; tasks result, task_definition.
sql::MigrationSteps WidenPayloads(absl::string_view type);
// FailedPrecondition, with nothing changed, when a value is longer: a sealed one cannot be cut.
sql::MigrationSteps NarrowPayloads(absl::string_view type, int64_t most_bytes);

// VARCHAR(1024), and back to VARCHAR(255) with longer texts cut.
sql::MigrationSteps WidenTo1024(const std::string& table, const std::vector<std::string>& columns);
sql::MigrationSteps CutTo255(const std::string& table, const std::vector<std::string>& columns);
// The same for desired_lrps.rootfs, where a longer one is not cut: FailedPrecondition.
sql::MigrationSteps NarrowRootFs();

}  // namespace diego::bbs
