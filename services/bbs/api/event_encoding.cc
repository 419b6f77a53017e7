#include "services/bbs/api/event_encoding.h"

#include <variant>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"
#include "libs/wire/events.h"
#include "libs/wire/versions.h"
#include "services/bbs/api/bbs_calls.h"

namespace diego::bbs {
namespace {

constexpr size_t kMostEntries = 1024;
constexpr size_t kMostBytes = 8 << 20;

EncodedEvent Encode(absl::string_view name, const google::protobuf::MessageLite& message) {
  return {name, absl::Base64Escape(message.SerializeAsString())};
}

void Downgrade(EventForm form, models::DesiredLRP* lrp) {
  if (form == EventForm::kR0) wire::DowngradeToR0(lrp);
}
void Downgrade(EventForm form, models::Task* task) {
  if (form == EventForm::kR0) wire::DowngradeToR2(task);
}

absl::StatusOr<EncodedEvent> Encoded(const DesiredLrpEvent& event, EventForm form) {
  if (event.before == nullptr) {
    DIEGO_ASSIGN_OR_RETURN(auto message, wire::DesiredLrpCreated(*event.after, event.trace_id));
    Downgrade(form, message.mutable_desired_lrp());
    return Encode("desired_lrp_created", message);
  }
  if (event.after == nullptr) {
    DIEGO_ASSIGN_OR_RETURN(auto message, wire::DesiredLrpRemoved(*event.before, event.trace_id));
    Downgrade(form, message.mutable_desired_lrp());
    return Encode("desired_lrp_removed", message);
  }
  DIEGO_ASSIGN_OR_RETURN(auto message,
                         wire::DesiredLrpChanged(*event.before, *event.after, event.trace_id));
  Downgrade(form, message.mutable_before());
  Downgrade(form, message.mutable_after());
  return Encode("desired_lrp_changed", message);
}

absl::StatusOr<EncodedEvent> Encoded(const TaskEvent& event, EventForm form) {
  if (event.before == nullptr) {
    DIEGO_ASSIGN_OR_RETURN(auto message, wire::TaskCreated(*event.after));
    Downgrade(form, message.mutable_task());
    return Encode("task_created", message);
  }
  if (event.after == nullptr) {
    DIEGO_ASSIGN_OR_RETURN(auto message, wire::TaskRemoved(*event.before));
    Downgrade(form, message.mutable_task());
    return Encode("task_removed", message);
  }
  DIEGO_ASSIGN_OR_RETURN(auto message, wire::TaskChanged(*event.before, *event.after));
  Downgrade(form, message.mutable_before());
  Downgrade(form, message.mutable_after());
  return Encode("task_changed", message);
}

absl::StatusOr<EncodedEvent> Encoded(const ActualLrpInstanceEvent& event, EventForm) {
  if (event.before == nullptr) {
    return Encode("actual_lrp_instance_created",
                  wire::ActualLrpInstanceCreated(*event.after, event.trace_id));
  }
  if (event.after == nullptr) {
    return Encode("actual_lrp_instance_removed",
                  wire::ActualLrpInstanceRemoved(*event.before, event.trace_id));
  }
  return Encode("actual_lrp_instance_changed",
                wire::ActualLrpInstanceChanged(*event.before, *event.after, event.trace_id));
}

absl::StatusOr<EncodedEvent> Encoded(const ActualLrpCrashedEvent& event, EventForm) {
  return Encode("actual_lrp_crashed",
                wire::ActualLrpCrashed(event.key, event.instance, event.crash_count,
                                       event.crash_reason, event.since));
}

absl::StatusOr<EncodedEvent> Encoded(const ActualLrpGroupEvent& event, EventForm) {
  if (event.before.empty()) {
    models::ActualLRPCreatedEvent message;
    *message.mutable_actual_lrp_group() = ToProto(event.after);
    return Encode("actual_lrp_created", message);
  }
  if (event.after.empty()) {
    models::ActualLRPRemovedEvent message;
    *message.mutable_actual_lrp_group() = ToProto(event.before);
    return Encode("actual_lrp_removed", message);
  }
  models::ActualLRPChangedEvent message;
  *message.mutable_before() = ToProto(event.before);
  *message.mutable_after() = ToProto(event.after);
  return Encode("actual_lrp_changed", message);
}

}  // namespace

absl::StatusOr<EncodedEvent> EncodeEvent(const Event& event, EventForm form) {
  return std::visit([form](const auto& one) { return Encoded(one, form); }, event);
}

absl::StatusOr<EncodedEvent> EncodeEvent(const GroupEvent& event, EventForm form) {
  return std::visit([form](const auto& one) { return Encoded(one, form); }, event);
}

std::string EventText(uint64_t id, const EncodedEvent& event) {
  return absl::StrCat("id: ", id, "\nevent: ", event.name, "\ndata: ", event.base64, "\n\n");
}

std::shared_ptr<const EncodedEvent> EncodedEvents::Find(const Key& key) const {
  return data_.With([&](const Data& data) -> std::shared_ptr<const EncodedEvent> {
    const auto at = data.entries.find(key);
    return at == data.entries.end() ? nullptr : at->second.encoded;
  });
}

void EncodedEvents::Keep(const Key& key, std::shared_ptr<const void> event,
                         const std::shared_ptr<const EncodedEvent>& encoded) {
  std::deque<Entry> forgotten;  // freed after the lock
  data_.With([&](Data& data) {
    if (!data.entries.try_emplace(key, Entry{std::move(event), encoded}).second) return;
    data.order.push_back(key);
    data.bytes += encoded->base64.size();
    while (data.order.size() > kMostEntries || data.bytes > kMostBytes) {
      const auto oldest = data.entries.find(data.order.front());
      data.bytes -= oldest->second.encoded->base64.size();
      forgotten.push_back(std::move(oldest->second));
      data.entries.erase(oldest);
      data.order.pop_front();
    }
  });
}

}  // namespace diego::bbs
