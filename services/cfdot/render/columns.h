// What a table shows of each kind of record. Pure functions; `now` is for ages.
#pragma once

#include "absl/time/time.h"
#include "proto/diego/bbs.pb.h"
#include "proto/diego/cell.pb.h"
#include "proto/models/locket.pb.h"
#include "services/cfdot/render/text_table.h"

namespace diego::cfdot {

// The columns' titles; only the argument's type matters.
Row TitlesOf(const models::ActualLRP&);
Row TitlesOf(const models::ActualLRPGroup&);
Row TitlesOf(const models::DesiredLRP&);
Row TitlesOf(const models::DesiredLRPSchedulingInfo&);
Row TitlesOf(const models::Task&);
Row TitlesOf(const models::CellPresence&);
Row TitlesOf(const models::Resource&);
Row TitlesOf(const StateResponse&);
Row TitlesOf(const InstanceExplanation&);
Row TitlesOf(const PlacementTag&);
Row TitlesOf(const ContainerMetric&);
Row TitlesOf(const DomainResponse&);

Row RowOf(const models::ActualLRP& lrp, absl::Time now);
Row RowOf(const models::ActualLRPGroup& group, absl::Time now);
Row RowOf(const models::DesiredLRP& lrp, absl::Time now);
Row RowOf(const models::DesiredLRPSchedulingInfo& info, absl::Time now);
Row RowOf(const models::Task& task, absl::Time now);
Row RowOf(const models::CellPresence& cell, absl::Time now);
Row RowOf(const models::Resource& resource, absl::Time now);
Row RowOf(const StateResponse& state, absl::Time now);
Row RowOf(const InstanceExplanation& explanation, absl::Time now);
Row RowOf(const PlacementTag& tag, absl::Time now);
Row RowOf(const ContainerMetric& metric);
Row RowOf(const DomainResponse& domain, absl::Time now);

}  // namespace diego::cfdot
