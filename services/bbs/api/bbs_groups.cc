// Calls on actual LRP groups: the deprecated view of an index as a pair of slots.
// Source: reference/bbs-http-api.md "Routes"; reference/behaviours.md section 3 "group slots".
#include "libs/models/error.h"
#include "libs/wire/actual_lrp.h"
#include "services/bbs/api/bbs_calls.h"
#include "services/bbs/api/service_steps.h"
#include "services/bbs/core/group_event.h"

namespace diego::bbs {
namespace {

// The groups of a listing, in the order of their indices. As in the original only the rows that the
// filter lets through make up a group.
std::vector<ActualLrpGroup> GroupsOf(Listing<ActualLrp> listing) {
  std::vector<ActualLrpGroup> groups;
  State::ActualLrpRows rows;
  const ActualLrp* previous = nullptr;
  const auto close = [&] {
    const ActualLrpGroup group = GroupOf(rows);
    if (!group.empty()) groups.push_back(group);
    rows = {};
  };
  while (const ActualLrp* row = listing.Next()) {
    if (previous != nullptr && (previous->key.process_guid != row->key.process_guid ||
                                previous->key.index != row->key.index)) {
      close();
    }
    rows.by_presence[static_cast<size_t>(row->presence)] = std::make_shared<const ActualLrp>(*row);
    previous = row;
  }
  close();
  return groups;
}

absl::Status FillGroups(absl::StatusOr<Listing<ActualLrp>> listing,
                        models::ActualLRPGroupsResponse* response) {
  DIEGO_RETURN_IF_ERROR(listing.status());
  for (const ActualLrpGroup& group : GroupsOf(*std::move(listing))) {
    *response->add_actual_lrp_groups() = ToProto(group);
  }
  return absl::OkStatus();
}

}  // namespace

models::ActualLRPGroup ToProto(const ActualLrpGroup& group) {
  models::ActualLRPGroup proto;
  if (group.instance != nullptr) *proto.mutable_instance() = wire::ToProto(*group.instance);
  if (group.evacuating != nullptr) *proto.mutable_evacuating() = wire::ToProto(*group.evacuating);
  return proto;
}

void BbsCalls::ActualLRPGroups(const Caller& caller, const models::ActualLRPGroupsRequest& request,
                               models::ActualLRPGroupsResponse* response, Finish finish) const {
  const Answer answer(*this, BbsCall::kActualLRPs, caller, std::move(finish));
  const TermOr term = Enter(caller, BbsCall::kActualLRPs);
  if (!term.ok()) return answer.Send(term.status());
  ActualLrpFilter filter;
  filter.domain = Domain(request.domain());
  filter.cell_id = CellId(request.cell_id());
  answer.Send(FillGroups((*term)->view().ActualLrps(filter), response));
}

void BbsCalls::ActualLRPGroupsByProcessGuid(
    const Caller& caller, const models::ActualLRPGroupsByProcessGuidRequest& request,
    models::ActualLRPGroupsResponse* response, Finish finish) const {
  const Answer answer(*this, BbsCall::kActualLRPs, caller, std::move(finish));
  const TermOr term = EnterWith(caller, BbsCall::kActualLRPs, request);
  if (!term.ok()) return answer.Send(term.status());
  ActualLrpFilter filter;
  filter.process_guid = ProcessGuid(request.process_guid());
  answer.Send(FillGroups((*term)->view().ActualLrps(filter), response));
}

void BbsCalls::ActualLRPGroupByProcessGuidAndIndex(
    const Caller& caller, const models::ActualLRPGroupByProcessGuidAndIndexRequest& request,
    models::ActualLRPGroupResponse* response, Finish finish) const {
  const Answer answer(*this, BbsCall::kActualLRPs, caller, std::move(finish));
  const TermOr term = EnterWith(caller, BbsCall::kActualLRPs, request);
  if (!term.ok()) return answer.Send(term.status());
  ActualLrpFilter filter;
  filter.process_guid = ProcessGuid(request.process_guid());
  filter.index = request.index();
  auto listing = (*term)->view().ActualLrps(filter);
  if (!listing.ok()) return answer.Send(listing.status());
  const std::vector<ActualLrpGroup> groups = GroupsOf(*std::move(listing));
  if (groups.empty()) return answer.Send(DiegoError(ErrorType::kResourceNotFound));
  *response->mutable_actual_lrp_group() = ToProto(groups.front());
  answer.Send(absl::OkStatus());
}

}  // namespace diego::bbs
