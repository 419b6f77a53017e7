#include "services/rep/engine/lrp_steps.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"
#include "libs/models/error.h"
#include "services/rep/engine/container_view.h"

namespace diego::rep {
namespace {

// Deleting what is gone is done.
absl::Status UnlessGone(const absl::Status& status) {
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

}  // namespace

bool IsTransient(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown: return true;
    default: return false;
  }
}

void LogIgnored(const log::Logger& log, const std::string& container_guid,
                const std::vector<std::string>& fields) {
  if (fields.empty()) return;
  log.Info("ignored-fields", {{"container_guid", container_guid}, {"fields", fields}});
}

// What one step is about.
struct LrpSteps::Subject {
  ActualLrpKey key;
  InstanceKey instance;
  std::optional<Container> container;
  log::Logger log;

  std::string definition_id() const { return container ? DefinitionIdOf(*container) : ""; }
};

LrpSteps::LrpSteps(CellIdentity cell, Executor& executor, Records& records, CellNotes& notes,
                   RepMetrics& metrics, const log::Logger& log)
    : cell_(std::move(cell)),
      executor_(executor),
      records_(records),
      notes_(notes),
      metrics_(metrics),
      log_(log.Session("ordinary-lrp-processor")) {}

LrpAction LrpSteps::Decide(const std::optional<Container>& container,
                           const std::string& instance_guid,
                           const std::vector<ActualLrp>& rows) const {
  const InstanceKey instance{InstanceGuid(instance_guid), cell_.cell_id};
  ContainerPhase phase = ContainerPhase::kMissing;
  if (container) {
    const absl::StatusOr<CellContainer> view = ViewOf(*container);
    if (view.ok()) phase = view->phase;
  }
  const LrpMatch match = MatchLrp(rows, instance);
  const LrpAction action = ReconcileLrp(match.record, phase);
  const bool says_too_little = match.record == LrpRecord::kRunningHere &&
                               phase == ContainerPhase::kRunning &&
                               !SaysAll(*match.row, ReportOf(*container));
  return says_too_little ? LrpAction::kStart : action;
}

LrpSteps::Subject LrpSteps::SubjectOf(const WorkItem& item) const {
  Subject subject{item.key,
                  {InstanceGuid(item.guid), cell_.cell_id},
                  std::nullopt,
                  log_.Session("process", {{"instance_guid", item.guid},
                                           {"process_guid", item.key.process_guid.value()},
                                           {"index", item.key.index}})};
  if (absl::StatusOr<Container> found = executor_.Get(item.guid); found.ok()) {
    subject.container = *std::move(found);
  }
  return subject;
}

absl::Status LrpSteps::Handle(const WorkItem& item) {
  const Subject subject = SubjectOf(item);
  if (!subject.container) notes_.Forget(item.guid);
  DIEGO_ASSIGN_OR_RETURN(const std::vector<ActualLrp> rows, records_.LrpsOfIndex(item.key));
  const LrpAction action = Decide(subject.container, item.guid, rows);
  if (action == LrpAction::kNothing) return absl::OkStatus();
  subject.log.Debug(
      "acting",
      {{"action", LrpActionName(action)},
       {"record", LrpRecordName(MatchLrp(rows, subject.instance).record)},
       {"container", subject.container ? ContainerStateName(subject.container->state) : "none"}});
  metrics_.Acted(action);
  return Act(action, subject);
}

absl::Status LrpSteps::Act(LrpAction action, const Subject& subject) {
  bool lost = false;
  absl::Status told;
  switch (action) {
    case LrpAction::kNothing: return absl::OkStatus();
    case LrpAction::kClaimAndRun:
      DIEGO_RETURN_IF_ERROR(Claim(subject, &lost));
      return lost ? DeleteContainer(subject) : Run(subject);
    case LrpAction::kRun: return Run(subject);
    case LrpAction::kClaim:
      DIEGO_RETURN_IF_ERROR(Claim(subject, &lost));
      return lost ? DeleteContainer(subject) : absl::OkStatus();
    case LrpAction::kStart: return Start(subject);
    case LrpAction::kDeleteContainer: return DeleteContainer(subject);
    case LrpAction::kRemove: told = records_.RemoveLrp(subject.key, subject.instance); break;
    case LrpAction::kRemoveEvacuating:
      told = records_.RemoveEvacuatingLrp(subject.key, subject.instance);
      break;
    case LrpAction::kCrash:
      told = records_.CrashLrp(
          subject.key, subject.instance,
          subject.container ? subject.container->result.failure_reason : "container is missing");
      break;
  }
  return ToldThenDelete(told, subject);
}

absl::Status LrpSteps::ToldThenDelete(const absl::Status& told, const Subject& subject) {
  // A refusal means that the record is no longer ours: the container goes all the same.
  if (IsTransient(told)) return told;
  if (!told.ok()) subject.log.Info("record-not-ours", {{"error", told}});
  return subject.container ? DeleteContainer(subject) : absl::OkStatus();
}

absl::Status LrpSteps::HandleEvacuating(const WorkItem& item) {
  const Subject subject = SubjectOf(item);
  if (!subject.container) return absl::OkStatus();
  const absl::StatusOr<CellContainer> view = ViewOf(*subject.container);
  if (!view.ok()) return absl::OkStatus();
  DIEGO_ASSIGN_OR_RETURN(const std::vector<ActualLrp> rows, records_.LrpsOfIndex(item.key));
  const EvacuationMatch match = MatchEvacuating(rows, subject.instance);
  // It has been evacuated, or it is the old instance of a roll, which looks the same from here: the
  // BBS knows, and answers as the table does for the former.
  if (view->phase == ContainerPhase::kRunning && match.evacuating == EvacuatingRecord::kHere) {
    return EvacuateRunning(subject);
  }
  const EvacuationAction action =
      ReconcileEvacuating(match.ordinary, match.evacuating, view->phase);
  if (action == EvacuationAction::kKeep) return absl::OkStatus();
  subject.log.Info("evacuating", {{"action", EvacuationActionName(action)}});
  return Act(action, subject);
}

absl::Status LrpSteps::Act(EvacuationAction action, const Subject& subject) {
  const ActualLrpKey& key = subject.key;
  const InstanceKey& instance = subject.instance;
  switch (action) {
    case EvacuationAction::kKeep: return absl::OkStatus();
    case EvacuationAction::kPutEvacuating:
    case EvacuationAction::kPutEvacuatingAndUnclaim:
      DIEGO_RETURN_IF_ERROR(EvacuateRunning(subject));
      executor_.LogToApp(
          instance.instance_guid.value(),
          absl::StrCat("Cell ", cell_.cell_id.value(), " requesting replacement for instance ",
                       instance.instance_guid.value()));
      return absl::OkStatus();
    case EvacuationAction::kUnclaim: return EvacuateRunning(subject);
    case EvacuationAction::kDeleteContainer: return DeleteContainer(subject);
    case EvacuationAction::kRemoveEvacuatingAndDelete:
      return ToldThenDelete(records_.RemoveEvacuatingLrp(key, instance), subject);
    case EvacuationAction::kGiveUpClaim:
      return ToldThenDelete(records_.EvacuateClaimedLrp(key, instance), subject);
    case EvacuationAction::kReportStopped:
      return ToldThenDelete(records_.EvacuateStoppedLrp(key, instance), subject);
    case EvacuationAction::kReportCrashed:
      return ToldThenDelete(
          records_.EvacuateCrashedLrp(key, instance, subject.container->result.failure_reason),
          subject);
  }
  return absl::OkStatus();
}

absl::Status LrpSteps::EvacuateRunning(const Subject& subject) {
  DIEGO_ASSIGN_OR_RETURN(
      const bool keep,
      records_.EvacuateRunningLrp(subject.key, subject.instance, ReportOf(*subject.container)));
  return keep ? absl::OkStatus() : DeleteContainer(subject);
}

absl::Status LrpSteps::Claim(const Subject& subject, bool* lost) {
  const absl::Status claimed =
      records_.ClaimLrp(subject.key, subject.instance, subject.definition_id());
  *lost = IsDiegoError(claimed, ErrorType::kActualLRPCannotBeClaimed);
  if (*lost) subject.log.Info("cannot-be-claimed", {{"error", claimed}});
  return *lost ? absl::OkStatus() : claimed;
}

absl::Status LrpSteps::Run(const Subject& subject) {
  const std::string& guid = subject.instance.instance_guid.value();
  absl::StatusOr<LrpRun> run =
      records_.LrpRunOf(subject.key, subject.instance, subject.definition_id());
  absl::Status started = run.status();
  if (run.ok()) {
    notes_.Set(guid, {std::move(run->internal_routes), std::move(run->metric_tags), "",
                      run->spec.log.source_id()});
    started = executor_.Run(guid, std::move(run->spec));
    if (absl::IsNotFound(started)) return absl::OkStatus();  // it expired; its record is next
  }
  if (started.ok()) {
    LogIgnored(subject.log, guid, run->ignored_fields);
    return absl::OkStatus();
  }
  if (IsTransient(started)) return started;
  subject.log.Error("failed-to-run-container", started);
  DIEGO_RETURN_IF_ERROR(DeleteContainer(subject));
  return UnlessGone(records_.RemoveLrp(subject.key, subject.instance));
}

absl::Status LrpSteps::Start(const Subject& subject) {
  subject.log.Debug("bbs-start-actual-lrp");
  const absl::Status started =
      records_.StartLrp(subject.key, subject.instance, ReportOf(*subject.container));
  if (!IsDiegoError(started, ErrorType::kActualLRPCannotBeStarted)) return started;
  subject.log.Info("cannot-be-started", {{"error", started}});
  return UnlessGone(executor_.Stop(subject.instance.instance_guid.value()));
}

absl::Status LrpSteps::DeleteContainer(const Subject& subject) {
  const std::string& guid = subject.instance.instance_guid.value();
  return UnlessGone(executor_.Delete(guid));
}

LrpReport LrpSteps::ReportOf(const Container& container) const {
  ContainerNote note = notes_.Get(container.guid);
  return {NetInfoOf(container, cell_.prefer_instance_address), std::move(note.internal_routes),
          std::move(note.metric_tags), cell_.zone, DefinitionIdOf(container)};
}

}  // namespace diego::rep
