// Migrations that read and rewrite rows. Each looks at the rows it still has to do, so that it may
// be run again after it was stopped half-way. What cannot be read is left alone.
#pragma once

#include "libs/sql/migrations.h"
#include "services/bbs/store/row_codec.h"

namespace diego::bbs {

// Version 1474993971: desired_lrps.routes were plain JSON before.
sql::MigrationStep SealPlainRoutes(const RowCodec* codec);
sql::MigrationStep OpenSealedRoutes(const RowCodec* codec);
// Version 1722634733: desired_lrps.metric_tags were in run_info before.
sql::MigrationStep CopyMetricTagsOutOfRunInfo(const RowCodec* codec);
sql::MigrationStep CopyMetricTagsIntoRunInfo(const RowCodec* codec);

}  // namespace diego::bbs
