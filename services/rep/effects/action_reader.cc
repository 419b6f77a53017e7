#include "services/rep/effects/action_reader.h"

#include <utility>
#include <vector>

#include "libs/base/status_util.h"

namespace diego::rep {
namespace {

RunAction Read(const models::RunAction& proto) {
  RunAction run;
  run.path = proto.path();
  run.args.assign(proto.args().begin(), proto.args().end());
  run.dir = proto.dir();
  for (const auto& variable : proto.env()) run.env.push_back({variable.name(), variable.value()});
  if (proto.has_resource_limits() &&
      proto.resource_limits().optional_nofile_case() == models::ResourceLimits::kNofile) {
    run.nofile = proto.resource_limits().nofile();
  }
  run.user = proto.user();
  run.log_source = proto.log_source();
  run.suppress_log_output = proto.suppress_log_output();
  return run;
}

DownloadAction Read(const models::DownloadAction& proto) {
  return {proto.artifact(),           proto.from(),          proto.to(),
          proto.cache_key(),          proto.log_source(),    proto.user(),
          proto.checksum_algorithm(), proto.checksum_value()};
}

UploadAction Read(const models::UploadAction& proto) {
  return {proto.artifact(), proto.from(), proto.to(), proto.log_source(), proto.user()};
}

// Parallel, Serial and Codependent are lists alike.
template <typename List, typename Proto>
absl::StatusOr<ActionPtr> ReadList(const Proto& proto, int levels) {
  List list;
  for (const models::Action& member : proto.actions()) {
    DIEGO_ASSIGN_OR_RETURN(ActionPtr action, ReadAction(member, levels - 1));
    list.actions.push_back(std::move(action));
  }
  list.log_source = proto.log_source();
  return MakeAction(std::move(list));
}

absl::StatusOr<ActionPtr> Read(const models::TimeoutAction& proto, int levels) {
  DIEGO_ASSIGN_OR_RETURN(ActionPtr inner, ReadAction(proto.action(), levels - 1));
  const absl::Duration timeout = proto.timeout_ms() > 0
                                     ? absl::Milliseconds(proto.timeout_ms())
                                     : absl::Nanoseconds(proto.deprecated_timeout_ns());
  return MakeAction(TimeoutAction{std::move(inner), timeout, proto.log_source()});
}

absl::StatusOr<ActionPtr> Read(const models::EmitProgressAction& proto, int levels) {
  DIEGO_ASSIGN_OR_RETURN(ActionPtr inner, ReadAction(proto.action(), levels - 1));
  return MakeAction(EmitProgressAction{std::move(inner), proto.start_message(),
                                       proto.success_message(), proto.failure_message_prefix(),
                                       proto.log_source()});
}

absl::StatusOr<ActionPtr> Read(const models::TryAction& proto, int levels) {
  DIEGO_ASSIGN_OR_RETURN(ActionPtr inner, ReadAction(proto.action(), levels - 1));
  return MakeAction(TryAction{std::move(inner), proto.log_source()});
}

}  // namespace

absl::StatusOr<ActionPtr> ReadAction(const models::Action& proto, int levels) {
  if (levels <= 0) return absl::InvalidArgumentError("actions are nested too deep");
  if (proto.has_run_action()) return MakeAction(Read(proto.run_action()));
  if (proto.has_download_action()) return MakeAction(Read(proto.download_action()));
  if (proto.has_upload_action()) return MakeAction(Read(proto.upload_action()));
  if (proto.has_timeout_action()) return Read(proto.timeout_action(), levels);
  if (proto.has_emit_progress_action()) return Read(proto.emit_progress_action(), levels);
  if (proto.has_try_action()) return Read(proto.try_action(), levels);
  if (proto.has_parallel_action()) {
    return ReadList<ParallelAction>(proto.parallel_action(), levels);
  }
  if (proto.has_serial_action()) return ReadList<SerialAction>(proto.serial_action(), levels);
  if (proto.has_codependent_action()) {
    return ReadList<CodependentAction>(proto.codependent_action(), levels);
  }
  return absl::InvalidArgumentError("invalid action type");
}

}  // namespace diego::rep
