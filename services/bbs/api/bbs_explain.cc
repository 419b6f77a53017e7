// The calls that say why work is, or can be, where it is.
#include "libs/models/error.h"
#include "libs/models/fault_list.h"
#include "libs/wire/actual_lrp.h"
#include "libs/wire/desired_lrp.h"
#include "services/bbs/api/bbs_calls.h"
#include "services/bbs/api/service_steps.h"
#include "services/bbs/core/explain.h"
#include "services/bbs/core/placement_tags.h"

namespace diego::bbs {
namespace {

absl::Status Check(const ExplainLRPRequest& request) {
  FaultList faults;
  if (request.process_guid().empty()) faults.Field("process_guid");
  if (request.has_index() && request.index() < 0) faults.Field("index");
  return faults.ToStatus();
}

void Add(const Explanation& explanation, ExplainLRPResponse* response) {
  InstanceExplanation* added = response->add_instances();
  added->set_index(explanation.index);
  added->set_waiting(static_cast<InstanceExplanation::Waiting>(explanation.waiting));
  if (explanation.instance != nullptr) {
    *added->mutable_instance() = wire::ToProto(*explanation.instance);
  }
  if (explanation.waiting == WaitsFor::kForRestart) {
    added->set_restart_due_at(absl::ToUnixNanos(explanation.restart_due_at));
  }
}

}  // namespace

void BbsCalls::ExplainLRP(const Caller& caller, const ExplainLRPRequest& request,
                          ExplainLRPResponse* response, Finish finish) const {
  const Answer answer(*this, BbsCall::kExplainLRP, caller, std::move(finish));
  const TermOr term = Enter(caller, BbsCall::kExplainLRP);
  if (!term.ok()) return answer.Send(term.status());
  if (const absl::Status fault = Check(request); !fault.ok()) return answer.Send(fault);
  auto whole = (*term)->view().FindWholeLrp(ProcessGuid(request.process_guid()));
  if (!whole.ok()) return answer.Send(whole.status());
  if (whole->desired == nullptr && whole->rows.empty()) {
    return answer.Send(DiegoError(ErrorType::kResourceNotFound));
  }
  std::optional<int32_t> only;
  if (request.has_index()) only = request.index();
  const std::vector<Explanation> explanations = Explain(
      whole->desired, whole->domain_policy, whole->domain_is_fresh, std::move(whole->rows), only);
  if (explanations.empty() && only) return answer.Send(DiegoError(ErrorType::kResourceNotFound));
  response->set_revision(static_cast<int64_t>(whole->revision));
  if (whole->desired != nullptr) {
    *response->mutable_desired() = wire::ToSchedulingInfoProto(*whole->desired);
  }
  for (const Explanation& explanation : explanations) Add(explanation, response);
  return answer.Send(absl::OkStatus());
}

void BbsCalls::PlacementTags(const Caller& caller, const PlacementTagsRequest&,
                             PlacementTagsResponse* response, Finish finish) const {
  const Answer answer(*this, BbsCall::kPlacementTags, caller, std::move(finish));
  const TermOr term = Enter(caller, BbsCall::kPlacementTags);
  if (!term.ok()) return answer.Send(term.status());
  const auto cells = cells_.list();
  if (!cells.ok()) return answer.Send(cells.status());
  auto lrps = (*term)->view().DesiredLrps({});
  if (!lrps.ok()) return answer.Send(lrps.status());
  bbs::PlacementTags tags;
  for (const CellPresence& cell : *cells) CountTags(cell, &tags);
  while (const DesiredLrp* lrp = lrps->Next()) CountTags(*lrp, &tags);
  for (const auto& [name, counts] : tags) {
    PlacementTag* tag = response->add_tags();
    tag->set_name(name);
    tag->set_required_by_cells(counts.required_by_cells);
    tag->set_offered_by_cells(counts.offered_by_cells);
    tag->set_wanted_by_lrps(counts.wanted_by_lrps);
  }
  return answer.Send(absl::OkStatus());
}

}  // namespace diego::bbs
