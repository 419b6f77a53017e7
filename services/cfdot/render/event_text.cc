#include "services/cfdot/render/event_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace diego::cfdot {
namespace {

const google::protobuf::FieldDescriptor* FieldOf(const SubscribeResponse& response) {
  return response.GetReflection()->GetOneofFieldDescriptor(
      response, SubscribeResponse::descriptor()->FindOneofByName("event"));
}

std::string NameOf(const models::ActualLRPKey& key) {
  return absl::StrCat(key.process_guid(), "/", key.index());
}

std::string OnCell(const models::ActualLRPInstanceKey& key) {
  if (key.cell_id().empty()) return "";
  return absl::StrCat(" on ", key.cell_id(), " (", key.instance_guid(), ")");
}

// The state, with the presence unless ordinary.
template <typename Record>
std::string StateOf(const Record& record) {
  if (record.presence() == models::ActualLRP::ORDINARY) return record.state();
  return absl::StrCat(record.state(), " ", models::ActualLRP::Presence_Name(record.presence()));
}

struct Text {
  std::string subject;
  std::string what;
};

Text TextOf(const models::ActualLRP& lrp) {
  return {NameOf(lrp.actual_lrp_key()),
          absl::StrCat(StateOf(lrp), OnCell(lrp.actual_lrp_instance_key()))};
}

Text TextOf(const models::ActualLRPInstanceChangedEvent& event) {
  const std::string& error = event.after().placement_error();
  return {NameOf(event.actual_lrp_key()),
          absl::StrCat(StateOf(event.before()), " -> ", StateOf(event.after()),
                       OnCell(event.actual_lrp_instance_key()), error.empty() ? "" : ": ", error)};
}

Text TextOf(const models::ActualLRPCrashedEvent& event) {
  return {NameOf(event.actual_lrp_key()),
          absl::StrCat("crash ", event.crash_count(), OnCell(event.actual_lrp_instance_key()), ": ",
                       event.crash_reason())};
}

Text TextOf(const models::DesiredLRP& lrp) {
  return {lrp.process_guid(), absl::StrCat(lrp.instances(), " instances")};
}

Text TextOf(const models::Task& task) {
  return {task.task_guid(), absl::StrCat(models::Task::State_Name(task.state()),
                                         task.cell_id().empty() ? "" : " on ", task.cell_id())};
}

Text Changed(const Text& before, const Text& after) {
  return {after.subject,
          before.what == after.what ? after.what : absl::StrCat(before.what, " -> ", after.what)};
}

Text TextOf(const SubscribeResponse& r) {
  switch (r.event_case()) {
    case SubscribeResponse::kDesiredLrpCreated:
      return TextOf(r.desired_lrp_created().desired_lrp());
    case SubscribeResponse::kDesiredLrpChanged:
      return Changed(TextOf(r.desired_lrp_changed().before()),
                     TextOf(r.desired_lrp_changed().after()));
    case SubscribeResponse::kDesiredLrpRemoved:
      return TextOf(r.desired_lrp_removed().desired_lrp());
    case SubscribeResponse::kActualLrpInstanceCreated:
      return TextOf(r.actual_lrp_instance_created().actual_lrp());
    case SubscribeResponse::kActualLrpInstanceChanged:
      return TextOf(r.actual_lrp_instance_changed());
    case SubscribeResponse::kActualLrpInstanceRemoved:
      return TextOf(r.actual_lrp_instance_removed().actual_lrp());
    case SubscribeResponse::kActualLrpCrashed: return TextOf(r.actual_lrp_crashed());
    case SubscribeResponse::kTaskCreated: return TextOf(r.task_created().task());
    case SubscribeResponse::kTaskChanged:
      return Changed(TextOf(r.task_changed().before()), TextOf(r.task_changed().after()));
    case SubscribeResponse::kTaskRemoved: return TextOf(r.task_removed().task());
    case SubscribeResponse::EVENT_NOT_SET: break;
  }
  return {};
}

}  // namespace

std::string EventName(const SubscribeResponse& response) { return FieldOf(response)->name(); }

const google::protobuf::Message& EventMessage(const SubscribeResponse& response) {
  return response.GetReflection()->GetMessage(response, FieldOf(response));
}

std::string EventText(const SubscribeResponse& response, absl::Time now) {
  const Text text = TextOf(response);
  return absl::StrFormat("%s  %-27s  %s  %s",
                         absl::FormatTime("%H:%M:%S", now, absl::LocalTimeZone()),
                         EventName(response), text.subject, text.what);
}

}  // namespace diego::cfdot
