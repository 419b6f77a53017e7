// Migrations that read and rewrite rows. Each looks at the rows it still has to do, so that it may
// be run again after it was stopped half-way.
#pragma once

#include "libs/sql/migrations.h"
#include "services/bbs/store/row_codec.h"

namespace diego::bbs {

// Version 1474993971: desired_lrps.routes were plain JSON before.
sql::MigrationStep SealPlainRoutes(const RowCodec* codec);
// Version 1722634733: desired_lrps.metric_tags, copied out of run_info. A run info that cannot be
// read is left alone.
sql::MigrationStep CopyMetricTagsOutOfRunInfo(const RowCodec* codec);

}  // namespace diego::bbs
