#include <limits>

#include "libs/base/status_util.h"
#include "libs/config/duration.h"
#include "services/cfdot/checks.h"
#include "services/cfdot/commands/commands.h"
#include "services/cfdot/commands/print.h"

namespace diego::cfdot {
namespace {

absl::Status RunPing(Session& session) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 0));
  models::PingResponse response;
  DIEGO_RETURN_IF_ERROR(session.CallBbs(&BbsPeer::Stub::Ping, PingRequest(), &response));
  if (session.as_table()) {
    session.Print("the BBS at " + session.bbs().channel().current_address() + " is active");
  } else {
    session.Print(wire::ToJson(response));
  }
  return absl::OkStatus();
}

absl::Status RunList(Session& session) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 0));
  models::DomainsResponse response;
  DIEGO_RETURN_IF_ERROR(session.CallBbs(&BbsPeer::Stub::Domains, DomainsRequest(), &response));
  if (session.as_table()) {
    std::vector<Row> rows;
    for (const std::string& domain : response.domains()) rows.push_back({domain});
    session.io().out << FormatTable({"DOMAIN"}, rows);
    return absl::OkStatus();
  }
  for (const std::string& domain : response.domains()) session.Print(JsonString(domain));
  return absl::OkStatus();
}

// Whole seconds; a part of one counts whole, for 0 means for ever.
absl::StatusOr<uint32_t> TtlSeconds(const Invocation& invocation) {
  if (!invocation.Has("ttl")) return 0;
  DIEGO_ASSIGN_OR_RETURN(const absl::Duration ttl, config::ParseGoDuration(invocation.Text("ttl")));
  if (ttl < absl::ZeroDuration()) return Invalid("ttl is negative");
  const int64_t seconds = absl::ToInt64Seconds(absl::Ceil(ttl, absl::Seconds(1)));
  if (seconds > std::numeric_limits<uint32_t>::max()) {
    return Invalid("ttl is too long; at most 4294967295s, or 0s for ever");
  }
  return static_cast<uint32_t>(seconds);
}

absl::Status RunSet(Session& session) {
  const std::vector<std::string>& arguments = session.invocation().arguments;
  if (arguments.empty()) return Invalid("No domain given");
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 1));
  if (arguments[0].empty()) return Invalid("No domain given");
  models::UpsertDomainRequest request;
  request.set_domain(arguments[0]);
  DIEGO_ASSIGN_OR_RETURN(const uint32_t ttl_seconds, TtlSeconds(session.invocation()));
  request.set_ttl(ttl_seconds);
  models::UpsertDomainResponse response;
  return session.CallBbs(&BbsPeer::Stub::UpsertDomain, request, &response);
}

}  // namespace

std::vector<Command> DomainCommands() {
  return {
      {"domains", "", "list fresh domains", Peers::kBbs, {}, RunList},
      {"set-domain",
       "DOMAIN",
       "say that all desires of a domain are known",
       Peers::kBbs,
       {{"ttl", 't', FlagKind::kDuration, "DURATION", "for how long, as 90s or 1h; 0s: for ever"}},
       RunSet},
      {"ping", "", "ask whether a BBS is active", Peers::kBbs, {}, RunPing},
  };
}

}  // namespace diego::cfdot
