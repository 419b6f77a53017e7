#include "services/bbs/api/listings.h"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/status_util.h"
#include "libs/wire/actual_lrp.h"
#include "libs/wire/cell.h"
#include "libs/wire/desired_lrp.h"
#include "libs/wire/domain.h"
#include "libs/wire/task.h"
#include "libs/wire/validate.h"

namespace diego::bbs {
namespace {

absl::StatusOr<Listing<KnownDomain>> List(const ListSources& sources,
                                          const DomainsRequest& request) {
  DomainFilter filter;
  for (const std::string& domain : request.domains()) filter.domains.emplace_back(domain);
  return sources.view.Domains(filter);
}

absl::StatusOr<Listing<ActualLrp>> List(const ListSources& sources,
                                        const models::ActualLRPsRequest& request) {
  ActualLrpFilter filter{Domain(request.domain()), CellId(request.cell_id()),
                         ProcessGuid(request.process_guid()), std::nullopt};
  if (request.optional_index_case() != models::ActualLRPsRequest::OPTIONAL_INDEX_NOT_SET) {
    filter.index = request.index();
  }
  return sources.view.ActualLrps(filter);
}

absl::StatusOr<Listing<ActualLrp>> List(const ListSources& sources,
                                        const models::ActualLRPsByProcessGuidsRequest& request) {
  DIEGO_RETURN_IF_ERROR(wire::Validate(request));
  std::vector<ProcessGuid> guids;
  for (const std::string& guid : request.process_guids()) guids.emplace_back(guid);
  return sources.view.ActualLrpsOf(guids);
}

DesiredLrpFilter FilterOf(const models::DesiredLRPsRequest& request) {
  DesiredLrpFilter filter;
  filter.domain = Domain(request.domain());
  for (const std::string& guid : request.process_guids()) filter.process_guids.emplace_back(guid);
  filter.app_guids.assign(request.app_guids().begin(), request.app_guids().end());
  return filter;
}

absl::StatusOr<Listing<DesiredLrp>> ListWhole(const ListSources& sources,
                                              const models::DesiredLRPsRequest& request) {
  return sources.view.DesiredLrps(FilterOf(request));
}

absl::StatusOr<Listing<DesiredLrp>> ListScheduling(const ListSources& sources,
                                                   const models::DesiredLRPsRequest& request) {
  DesiredLrpFilter filter = FilterOf(request);
  filter.app_guids.clear();
  return sources.view.DesiredLrps(filter);
}

absl::StatusOr<Listing<DesiredLrp>> ListRouting(const ListSources& sources,
                                                const models::DesiredLRPsRequest& request) {
  DesiredLrpFilter filter = FilterOf(request);
  filter.app_guids.clear();
  filter.domain = Domain();
  return sources.view.DesiredLrps(filter);
}

absl::StatusOr<Listing<Task>> List(const ListSources& sources,
                                   const models::TasksRequest& request) {
  TaskFilter filter{Domain(request.domain()), CellId(request.cell_id()), {}};
  for (const std::string& guid : request.task_guids()) filter.task_guids.emplace_back(guid);
  return sources.view.Tasks(filter);
}

// The revision comes first: what befalls a cell's records after the list is then after it.
absl::StatusOr<Listing<CellPresence>> List(const ListSources& sources,
                                           const CellsRequest& request) {
  const uint64_t revision = sources.view.revision();
  DIEGO_ASSIGN_OR_RETURN(std::vector<CellPresence> present, sources.cells.list());
  const std::set<std::string> asked(request.cell_ids().begin(), request.cell_ids().end());
  RecordChunk<CellPresence> cells;
  for (CellPresence& cell : present) {
    if (!asked.empty() && asked.count(cell.cell_id.value()) == 0) continue;
    cells.push_back(std::make_shared<const CellPresence>(std::move(cell)));
  }
  return Listing<CellPresence>(revision, std::move(cells));
}

absl::Status Add(const KnownDomain& domain, models::DomainsResponse* response) {
  wire::AddDomain(domain.record.domain, domain.fresh, domain.record.crash_restart_policy, response);
  return absl::OkStatus();
}

template <typename Response>
absl::Status Add(const ActualLrp& lrp, Response* response) {
  *response->add_actual_lrps() = wire::ToProto(lrp);
  return absl::OkStatus();
}

absl::Status AddWhole(const DesiredLrp& lrp, models::DesiredLRPsResponse* response) {
  DIEGO_ASSIGN_OR_RETURN(*response->add_desired_lrps(), wire::ToProto(lrp));
  return absl::OkStatus();
}

absl::Status AddRouting(const DesiredLrp& lrp, models::DesiredLRPsResponse* response) {
  *response->add_desired_lrps() = wire::ToRoutingInfoProto(lrp);
  return absl::OkStatus();
}

absl::Status AddScheduling(const DesiredLrp& lrp,
                           models::DesiredLRPSchedulingInfosResponse* response) {
  *response->add_desired_lrp_scheduling_infos() = wire::ToSchedulingInfoProto(lrp);
  return absl::OkStatus();
}

absl::Status Add(const Task& task, models::TasksResponse* response) {
  DIEGO_ASSIGN_OR_RETURN(*response->add_tasks(), wire::ToProto(task));
  return absl::OkStatus();
}

absl::Status Add(const CellPresence& cell, models::CellsResponse* response) {
  *response->add_cells() = wire::ToProto(cell);
  return absl::OkStatus();
}

void TellHeldLosses(const ListSources& sources, models::CellsResponse* response) {
  const std::optional<HeldCellLosses> held = sources.cells.held_losses();
  if (!held) return;
  models::HeldCellLosses* told = response->mutable_held_losses();
  told->set_cause(held->cause);
  for (const CellId& cell : held->cells) told->add_cell_ids(cell.value());
  told->set_since(absl::ToUnixNanos(held->since));
}

}  // namespace

const ListForm<DomainsRequest, KnownDomain, models::DomainsResponse> kDomainList = {List, Add};
const ListForm<models::DesiredLRPsRequest, DesiredLrp, models::DesiredLRPsResponse>
    kDesiredLrpList = {ListWhole, AddWhole};
const ListForm<models::DesiredLRPsRequest, DesiredLrp, models::DesiredLRPSchedulingInfosResponse>
    kSchedulingInfoList = {ListScheduling, AddScheduling};
const ListForm<models::DesiredLRPsRequest, DesiredLrp, models::DesiredLRPsResponse>
    kRoutingInfoList = {ListRouting, AddRouting};
const ListForm<models::ActualLRPsRequest, ActualLrp, models::ActualLRPsResponse> kActualLrpList = {
    List, Add};
const ListForm<models::ActualLRPsByProcessGuidsRequest, ActualLrp,
               models::ActualLRPsByProcessGuidsResponse>
    kActualLrpsByProcessGuidsList = {List, Add};
const ListForm<models::TasksRequest, Task, models::TasksResponse> kTaskList = {List, Add};
const ListForm<CellsRequest, CellPresence, models::CellsResponse> kCellList = {List, Add,
                                                                               TellHeldLosses};

}  // namespace diego::bbs
