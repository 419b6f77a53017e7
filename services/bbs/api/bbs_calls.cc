#include "services/bbs/api/bbs_calls.h"

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

}  // namespace diego::bbs
