// Calls on domains.
#include "libs/models/fault_list.h"
#include "libs/wire/crash_restart_policy.h"
#include "services/bbs/api/bbs_calls.h"
#include "services/bbs/api/service_steps.h"

namespace diego::bbs {
namespace {

absl::Status Check(const DomainByNameRequest& request) {
  FaultList faults;
  if (request.domain().empty()) faults.Field("domain");
  return faults.ToStatus();
}

}  // namespace

void BbsCalls::Domains(const Caller& caller, const DomainsRequest& request,
                       models::DomainsResponse* response, Finish finish) const {
  return AnswerList(caller, BbsCall::kDomains, kDomainList, request, response, std::move(finish));
}

void BbsCalls::DomainByName(const Caller& caller, const DomainByNameRequest& request,
                            DomainResponse* response, Finish finish) const {
  const Answer answer(*this, BbsCall::kDomainByName, caller, std::move(finish));
  const TermOr term = Enter(caller, BbsCall::kDomainByName);
  if (!term.ok()) return answer.Send(term.status());
  if (const absl::Status fault = Check(request); !fault.ok()) return answer.Send(fault);
  uint64_t revision = 0;
  const auto known = (*term)->view().FindDomain(Domain(request.domain()), &revision);
  if (!known.ok()) return answer.Send(known.status());
  const DomainRecord& record = known->record;
  response->set_domain(record.domain.value());
  response->set_fresh(known->fresh);
  if (record.expire_time != absl::InfiniteFuture()) {
    response->set_expires_at(absl::ToUnixNanos(record.expire_time));
  }
  if (!record.crash_restart_policy.empty()) {
    *response->mutable_crash_restart_policy() = wire::ToProto(record.crash_restart_policy);
  }
  response->set_revision(static_cast<int64_t>(revision));
  return answer.Send(absl::OkStatus());
}

void BbsCalls::UpsertDomain(const Caller& caller, const models::UpsertDomainRequest& request,
                            models::UpsertDomainResponse*, Finish finish) const {
  return RunSimply(caller, BbsCall::kUpsertDomain, request, std::move(finish));
}

}  // namespace diego::bbs
