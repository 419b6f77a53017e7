// The calls of diego.Bbs that are answered by a stream.
#include <utility>

#include "services/bbs/api/bbs_service.h"
#include "services/bbs/api/event_stream.h"
#include "services/bbs/api/list_stream.h"
#include "services/bbs/api/service_steps.h"

namespace diego::bbs {

template <typename Request, typename R, typename Response>
BbsService::Stream<Response>* BbsService::ServeList(Context* context, BbsCall call,
                                                    const ListForm<Request, R, Response>& form,
                                                    const Request& request) const {
  const Caller caller = CallerOf(*context);
  auto done = calls_.Counting(caller, call);
  Response first;
  auto listing = calls_.OpenList(caller, call, form, request, &first);
  if (!listing.ok()) {
    done(listing.status());
    return new RefusedStream<Response>(listing.status());
  }
  return new ListStream<R, Response>(*std::move(listing), form.add, std::move(first),
                                     std::move(done));
}

BbsService::Stream<models::DomainsResponse>* BbsService::StreamDomains(
    Context* context, const DomainsRequest* request) {
  return ServeList(context, BbsCall::kStreamDomains, kDomainList, *request);
}

BbsService::Stream<models::ActualLRPsResponse>* BbsService::StreamActualLRPs(
    Context* context, const models::ActualLRPsRequest* request) {
  return ServeList(context, BbsCall::kStreamActualLRPs, kActualLrpList, *request);
}

BbsService::Stream<models::ActualLRPsByProcessGuidsResponse>*
BbsService::StreamActualLRPsByProcessGuids(Context* context,
                                           const models::ActualLRPsByProcessGuidsRequest* request) {
  return ServeList(context, BbsCall::kStreamActualLRPsByProcessGuids, kActualLrpsByProcessGuidsList,
                   *request);
}

BbsService::Stream<models::DesiredLRPsResponse>* BbsService::StreamDesiredLRPs(
    Context* context, const models::DesiredLRPsRequest* request) {
  return ServeList(context, BbsCall::kStreamDesiredLRPs, kDesiredLrpList, *request);
}

BbsService::Stream<models::DesiredLRPSchedulingInfosResponse>*
BbsService::StreamDesiredLRPSchedulingInfos(Context* context,
                                            const models::DesiredLRPsRequest* request) {
  return ServeList(context, BbsCall::kStreamDesiredLRPSchedulingInfos, kSchedulingInfoList,
                   *request);
}

BbsService::Stream<models::DesiredLRPsResponse>* BbsService::StreamDesiredLRPRoutingInfos(
    Context* context, const models::DesiredLRPsRequest* request) {
  return ServeList(context, BbsCall::kStreamDesiredLRPRoutingInfos, kRoutingInfoList, *request);
}

BbsService::Stream<models::TasksResponse>* BbsService::StreamTasks(
    Context* context, const models::TasksRequest* request) {
  return ServeList(context, BbsCall::kStreamTasks, kTaskList, *request);
}

BbsService::Stream<models::CellsResponse>* BbsService::StreamCells(Context* context,
                                                                   const CellsRequest* request) {
  return ServeList(context, BbsCall::kStreamCells, kCellList, *request);
}

BbsService::Stream<SubscribeResponse>* BbsService::Subscribe(Context* context,
                                                             const SubscribeRequest* request) {
  const Caller caller = CallerOf(*context);
  auto done = calls_.Counting(caller, BbsCall::kSubscribe);
  const BbsCalls::TermOr term = calls_.Enter(caller, BbsCall::kSubscribe);
  if (!term.ok()) {
    done(term.status());
    return new RefusedStream<SubscribeResponse>(term.status());
  }
  return EventStream::Open(context, *term, *request, std::move(done));
}

}  // namespace diego::bbs
