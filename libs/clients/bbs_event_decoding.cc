#include "libs/clients/bbs_event_decoding.h"

#include <utility>

#include "libs/base/status_util.h"
#include "libs/wire/actual_lrp.h"
#include "libs/wire/desired_lrp.h"
#include "libs/wire/task.h"

namespace diego::clients {
namespace {

absl::StatusOr<BbsEvent> Decode(models::DesiredLRPChangedEvent event) {
  DesiredLrpChanged changed;
  DIEGO_ASSIGN_OR_RETURN(changed.before, wire::FromProto(std::move(*event.mutable_before())));
  DIEGO_ASSIGN_OR_RETURN(changed.after, wire::FromProto(std::move(*event.mutable_after())));
  return changed;
}

absl::StatusOr<BbsEvent> Decode(const models::ActualLRPInstanceChangedEvent& event) {
  ActualLrpChanged changed;
  DIEGO_ASSIGN_OR_RETURN(
      changed.before,
      wire::FromInfoProto(event.actual_lrp_key(), event.actual_lrp_instance_key(), event.before()));
  DIEGO_ASSIGN_OR_RETURN(
      changed.after,
      wire::FromInfoProto(event.actual_lrp_key(), event.actual_lrp_instance_key(), event.after()));
  return changed;
}

BbsEvent Decode(const models::ActualLRPCrashedEvent& event) {
  ActualLrpCrashed crashed;
  crashed.key = wire::FromProto(event.actual_lrp_key());
  crashed.instance = wire::FromProto(event.actual_lrp_instance_key());
  crashed.crash_count = event.crash_count();
  crashed.crash_reason = event.crash_reason();
  crashed.since = absl::FromUnixNanos(event.since());
  return crashed;
}

absl::StatusOr<BbsEvent> Decode(const models::TaskChangedEvent& event) {
  TaskChanged changed;
  DIEGO_ASSIGN_OR_RETURN(changed.before, wire::FromProto(event.before()));
  DIEGO_ASSIGN_OR_RETURN(changed.after, wire::FromProto(event.after()));
  return changed;
}

// An event of one record.
template <typename Event, typename Proto>
absl::StatusOr<BbsEvent> DecodeOne(Proto&& proto) {
  auto record = wire::FromProto(std::forward<Proto>(proto));
  if (!record.ok()) return record.status();
  return Event{*std::move(record)};
}

}  // namespace

absl::StatusOr<BbsEvent> DecodeEvent(SubscribeResponse response) {
  switch (response.event_case()) {
    case SubscribeResponse::kDesiredLrpCreated:
      return DecodeOne<DesiredLrpCreated>(
          std::move(*response.mutable_desired_lrp_created()->mutable_desired_lrp()));
    case SubscribeResponse::kDesiredLrpChanged:
      return Decode(std::move(*response.mutable_desired_lrp_changed()));
    case SubscribeResponse::kDesiredLrpRemoved:
      return DecodeOne<DesiredLrpRemoved>(
          std::move(*response.mutable_desired_lrp_removed()->mutable_desired_lrp()));
    case SubscribeResponse::kActualLrpInstanceCreated:
      return DecodeOne<ActualLrpCreated>(response.actual_lrp_instance_created().actual_lrp());
    case SubscribeResponse::kActualLrpInstanceChanged:
      return Decode(response.actual_lrp_instance_changed());
    case SubscribeResponse::kActualLrpInstanceRemoved:
      return DecodeOne<ActualLrpRemoved>(response.actual_lrp_instance_removed().actual_lrp());
    case SubscribeResponse::kActualLrpCrashed: return Decode(response.actual_lrp_crashed());
    case SubscribeResponse::kTaskCreated:
      return DecodeOne<TaskCreated>(response.task_created().task());
    case SubscribeResponse::kTaskChanged: return Decode(response.task_changed());
    case SubscribeResponse::kTaskRemoved:
      return DecodeOne<TaskRemoved>(response.task_removed().task());
    case SubscribeResponse::EVENT_NOT_SET: break;
  }
  return absl::UnimplementedError("an event of a kind that this version does not know");
}

}  // namespace diego::clients
