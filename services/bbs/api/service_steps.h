// The steps that the calls of BbsCalls share. Internal to api/bbs_*.cc.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "libs/base/status_util.h"
#include "libs/wire/validate.h"
#include "services/bbs/api/bbs_calls.h"
#include "services/bbs/api/commands.h"
#include "services/bbs/api/listings.h"

namespace diego::bbs {

// Ends one call: counts it, logs it, and says what it came to. Copies are the same answer.
class BbsCalls::Answer {
 public:
  Answer(const BbsCalls& calls, BbsCall call, const Caller& caller, Finish finish)
      : calls_(&calls),
        call_(call),
        trace_id_(caller.trace_id),
        finish_(std::move(finish)),
        started_at_(calls.clock_.Monotonic()) {
    if (calls.log_.Enabled(log::Level::kDebug)) calls.log_.Debug("serving", Fields());
  }

  BbsCall call() const { return call_; }
  // Exactly once.
  void Send(const absl::Status& status) const {
    const absl::Duration took = calls_->clock_.Monotonic() - started_at_;
    calls_->metrics_->CallEnded(call_, status, took);
    if (calls_->log_.Enabled(log::Level::kDebug)) {
      log::Fields fields = Fields();
      fields.emplace_back("took", took);
      fields.emplace_back("status", status);
      calls_->log_.Debug("done", fields);
    }
    finish_(status);
  }
  void SendReply(const Reply& reply) const {
    if (reply.is_repetition) calls_->metrics_->CallRepeated(call_);
    Send(reply.status);
  }

 private:
  log::Fields Fields() const {
    log::Fields fields = {{"call", CallName(call_)}};
    if (!trace_id_.empty()) fields.emplace_back("trace_id", trace_id_);
    return fields;
  }

  const BbsCalls* calls_;
  BbsCall call_;
  std::string trace_id_;
  Finish finish_;
  absl::Duration started_at_;
};

template <typename Request>
BbsCalls::TermOr BbsCalls::EnterWith(const Caller& caller, BbsCall call,
                                     const Request& request) const {
  DIEGO_ASSIGN_OR_RETURN(std::shared_ptr<Term> term, Enter(caller, call));
  DIEGO_RETURN_IF_ERROR(wire::Validate(request));
  return term;
}

template <typename Request>
BbsCalls::TermOr BbsCalls::EnterForCell(const Caller& caller, BbsCall call,
                                        const Request& request) const {
  DIEGO_ASSIGN_OR_RETURN(std::shared_ptr<Term> term, EnterWith(caller, call, request));
  DIEGO_RETURN_IF_ERROR(rpc::RequireCell(caller.peer, SpokenFor(request)));
  return term;
}

// A call by which a cell reports.
template <typename Request>
void BbsCalls::RunForCell(const Caller& caller, BbsCall call, const Request& request, Finish finish,
                          std::function<void(const Reply&)> fill) const {
  const Answer answer(*this, call, caller, std::move(finish));
  const TermOr term = EnterForCell(caller, call, request);
  if (!term.ok()) return answer.Send(term.status());
  Run(answer, caller, term, request, ToCommand(request), std::move(fill));
}

// Any other call that becomes a command.
template <typename Request>
void BbsCalls::RunSimply(const Caller& caller, BbsCall call, const Request& request,
                         Finish finish) const {
  const Answer answer(*this, call, caller, std::move(finish));
  const TermOr term = EnterWith(caller, call, request);
  if (!term.ok()) return answer.Send(term.status());
  Run(answer, caller, term, request, ToCommand(request));
}

template <typename Request, typename R, typename Response>
absl::StatusOr<Listing<R>> BbsCalls::OpenList(const Caller& caller, BbsCall call,
                                              const ListForm<Request, R, Response>& form,
                                              const Request& request, Response* response) const {
  DIEGO_ASSIGN_OR_RETURN(const std::shared_ptr<Term> term, Enter(caller, call));
  const ListSources sources{term->view(), cells_};
  DIEGO_ASSIGN_OR_RETURN(Listing<R> listing, form.list(sources, request));
  response->set_revision(static_cast<int64_t>(listing.revision()));
  if (form.tell_beside != nullptr) form.tell_beside(sources, response);
  return listing;
}

// The whole list in one response; big ones are better streamed.
template <typename Request, typename R, typename Response>
void BbsCalls::AnswerList(const Caller& caller, BbsCall call,
                          const ListForm<Request, R, Response>& form, const Request& request,
                          Response* response, Finish finish) const {
  const Answer answer(*this, call, caller, std::move(finish));
  auto listing = OpenList(caller, call, form, request, response);
  if (!listing.ok()) return answer.Send(listing.status());
  while (const R* record = listing->Next()) {
    const absl::Status added = form.add(*record, response);
    if (!added.ok()) return answer.Send(added);
  }
  return answer.Send(absl::OkStatus());
}

}  // namespace diego::bbs
