#include "services/bbs/api/bbs_service.h"

#include "libs/wire/cell.h"
#include "libs/wire/domain.h"
#include "services/bbs/api/event_stream.h"
#include "services/bbs/api/service_steps.h"

namespace diego::bbs {

BbsService::BbsService(const ActiveTerm& active, const Clock& clock, CellsFunction cells,
                       ApiMetrics* metrics, const log::Logger& log)
    : active_(active),
      clock_(clock),
      cells_(std::move(cells)),
      metrics_(metrics),
      log_(log.Session("request")) {}

BbsService::TermOr BbsService::Enter(const Context& context, BbsCall call) const {
  DIEGO_RETURN_IF_ERROR(MayCall(rpc::IdentityOf(context), call));
  return active_.Get();
}

BbsService::Unary* BbsService::Run(const Answer& answer, const TermOr& term,
                                   absl::StatusOr<Command> command,
                                   std::function<void(const Reply&)> fill) const {
  if (!command.ok()) return answer.Send(command.status());
  const absl::Status admitted =
      (*term)->Submit({*std::move(command), [answer, fill = std::move(fill)](const Reply& reply) {
                         if (fill) fill(reply);
                         answer.Send(reply.status);
                       }});
  if (!admitted.ok()) return answer.Send(admitted);
  return answer.reactor();
}

BbsService::Unary* BbsService::Ping(Context* context, const PingRequest*,
                                    models::PingResponse* response) {
  const Answer answer(*this, BbsCall::kPing, context);
  const TermOr term = Enter(*context, BbsCall::kPing);
  response->set_available(term.ok());
  return answer.Send(term.status());
}

BbsService::Unary* BbsService::Domains(Context* context, const DomainsRequest*,
                                       models::DomainsResponse* response) {
  const Answer answer(*this, BbsCall::kDomains, context);
  const TermOr term = Enter(*context, BbsCall::kDomains);
  if (!term.ok()) return answer.Send(term.status());
  const auto domains = (*term)->view().FreshDomains();
  if (!domains.ok()) return answer.Send(domains.status());
  const auto policies = (*term)->view().CrashRestartPolicies();
  if (policies.ok()) *response = wire::ToProto(*domains, *policies);
  return answer.Send(policies.status());
}

BbsService::Unary* BbsService::UpsertDomain(Context* context,
                                            const models::UpsertDomainRequest* request,
                                            models::UpsertDomainResponse*) {
  return RunSimply(context, BbsCall::kUpsertDomain, *request);
}

BbsService::Unary* BbsService::Cells(Context* context, const CellsRequest*,
                                     models::CellsResponse* response) {
  const Answer answer(*this, BbsCall::kCells, context);
  const TermOr term = Enter(*context, BbsCall::kCells);
  if (!term.ok()) return answer.Send(term.status());
  const auto cells = cells_();
  if (!cells.ok()) return answer.Send(cells.status());
  for (const CellPresence& cell : *cells) *response->add_cells() = wire::ToProto(cell);
  return answer.Send(absl::OkStatus());
}

BbsService::Stream<SubscribeResponse>* BbsService::Subscribe(Context* context,
                                                             const SubscribeRequest* request) {
  auto done = Answer::Counting(*this, BbsCall::kSubscribe);
  const TermOr term = Enter(*context, BbsCall::kSubscribe);
  if (!term.ok()) {
    done(term.status());
    return new RefusedStream<SubscribeResponse>(term.status());
  }
  return EventStream::Open(*term, *request, std::move(done));
}

}  // namespace diego::bbs
