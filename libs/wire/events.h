// The event messages of proto/models/events.proto, made from the records before and after.
// Those that carry a DesiredLrp or a Task fail with Deserialize when its opaque part is no message.
// Source: reference/wire-models.md "Events"; behaviours.md section 3 "changed event keys".
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/models/actual_lrp.h"
#include "libs/models/desired_lrp.h"
#include "libs/models/task.h"
#include "proto/models/events.pb.h"

namespace diego::wire {

absl::StatusOr<models::DesiredLRPCreatedEvent> DesiredLrpCreated(const DesiredLrp& lrp,
                                                                 absl::string_view trace_id);
absl::StatusOr<models::DesiredLRPChangedEvent> DesiredLrpChanged(const DesiredLrp& before,
                                                                 const DesiredLrp& after,
                                                                 absl::string_view trace_id);
absl::StatusOr<models::DesiredLRPRemovedEvent> DesiredLrpRemoved(const DesiredLrp& lrp,
                                                                 absl::string_view trace_id);

models::ActualLRPInstanceCreatedEvent ActualLrpInstanceCreated(const ActualLrp& lrp,
                                                               absl::string_view trace_id);
// Its keys are those of `after` unless they are empty, else those of `before`.
models::ActualLRPInstanceChangedEvent ActualLrpInstanceChanged(const ActualLrp& before,
                                                               const ActualLrp& after,
                                                               absl::string_view trace_id);
models::ActualLRPInstanceRemovedEvent ActualLrpInstanceRemoved(const ActualLrp& lrp,
                                                               absl::string_view trace_id);
models::ActualLRPCrashedEvent ActualLrpCrashed(const ActualLrpKey& key, const InstanceKey& instance,
                                               int32_t crash_count, const std::string& crash_reason,
                                               absl::Time since);

absl::StatusOr<models::TaskCreatedEvent> TaskCreated(const Task& task);
absl::StatusOr<models::TaskChangedEvent> TaskChanged(const Task& before, const Task& after);
absl::StatusOr<models::TaskRemovedEvent> TaskRemoved(const Task& task);

}  // namespace diego::wire
