#include "libs/wire/events.h"

#include "libs/base/status_util.h"
#include "libs/wire/actual_lrp.h"
#include "libs/wire/desired_lrp.h"
#include "libs/wire/task.h"
#include "libs/wire/utf8.h"

namespace diego::wire {
namespace {

template <typename Event>
absl::StatusOr<Event> DesiredLrpEvent(const DesiredLrp& lrp, absl::string_view trace_id) {
  Event event;
  DIEGO_ASSIGN_OR_RETURN(*event.mutable_desired_lrp(), ToProto(lrp));
  event.set_trace_id(trace_id.data(), trace_id.size());
  return event;
}

template <typename Event>
Event ActualLrpEvent(const ActualLrp& lrp, absl::string_view trace_id) {
  Event event;
  *event.mutable_actual_lrp() = ToProto(lrp);
  event.set_trace_id(trace_id.data(), trace_id.size());
  return event;
}

template <typename Event>
absl::StatusOr<Event> TaskEvent(const Task& task) {
  Event event;
  DIEGO_ASSIGN_OR_RETURN(*event.mutable_task(), ToProto(task));
  return event;
}

}  // namespace

absl::StatusOr<models::DesiredLRPCreatedEvent> DesiredLrpCreated(const DesiredLrp& lrp,
                                                                 absl::string_view trace_id) {
  return DesiredLrpEvent<models::DesiredLRPCreatedEvent>(lrp, trace_id);
}

absl::StatusOr<models::DesiredLRPChangedEvent> DesiredLrpChanged(const DesiredLrp& before,
                                                                 const DesiredLrp& after,
                                                                 absl::string_view trace_id) {
  models::DesiredLRPChangedEvent event;
  DIEGO_ASSIGN_OR_RETURN(*event.mutable_before(), ToProto(before));
  DIEGO_ASSIGN_OR_RETURN(*event.mutable_after(), ToProto(after));
  event.set_trace_id(trace_id.data(), trace_id.size());
  return event;
}

absl::StatusOr<models::DesiredLRPRemovedEvent> DesiredLrpRemoved(const DesiredLrp& lrp,
                                                                 absl::string_view trace_id) {
  return DesiredLrpEvent<models::DesiredLRPRemovedEvent>(lrp, trace_id);
}

models::ActualLRPInstanceCreatedEvent ActualLrpInstanceCreated(const ActualLrp& lrp,
                                                               absl::string_view trace_id) {
  return ActualLrpEvent<models::ActualLRPInstanceCreatedEvent>(lrp, trace_id);
}

models::ActualLRPInstanceChangedEvent ActualLrpInstanceChanged(const ActualLrp& before,
                                                               const ActualLrp& after,
                                                               absl::string_view trace_id) {
  models::ActualLRPInstanceChangedEvent event;
  *event.mutable_actual_lrp_key() =
      ToProto(after.key.process_guid.empty() ? before.key : after.key);
  *event.mutable_actual_lrp_instance_key() =
      ToProto(after.instance.empty() ? before.instance : after.instance);
  *event.mutable_before() = ToInfoProto(before);
  *event.mutable_after() = ToInfoProto(after);
  event.set_trace_id(trace_id.data(), trace_id.size());
  return event;
}

models::ActualLRPInstanceRemovedEvent ActualLrpInstanceRemoved(const ActualLrp& lrp,
                                                               absl::string_view trace_id) {
  return ActualLrpEvent<models::ActualLRPInstanceRemovedEvent>(lrp, trace_id);
}

models::ActualLRPCrashedEvent ActualLrpCrashed(const ActualLrpKey& key, const InstanceKey& instance,
                                               int32_t crash_count, const std::string& crash_reason,
                                               absl::Time since) {
  models::ActualLRPCrashedEvent event;
  *event.mutable_actual_lrp_key() = ToProto(key);
  *event.mutable_actual_lrp_instance_key() = ToProto(instance);
  event.set_crash_count(crash_count);
  event.set_crash_reason(ValidUtf8(crash_reason));
  event.set_since(absl::ToUnixNanos(since));
  return event;
}

absl::StatusOr<models::TaskCreatedEvent> TaskCreated(const Task& task) {
  return TaskEvent<models::TaskCreatedEvent>(task);
}

absl::StatusOr<models::TaskChangedEvent> TaskChanged(const Task& before, const Task& after) {
  models::TaskChangedEvent event;
  DIEGO_ASSIGN_OR_RETURN(*event.mutable_before(), ToProto(before));
  DIEGO_ASSIGN_OR_RETURN(*event.mutable_after(), ToProto(after));
  return event;
}

absl::StatusOr<models::TaskRemovedEvent> TaskRemoved(const Task& task) {
  return TaskEvent<models::TaskRemovedEvent>(task);
}

}  // namespace diego::wire
