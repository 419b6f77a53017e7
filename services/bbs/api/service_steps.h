// The steps that the calls of BbsService share. Internal to api/bbs_*.cc.
#pragma once

#include <memory>
#include <utility>

#include "libs/base/status_util.h"
#include "libs/rpc/status.h"
#include "libs/wire/validate.h"
#include "services/bbs/api/bbs_service.h"
#include "services/bbs/api/commands.h"
#include "services/bbs/api/list_stream.h"

namespace diego::bbs {

// Ends one call: counts it, logs it, and sends its status. Copies are the same answer.
class BbsService::Answer {
 public:
  Answer(const BbsService& service, BbsCall call, Context* context)
      : service_(&service),
        call_(call),
        reactor_(context->DefaultReactor()),
        started_at_(service.clock_.Monotonic()) {}

  Unary* reactor() const { return reactor_; }
  // Exactly once.
  Unary* Send(const absl::Status& status) const {
    Count(status);
    reactor_->Finish(rpc::ToGrpc(status));
    return reactor_;
  }

  // For calls that answer with a stream.
  static std::function<void(const absl::Status&)> Counting(const BbsService& service,
                                                           BbsCall call) {
    return [&service, call, started_at = service.clock_.Monotonic()](const absl::Status& status) {
      Count(service, call, started_at, status);
    };
  }

 private:
  void Count(const absl::Status& status) const { Count(*service_, call_, started_at_, status); }
  static void Count(const BbsService& service, BbsCall call, absl::Duration started_at,
                    const absl::Status& status) {
    const absl::Duration took = service.clock_.Monotonic() - started_at;
    service.metrics_->CallEnded(call, status, took);
    if (!service.log_.Enabled(log::Level::kDebug)) return;
    service.log_.Debug("request-done",
                       {{"call", CallName(call)}, {"took", took}, {"status", status}});
  }

  const BbsService* service_;
  BbsCall call_;
  Unary* reactor_;
  absl::Duration started_at_;
};

template <typename Request>
BbsService::TermOr BbsService::EnterWith(const Context& context, BbsCall call,
                                         const Request& request) const {
  DIEGO_ASSIGN_OR_RETURN(std::shared_ptr<Term> term, Enter(context, call));
  DIEGO_RETURN_IF_ERROR(wire::Validate(request));
  return term;
}

template <typename Request>
BbsService::TermOr BbsService::EnterForCell(const Context& context, BbsCall call,
                                            const Request& request) const {
  DIEGO_ASSIGN_OR_RETURN(std::shared_ptr<Term> term, EnterWith(context, call, request));
  DIEGO_RETURN_IF_ERROR(rpc::RequireCell(peers_.Of(context), SpokenFor(request)));
  return term;
}

// A call by which a cell reports.
template <typename Request>
BbsService::Unary* BbsService::RunForCell(Context* context, BbsCall call, const Request& request,
                                          std::function<void(const Reply&)> fill) const {
  const Answer answer(*this, call, context);
  const TermOr term = EnterForCell(*context, call, request);
  if (!term.ok()) return answer.Send(term.status());
  return Run(answer, term, ToCommand(request), std::move(fill));
}

// Any other call that becomes a command.
template <typename Request>
BbsService::Unary* BbsService::RunSimply(Context* context, BbsCall call,
                                         const Request& request) const {
  const Answer answer(*this, call, context);
  const TermOr term = EnterWith(*context, call, request);
  if (!term.ok()) return answer.Send(term.status());
  return Run(answer, term, ToCommand(request));
}

// The whole listing in one response; big ones are better streamed.
template <typename R, typename Response>
absl::Status FillList(absl::StatusOr<Listing<R>> listing, absl::Status (*add)(const R&, Response*),
                      Response* response) {
  DIEGO_RETURN_IF_ERROR(listing.status());
  if constexpr (requires { response->set_revision(0); }) {
    response->set_revision(static_cast<int64_t>(listing->revision()));
  }
  while (const R* record = listing->Next()) DIEGO_RETURN_IF_ERROR(add(*record, response));
  return absl::OkStatus();
}

template <typename R, typename Response>
grpc::ServerWriteReactor<Response>* StreamList(absl::StatusOr<Listing<R>> listing,
                                               AddRecord<R, Response> add,
                                               std::function<void(const absl::Status&)> done) {
  if (!listing.ok()) {
    done(listing.status());
    return new RefusedStream<Response>(listing.status());
  }
  return new ListStream<R, Response>(*std::move(listing), add, std::move(done));
}

}  // namespace diego::bbs
