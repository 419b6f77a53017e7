// The history of the BBS's schema: every version that a database in the field may stand at, and the
// steps from each to the next. The present schema is what they lead to; there is no other way to
// make it. Source: reference/sql-schema.md "Migrations (BBS), ascending version".
#pragma once

#include <cstdint>
#include <vector>

#include "libs/sql/migrations.h"
#include "services/bbs/store/row_codec.h"

namespace diego::bbs {

// In ascending order. `codec` seals and opens what some versions store in the clear; it outlives
// the result, and may be nullptr where nothing is run.
std::vector<sql::Migration> SchemaHistory(const RowCodec* codec);

// The last of the history.
int64_t SchemaVersion();

}  // namespace diego::bbs
