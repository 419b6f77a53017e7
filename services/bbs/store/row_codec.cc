#include "services/bbs/store/row_codec.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "libs/base/status_util.h"
#include "libs/models/error.h"
#include "libs/wire/actual_lrp.h"
#include "libs/wire/columns.h"
#include "libs/wire/crash_restart_policy.h"
#include "libs/wire/desired_lrp.h"
#include "libs/wire/placement.h"
#include "libs/wire/rollout.h"
#include "libs/wire/serialize.h"
#include "libs/wire/task.h"
#include "libs/wire/utf8.h"
#include "proto/models/volume_mount.pb.h"
#include "services/bbs/core/rows.h"

namespace diego::bbs {
namespace {

// Before the message in every sealed proto column: format "proto", version 0.
constexpr char kProtoHeader[] = {'\x02', '\x00'};
constexpr absl::string_view kProtoHead(kProtoHeader, sizeof(kProtoHeader));

// In answered_calls.error_type: the status carries no Diego error.
constexpr int64_t kNoErrorType = -1;

// The far future is the largest number.
int64_t Nanos(absl::Time time) { return absl::ToUnixNanos(time); }
absl::Time TimeOf(int64_t nanos) {
  return nanos == INT64_MAX ? absl::InfiniteFuture() : absl::FromUnixNanos(nanos);
}

// What programs said may hold any bytes; the database takes UTF-8 only.
std::string FreeText(const std::string& text) { return wire::ValidUtf8(text); }
// The same for columns 1024 wide.
std::string CutText(const std::string& text) { return StoredText(wire::ValidUtf8(text)); }

// NULL where there is none, as in rows of the original.
sql::Value TextOrNull(const std::string& text) {
  if (text.empty()) return sql::Null();
  return text;
}
sql::Value PolicyText(const CrashRestartPolicy& policy) {
  if (policy.empty()) return sql::Null();
  return wire::CrashRestartPolicyToJson(policy);
}

// "VERSION JSON", NULL where there is none. The original changes rows without touching our column,
// so a refusal counts only while the record has the version that it was stored with.
sql::Value RefusalText(int64_t version, const Opaque& refusal) {
  if (refusal.empty()) return sql::Null();
  return absl::StrCat(version, " ", wire::PlacementRefusalToJson(refusal));
}
// One that cannot be read is no reason to set the row aside.
Opaque RefusalOf(int64_t version, absl::string_view text) {
  if (!absl::ConsumePrefix(&text, absl::StrCat(version, " "))) return Opaque();
  return wire::PlacementRefusalFromJson(text).value_or(Opaque());
}

absl::Status Bad(absl::string_view column, int64_t number) {
  return DiegoError(ErrorType::kDeserialize,
                    absl::StrCat("could not deserialize record: ", column, " is ", number));
}

// Reads a row's columns one after the other, in the order of schema.h.
class Cursor {
 public:
  explicit Cursor(const sql::Row& row) : row_(row) {}
  std::string Text() { return row_.Text(next_++); }
  int64_t Int64() { return row_.Int64(next_++); }
  int32_t Int32() { return static_cast<int32_t>(Int64()); }
  absl::Time Time() { return TimeOf(Int64()); }

 private:
  const sql::Row& row_;
  int next_ = 0;
};

// An actual LRP but for the columns that have to be opened or parsed.
struct SealedActualLrpColumns {
  std::string state;
  std::string net_info;
  std::string internal_routes;
  std::string metric_tags;
  std::string placement_refusal;
};
absl::StatusOr<ActualLrp> PlainActualLrp(const sql::Row& row, SealedActualLrpColumns* sealed) {
  Cursor cursor(row);
  ActualLrp lrp;
  lrp.key.process_guid = ProcessGuid(cursor.Text());
  lrp.key.index = cursor.Int32();
  const int64_t presence = cursor.Int64();
  if (presence < 0 || presence > 2) return Bad("presence", presence);
  lrp.presence = static_cast<Presence>(presence);
  lrp.key.domain = Domain(cursor.Text());
  sealed->state = cursor.Text();
  lrp.instance.instance_guid = InstanceGuid(cursor.Text());
  lrp.instance.cell_id = CellId(cursor.Text());
  lrp.placement_error = cursor.Text();
  lrp.since = cursor.Time();
  sealed->net_info = cursor.Text();
  lrp.tag.epoch = cursor.Text();
  lrp.tag.index = static_cast<uint32_t>(cursor.Int64());
  lrp.crash_count = cursor.Int32();
  lrp.crash_reason = cursor.Text();
  sealed->internal_routes = cursor.Text();
  sealed->metric_tags = cursor.Text();
  lrp.routable = cursor.Int64() != 0;
  lrp.availability_zone = cursor.Text();
  lrp.definition_id = cursor.Text();
  sealed->placement_refusal = cursor.Text();
  return lrp;
}

// A task but for its definition.
absl::StatusOr<Task> PlainTask(const sql::Row& row, std::string* definition,
                               std::string* placement_refusal) {
  Cursor cursor(row);
  Task task;
  task.task_guid = TaskGuid(cursor.Text());
  task.domain = Domain(cursor.Text());
  task.updated_at = cursor.Time();
  task.created_at = cursor.Time();
  task.first_completed_at = cursor.Time();
  const int64_t state = cursor.Int64();
  if (state < 0 || state > 4) return Bad("state", state);
  task.state = static_cast<TaskState>(state);
  task.cell_id = CellId(cursor.Text());
  task.result = cursor.Text();
  task.failed = cursor.Int64() != 0;
  task.failure_reason = cursor.Text();
  *definition = cursor.Text();
  task.rejection_count = cursor.Int32();
  task.rejection_reason = cursor.Text();
  *placement_refusal = cursor.Text();
  return task;
}

}  // namespace

std::string RowCodec::SealProto(absl::string_view message_bytes) const {
  return keys_->Encode(absl::StrCat(kProtoHead, message_bytes));
}

absl::StatusOr<std::string> RowCodec::OpenProto(absl::string_view column_text) const {
  absl::StatusOr<std::string> plain = keys_->Decode(column_text);
  if (plain.ok() && !absl::StartsWith(*plain, kProtoHead)) {
    return DiegoError(ErrorType::kDeserialize,
                      "could not deserialize record: it does not begin with the proto header");
  }
  if (plain.ok()) plain->erase(0, kProtoHead.size());
  return plain;
}

absl::StatusOr<std::string> RowCodec::OpenJson(absl::string_view column_text) const {
  if (column_text.empty()) return std::string();
  return keys_->Decode(column_text);
}

sql::Values RowCodec::ToRow(const DomainRecord& domain) const {
  return {domain.domain.value(), Nanos(domain.expire_time),
          PolicyText(domain.crash_restart_policy)};
}

absl::StatusOr<DomainRecord> RowCodec::DomainFromRow(const sql::Row& row) const {
  Cursor cursor(row);
  DomainRecord record;
  record.domain = Domain(cursor.Text());
  record.expire_time = cursor.Time();
  DIEGO_ASSIGN_OR_RETURN(record.crash_restart_policy,
                         wire::CrashRestartPolicyFromJson(cursor.Text()));
  return record;
}

sql::Values RowCodec::ToRow(const DesiredLrp& lrp) const {
  return {lrp.process_guid.value(),
          lrp.domain.value(),
          lrp.log_guid,
          FreeText(lrp.annotation),
          lrp.instances,
          lrp.size.memory_mb,
          lrp.size.disk_mb,
          lrp.placement.root_fs,
          SealJson(wire::RoutesToJson(lrp.routes)),
          SealProto(wire::Serialize(wire::ToVolumesProto(lrp.placement))),
          lrp.tag.epoch,
          lrp.tag.index,
          SealProto(wire::RunInfoWithCredentials(lrp)),
          wire::StringsToJson(lrp.placement.placement_tags),
          lrp.size.max_pids,
          SealJson(wire::MetricTagsToJson(lrp.metric_tags)),
          static_cast<int64_t>(lrp.update_strategy),
          PolicyText(lrp.crash_restart_policy),
          TextOrNull(lrp.definition_id),
          lrp.rollout.empty() ? sql::Value(sql::Null())
                              : sql::Value(SealProto(wire::RolloutBytes(*lrp.rollout)))};
}

absl::StatusOr<DesiredLrp> RowCodec::DesiredLrpFromRow(const sql::Row& row) const {
  std::string rollout;
  DIEGO_ASSIGN_OR_RETURN(DesiredLrp lrp, WithoutRollout(row, &rollout));
  if (rollout.empty()) return lrp;
  DIEGO_ASSIGN_OR_RETURN(const std::string bytes, OpenProto(rollout));
  DIEGO_ASSIGN_OR_RETURN(Rollout read, wire::RolloutFromBytes(bytes));
  lrp.rollout = SharedRollout(std::move(read));
  return lrp;
}

absl::StatusOr<DesiredLrp> RowCodec::SalvageDesiredLrp(const sql::Row& row) const {
  std::string rollout;
  return WithoutRollout(row, &rollout);
}

absl::StatusOr<DesiredLrp> RowCodec::WithoutRollout(const sql::Row& row,
                                                    std::string* rollout) const {
  Cursor cursor(row);
  DesiredLrp lrp;
  lrp.process_guid = ProcessGuid(cursor.Text());
  lrp.domain = Domain(cursor.Text());
  lrp.log_guid = cursor.Text();
  lrp.annotation = cursor.Text();
  lrp.instances = cursor.Int32();
  lrp.size.memory_mb = cursor.Int32();
  lrp.size.disk_mb = cursor.Int32();
  lrp.placement.root_fs = cursor.Text();
  const std::string routes = cursor.Text();
  const std::string volume_placement = cursor.Text();
  lrp.tag.epoch = cursor.Text();
  lrp.tag.index = static_cast<uint32_t>(cursor.Int64());
  const std::string run_info = cursor.Text();
  const std::string placement_tags = cursor.Text();
  lrp.size.max_pids = cursor.Int32();
  const std::string metric_tags = cursor.Text();
  const int64_t strategy = cursor.Int64();
  const std::string crash_restart_policy = cursor.Text();
  lrp.definition_id = cursor.Text();
  *rollout = cursor.Text();
  if (strategy != 0 && strategy != 1) return Bad("update_strategy", strategy);
  if (lrp.instances < 0) return Bad("instances", lrp.instances);
  lrp.update_strategy = static_cast<UpdateStrategy>(strategy);

  const auto read = [&]() -> absl::Status {
    DIEGO_ASSIGN_OR_RETURN(const std::string run_info_bytes, OpenProto(run_info));
    DIEGO_RETURN_IF_ERROR(wire::SetRunInfoWithCredentials(run_info_bytes, &lrp));
    DIEGO_ASSIGN_OR_RETURN(const std::string volume_bytes, OpenProto(volume_placement));
    models::VolumePlacement volumes;
    DIEGO_RETURN_IF_ERROR(wire::Parse(volume_bytes, "volume_placement", &volumes));
    wire::FromProto(std::move(volumes), &lrp.placement);
    DIEGO_ASSIGN_OR_RETURN(const std::string routes_json, OpenJson(routes));
    DIEGO_ASSIGN_OR_RETURN(lrp.routes, wire::RoutesFromJson(routes_json));
    DIEGO_ASSIGN_OR_RETURN(const std::string tags_json, OpenJson(metric_tags));
    DIEGO_ASSIGN_OR_RETURN(lrp.metric_tags, wire::MetricTagsFromJson(tags_json));
    DIEGO_ASSIGN_OR_RETURN(lrp.placement.placement_tags, wire::StringsFromJson(placement_tags));
    DIEGO_ASSIGN_OR_RETURN(lrp.crash_restart_policy,
                           wire::CrashRestartPolicyFromJson(crash_restart_policy));
    return absl::OkStatus();
  };
  DIEGO_RETURN_IF_ERROR(read());
  return lrp;
}

sql::Values RowCodec::ToRow(const ActualLrp& lrp) const {
  return {lrp.key.process_guid.value(), lrp.key.index, static_cast<int64_t>(lrp.presence),
          lrp.key.domain.value(), sql::Text(ActualLrpStateName(lrp.state)),
          lrp.instance.instance_guid.value(), lrp.instance.cell_id.value(),
          CutText(lrp.placement_error), Nanos(lrp.since),
          SealProto(wire::Serialize(wire::ToProto(lrp.net_info))), lrp.tag.epoch, lrp.tag.index,
          lrp.crash_count, CutText(lrp.crash_reason),
          SealJson(wire::InternalRoutesToJson(lrp.internal_routes)),
          SealJson(wire::StringMapToJson(lrp.metric_tags)),
          // The column has no NULL for older readers; unset means true for what runs.
          lrp.routable.value_or(lrp.state == ActualLrpState::kRunning), lrp.availability_zone,
          TextOrNull(lrp.definition_id), RefusalText(lrp.tag.index, lrp.placement_refusal)};
}

absl::StatusOr<ActualLrp> RowCodec::ActualLrpFromRow(const sql::Row& row) const {
  SealedActualLrpColumns sealed;
  DIEGO_ASSIGN_OR_RETURN(ActualLrp lrp, PlainActualLrp(row, &sealed));
  const auto known_state = ParseActualLrpState(sealed.state);
  if (!known_state) {
    return DiegoError(
        ErrorType::kDeserialize,
        absl::StrCat("could not deserialize record: state is \"", sealed.state, "\""));
  }
  lrp.state = *known_state;
  if (!sealed.net_info.empty()) {
    DIEGO_ASSIGN_OR_RETURN(const std::string bytes, OpenProto(sealed.net_info));
    models::ActualLRPNetInfo message;
    DIEGO_RETURN_IF_ERROR(wire::Parse(bytes, "net_info", &message));
    DIEGO_ASSIGN_OR_RETURN(lrp.net_info, wire::FromProto(message));
  }
  DIEGO_ASSIGN_OR_RETURN(const std::string routes_json, OpenJson(sealed.internal_routes));
  DIEGO_ASSIGN_OR_RETURN(lrp.internal_routes, wire::InternalRoutesFromJson(routes_json));
  DIEGO_ASSIGN_OR_RETURN(const std::string tags_json, OpenJson(sealed.metric_tags));
  DIEGO_ASSIGN_OR_RETURN(lrp.metric_tags, wire::StringMapFromJson(tags_json));
  lrp.placement_refusal = RefusalOf(lrp.tag.index, sealed.placement_refusal);
  return lrp;
}

absl::StatusOr<ActualLrp> RowCodec::SalvageActualLrp(const sql::Row& row) const {
  SealedActualLrpColumns sealed;
  DIEGO_ASSIGN_OR_RETURN(ActualLrp lrp, PlainActualLrp(row, &sealed));
  const bool is_held = !lrp.instance.instance_guid.empty() && !lrp.instance.cell_id.empty();
  lrp.state = ParseActualLrpState(sealed.state)
                  .value_or(is_held ? ActualLrpState::kClaimed : ActualLrpState::kUnclaimed);
  return lrp;
}

sql::Values RowCodec::ToRow(const Task& task) const {
  return {task.task_guid.value(),
          task.domain.value(),
          Nanos(task.updated_at),
          Nanos(task.created_at),
          Nanos(task.first_completed_at),
          static_cast<int64_t>(task.state),
          task.cell_id.value(),
          FreeText(task.result),
          task.failed,
          CutText(task.failure_reason),
          SealProto(task.definition.bytes()),
          task.rejection_count,
          CutText(task.rejection_reason),
          RefusalText(Nanos(task.updated_at), task.placement_refusal)};
}

absl::StatusOr<Task> RowCodec::TaskFromRow(const sql::Row& row) const {
  std::string definition;
  std::string refusal;
  DIEGO_ASSIGN_OR_RETURN(Task task, PlainTask(row, &definition, &refusal));
  DIEGO_ASSIGN_OR_RETURN(std::string bytes, OpenProto(definition));
  DIEGO_RETURN_IF_ERROR(wire::SetDefinitionBytes(std::move(bytes), &task));
  task.placement_refusal = RefusalOf(Nanos(task.updated_at), refusal);
  return task;
}

sql::Values RowCodec::ToRow(const AnsweredCall& answered) const {
  const bool is_diego = IsDiegoError(answered.status, ErrorTypeOf(answered.status));
  return {answered.request.id,
          answered.request.digest,
          Nanos(answered.answered_at),
          static_cast<int64_t>(answered.status.code()),
          is_diego ? static_cast<int64_t>(ErrorTypeOf(answered.status)) : kNoErrorType,
          FreeText(std::string(answered.status.message())),
          answered.should_start,
          answered.keep_container};
}

absl::StatusOr<AnsweredCall> RowCodec::AnsweredCallFromRow(const sql::Row& row) const {
  Cursor cursor(row);
  AnsweredCall answered;
  answered.request.id = cursor.Text();
  answered.request.digest = cursor.Text();
  answered.answered_at = cursor.Time();
  const int64_t code = cursor.Int64();
  if (code < 0 || code > static_cast<int64_t>(absl::StatusCode::kUnauthenticated)) {
    return Bad("code", code);
  }
  const int64_t error_type = cursor.Int64();
  const std::string message = cursor.Text();
  if (error_type != kNoErrorType) {
    answered.status = DiegoError(static_cast<ErrorType>(error_type), message);
  } else {
    answered.status = absl::Status(static_cast<absl::StatusCode>(code), message);
  }
  answered.should_start = cursor.Int64() != 0;
  answered.keep_container = cursor.Int64() != 0;
  return answered;
}

absl::StatusOr<Task> RowCodec::SalvageTask(const sql::Row& row) const {
  std::string definition;
  std::string refusal;
  DIEGO_ASSIGN_OR_RETURN(Task task, PlainTask(row, &definition, &refusal));
  if (task.state == TaskState::kRunning) return task;
  return DiegoError(ErrorType::kDeserialize, "it does not run");
}

}  // namespace diego::bbs
