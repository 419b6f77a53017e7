// The calls of diego.Bbs that are answered by a stream.
#include <memory>
#include <utility>

#include "libs/base/status_util.h"
#include "services/bbs/api/bbs_service.h"
#include "services/bbs/api/event_stream.h"
#include "services/bbs/api/list_stream.h"
#include "services/bbs/api/listings.h"

namespace diego::bbs {
namespace {

using TermOr = BbsCalls::TermOr;

absl::StatusOr<Listing<DesiredLrp>> List(const TermOr& term, const DesiredLrpFilter& filter) {
  DIEGO_RETURN_IF_ERROR(term.status());
  return (*term)->view().DesiredLrps(filter);
}

absl::StatusOr<Listing<ActualLrp>> List(const TermOr& term, const ActualLrpFilter& filter) {
  DIEGO_RETURN_IF_ERROR(term.status());
  return (*term)->view().ActualLrps(filter);
}

absl::StatusOr<Listing<Task>> List(const TermOr& term, const TaskFilter& filter) {
  DIEGO_RETURN_IF_ERROR(term.status());
  return (*term)->view().Tasks(filter);
}

template <typename R, typename Response>
grpc::ServerWriteReactor<Response>* StreamList(absl::StatusOr<Listing<R>> listing,
                                               AddRecord<R, Response> add, BbsCalls::Finish done) {
  if (!listing.ok()) {
    done(listing.status());
    return new RefusedStream<Response>(listing.status());
  }
  return new ListStream<R, Response>(*std::move(listing), add, std::move(done));
}

}  // namespace

BbsService::Stream<models::ActualLRPsResponse>* BbsService::StreamActualLRPs(
    Context* context, const models::ActualLRPsRequest* request) {
  const Caller caller = CallerOf(*context);
  auto done = calls_.Counting(caller, BbsCall::kStreamActualLRPs);
  const TermOr term = calls_.Enter(caller, BbsCall::kStreamActualLRPs);
  return StreamList<ActualLrp, models::ActualLRPsResponse>(List(term, FilterOf(*request)), Add,
                                                           std::move(done));
}

BbsService::Stream<models::DesiredLRPsResponse>* BbsService::StreamDesiredLRPs(
    Context* context, const models::DesiredLRPsRequest* request) {
  const Caller caller = CallerOf(*context);
  auto done = calls_.Counting(caller, BbsCall::kStreamDesiredLRPs);
  const TermOr term = calls_.Enter(caller, BbsCall::kStreamDesiredLRPs);
  return StreamList(List(term, FilterOf(*request)), AddWhole, std::move(done));
}

BbsService::Stream<models::DesiredLRPSchedulingInfosResponse>*
BbsService::StreamDesiredLRPSchedulingInfos(Context* context,
                                            const models::DesiredLRPsRequest* request) {
  const Caller caller = CallerOf(*context);
  auto done = calls_.Counting(caller, BbsCall::kStreamDesiredLRPSchedulingInfos);
  const TermOr term = calls_.Enter(caller, BbsCall::kStreamDesiredLRPSchedulingInfos);
  return StreamList(List(term, SchedulingFilterOf(*request)), AddScheduling, std::move(done));
}

BbsService::Stream<models::DesiredLRPsResponse>* BbsService::StreamDesiredLRPRoutingInfos(
    Context* context, const models::DesiredLRPsRequest* request) {
  const Caller caller = CallerOf(*context);
  auto done = calls_.Counting(caller, BbsCall::kStreamDesiredLRPRoutingInfos);
  const TermOr term = calls_.Enter(caller, BbsCall::kStreamDesiredLRPRoutingInfos);
  return StreamList(List(term, RoutingFilterOf(*request)), AddRouting, std::move(done));
}

BbsService::Stream<models::TasksResponse>* BbsService::StreamTasks(
    Context* context, const models::TasksRequest* request) {
  const Caller caller = CallerOf(*context);
  auto done = calls_.Counting(caller, BbsCall::kStreamTasks);
  const TermOr term = calls_.Enter(caller, BbsCall::kStreamTasks);
  return StreamList<Task, models::TasksResponse>(List(term, FilterOf(*request)), Add,
                                                 std::move(done));
}

BbsService::Stream<SubscribeResponse>* BbsService::Subscribe(Context* context,
                                                             const SubscribeRequest* request) {
  const Caller caller = CallerOf(*context);
  auto done = calls_.Counting(caller, BbsCall::kSubscribe);
  const TermOr term = calls_.Enter(caller, BbsCall::kSubscribe);
  if (!term.ok()) {
    done(term.status());
    return new RefusedStream<SubscribeResponse>(term.status());
  }
  return EventStream::Open(*term, *request, std::move(done));
}

}  // namespace diego::bbs
