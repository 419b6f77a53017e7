// The shapes that older versions of the BBS's endpoints promise. A message is changed in place from
// today's shape, in which the database and everything else has it, to an older one.
// Source: reference/wire-models.md "Version downgrades applied by read endpoints".
#pragma once

#include "proto/models/desired_lrp.pb.h"
#include "proto/models/task.pb.h"

namespace diego::wire {

// r2: no image layers. Shared ones become cached dependencies, before those there are; exclusive
// ones are downloaded side by side before the setup of an LRP, before the action of a task.
void DowngradeToR2(models::DesiredLRP* lrp);
void DowngradeToR2(models::TaskDefinition* definition);
void DowngradeToR2(models::Task* task);

// r0: as r2; besides, cached dependencies are downloaded in the setup, and timeouts are told in
// their deprecated fields, too.
void DowngradeToR0(models::DesiredLRP* lrp);

}  // namespace diego::wire
