// The lists that can be asked for: from a request to the records meant, and from a record to its
// place in the response. Shared by the calls that answer whole lists and those that stream them
// (BbsCalls::AnswerList, BbsService::ServeList).
// Source: reference/bbs-http-api.md "Routes", which forms honour which part of a filter.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/diego/bbs.pb.h"
#include "services/bbs/api/bbs_calls.h"
#include "services/bbs/engine/committed_view.h"

namespace diego::bbs {

// Where records come from. References live for one call.
struct ListSources {
  CommittedView& view;
  const BbsCalls::CellsPort& cells;
};

template <typename Request, typename R, typename Response>
struct ListForm {
  // The records asked for, at one revision.
  absl::StatusOr<Listing<R>> (*list)(const ListSources& sources, const Request& request);
  // Puts one record into a response.
  absl::Status (*add)(const R& record, Response* response);
  // Says once what is to be told beside the records; nullptr: nothing.
  void (*tell_beside)(const ListSources& sources, Response* response) = nullptr;
};

extern const ListForm<DomainsRequest, KnownDomain, models::DomainsResponse> kDomainList;
extern const ListForm<models::DesiredLRPsRequest, DesiredLrp, models::DesiredLRPsResponse>
    kDesiredLrpList;
extern const ListForm<models::DesiredLRPsRequest, DesiredLrp,
                      models::DesiredLRPSchedulingInfosResponse>
    kSchedulingInfoList;
extern const ListForm<models::DesiredLRPsRequest, DesiredLrp, models::DesiredLRPsResponse>
    kRoutingInfoList;
extern const ListForm<models::ActualLRPsRequest, ActualLrp, models::ActualLRPsResponse>
    kActualLrpList;
extern const ListForm<models::ActualLRPsByProcessGuidsRequest, ActualLrp,
                      models::ActualLRPsByProcessGuidsResponse>
    kActualLrpsByProcessGuidsList;
extern const ListForm<models::TasksRequest, Task, models::TasksResponse> kTaskList;
extern const ListForm<CellsRequest, CellPresence, models::CellsResponse> kCellList;

}  // namespace diego::bbs
