#include "services/bbs/api/bbs_calls.h"

#include "libs/wire/cell.h"
#include "libs/wire/domain.h"
#include "services/bbs/api/request_identity.h"
#include "services/bbs/api/service_steps.h"

namespace diego::bbs {

BbsCalls::BbsCalls(const ActiveTerm& active, const Clock& clock, CellsPort cells,
                   ApiMetrics* metrics, const log::Logger& log)
    : active_(active),
      clock_(clock),
      cells_(std::move(cells)),
      metrics_(metrics),
      log_(log.Session("request")) {}

BbsCalls::TermOr BbsCalls::Enter(const Caller& caller, BbsCall call) const {
  DIEGO_RETURN_IF_ERROR(MayCall(caller.peer, call));
  return active_.Get();
}

void BbsCalls::Run(const Answer& answer, const Caller& caller, const TermOr& term,
                   const google::protobuf::MessageLite& request, absl::StatusOr<Command> command,
                   std::function<void(const Reply&)> fill) const {
  if (!command.ok()) return answer.Send(command.status());
  auto once = RequestIdentityOf(caller, answer.call(), request);
  if (!once.ok()) return answer.Send(once.status());
  Call call;
  call.once = *std::move(once);
  call.command = *std::move(command);
  call.trace_id = caller.trace_id;
  call.reply = [answer, fill = std::move(fill)](const Reply& reply) {
    if (fill) fill(reply);
    answer.SendReply(reply);
  };
  const absl::Status admitted = (*term)->Submit(std::move(call));
  if (!admitted.ok()) answer.Send(admitted);
}

BbsCalls::Finish BbsCalls::Counting(const Caller& caller, BbsCall call) const {
  const Answer answer(*this, call, caller, [](const absl::Status&) {});
  return [answer](const absl::Status& status) { answer.Send(status); };
}

void BbsCalls::Ping(const Caller& caller, const PingRequest&, models::PingResponse* response,
                    Finish finish) const {
  const Answer answer(*this, BbsCall::kPing, caller, std::move(finish));
  const TermOr term = Enter(caller, BbsCall::kPing);
  response->set_available(term.ok());
  return answer.Send(term.status());
}

void BbsCalls::Domains(const Caller& caller, const DomainsRequest&,
                       models::DomainsResponse* response, Finish finish) const {
  const Answer answer(*this, BbsCall::kDomains, caller, std::move(finish));
  const TermOr term = Enter(caller, BbsCall::kDomains);
  if (!term.ok()) return answer.Send(term.status());
  const auto domains = (*term)->view().FreshDomains();
  if (!domains.ok()) return answer.Send(domains.status());
  const auto policies = (*term)->view().CrashRestartPolicies();
  if (policies.ok()) *response = wire::ToProto(*domains, *policies);
  return answer.Send(policies.status());
}

void BbsCalls::UpsertDomain(const Caller& caller, const models::UpsertDomainRequest& request,
                            models::UpsertDomainResponse*, Finish finish) const {
  return RunSimply(caller, BbsCall::kUpsertDomain, request, std::move(finish));
}

void BbsCalls::Cells(const Caller& caller, const CellsRequest&, models::CellsResponse* response,
                     Finish finish) const {
  const Answer answer(*this, BbsCall::kCells, caller, std::move(finish));
  const TermOr term = Enter(caller, BbsCall::kCells);
  if (!term.ok()) return answer.Send(term.status());
  const auto cells = cells_.list();
  if (!cells.ok()) return answer.Send(cells.status());
  for (const CellPresence& cell : *cells) *response->add_cells() = wire::ToProto(cell);
  if (const std::optional<HeldCellLosses> held = cells_.held_losses()) {
    models::HeldCellLosses* told = response->mutable_held_losses();
    told->set_cause(held->cause);
    for (const CellId& cell : held->cells) told->add_cell_ids(cell.value());
    told->set_since(absl::ToUnixNanos(held->since));
  }
  return answer.Send(absl::OkStatus());
}

void BbsCalls::AcceptCellLosses(const Caller& caller, const AcceptCellLossesRequest&,
                                AcceptCellLossesResponse* response, Finish finish) const {
  const Answer answer(*this, BbsCall::kAcceptCellLosses, caller, std::move(finish));
  const TermOr term = Enter(caller, BbsCall::kAcceptCellLosses);
  if (!term.ok()) return answer.Send(term.status());
  const auto accepted = cells_.accept_losses();
  if (!accepted.ok()) return answer.Send(accepted.status());
  for (const CellId& cell : *accepted) response->add_cell_ids(cell.value());
  return answer.Send(absl::OkStatus());
}

}  // namespace diego::bbs
