#include <limits>
#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"
#include "libs/config/duration.h"
#include "services/cfdot/checks.h"
#include "services/cfdot/commands/commands.h"
#include "services/cfdot/commands/print.h"

namespace diego::cfdot {
namespace {

constexpr Flag kImmediate = {"immediate-restarts", 0, FlagKind::kInteger, "NUMBER",
                             "restart its crashed instances at once below this count, 0 to 9"};
constexpr Flag kMaxSeconds = {"max-seconds-between-restarts", 0, FlagKind::kInteger, "SECONDS",
                              "longest wait before a crashed instance restarts, above 30"};
constexpr Flag kMaxAttempts = {"max-restart-attempts", 0, FlagKind::kInteger, "NUMBER",
                               "give an instance up at this count of crashes; 0: never"};
constexpr Flag kNoPolicy = {"no-crash-policy", 0, FlagKind::kBool, "",
                            "forget the domain's defaults of these"};

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

// {"domain":…,"crash_restart_policy":{…}} a line, or a table.
absl::Status PrintPolicies(Session& session, const models::DomainsResponse& response) {
  const std::map<std::string, models::CrashRestartPolicy> policies(
      response.crash_restart_policies().begin(), response.crash_restart_policies().end());
  const auto number = [](bool is_set, int32_t value) {
    return is_set ? absl::StrCat(value) : std::string();
  };
  std::vector<Row> rows;
  for (const auto& [domain, policy] : policies) {
    if (!session.as_table()) {
      session.Print(absl::StrCat("{\"domain\":", JsonString(domain),
                                 ",\"crash_restart_policy\":", wire::ToJson(policy), "}"));
    }
    rows.push_back(
        {domain,
         number(policy.has_number_of_immediate_restarts(), policy.number_of_immediate_restarts()),
         number(policy.has_max_seconds_between_restarts(), policy.max_seconds_between_restarts()),
         number(policy.has_max_restart_attempts(), policy.max_restart_attempts())});
  }
  if (session.as_table()) {
    session.io().out << FormatTable({"DOMAIN", "IMMEDIATE", "MAX SECONDS", "MAX ATTEMPTS"}, rows);
  }
  return absl::OkStatus();
}

absl::Status RunList(Session& session) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 0));
  models::DomainsResponse response;
  DIEGO_RETURN_IF_ERROR(session.CallBbs(&BbsPeer::Stub::Domains, DomainsRequest(), &response));
  if (session.invocation().Bool("crash-policies")) return PrintPolicies(session, response);
  if (session.as_table()) {
    std::vector<Row> rows;
    for (const std::string& domain : response.domains()) rows.push_back({domain});
    session.io().out << FormatTable({"DOMAIN"}, rows);
    return absl::OkStatus();
  }
  for (const std::string& domain : response.domains()) session.Print(JsonString(domain));
  return absl::OkStatus();
}

absl::Status RunGet(Session& session) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 1));
  DomainByNameRequest request;
  request.set_domain(session.invocation().arguments[0]);
  if (request.domain().empty()) return Invalid("No domain given");
  DomainResponse response;
  DIEGO_RETURN_IF_ERROR(session.CallBbs(&BbsPeer::Stub::DomainByName, request, &response));
  PrintRecord(session, response);
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

// The flags that are given; none: unset, which leaves the domain's default.
absl::Status TakePolicy(const Invocation& invocation, models::UpsertDomainRequest* request) {
  const bool any = invocation.Has(kImmediate.name) || invocation.Has(kMaxSeconds.name) ||
                   invocation.Has(kMaxAttempts.name);
  if (invocation.Bool(kNoPolicy.name)) {
    if (any) return Invalid("--no-crash-policy takes the default away, the other flags set it");
    request->mutable_crash_restart_policy();
    return absl::OkStatus();
  }
  if (!any) return absl::OkStatus();
  models::CrashRestartPolicy* policy = request->mutable_crash_restart_policy();
  const auto take = [&](const Flag& flag, auto set) -> absl::Status {
    if (!invocation.Has(flag.name)) return absl::OkStatus();
    int32_t number = 0;
    if (!absl::SimpleAtoi(invocation.Text(flag.name), &number)) {
      return Invalid(absl::StrCat("--", flag.name, " is too large"));
    }
    (policy->*set)(number);
    return absl::OkStatus();
  };
  using Policy = models::CrashRestartPolicy;
  DIEGO_RETURN_IF_ERROR(take(kImmediate, &Policy::set_number_of_immediate_restarts));
  DIEGO_RETURN_IF_ERROR(take(kMaxSeconds, &Policy::set_max_seconds_between_restarts));
  return take(kMaxAttempts, &Policy::set_max_restart_attempts);
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
  DIEGO_RETURN_IF_ERROR(TakePolicy(session.invocation(), &request));
  models::UpsertDomainResponse response;
  return session.CallBbs(&BbsPeer::Stub::UpsertDomain, request, &response);
}

}  // namespace

std::vector<Command> DomainCommands() {
  return {
      {"domains",
       "",
       "list fresh domains",
       Peers::kBbs,
       {{"crash-policies", 0, FlagKind::kBool, "", "the domains' defaults for crashes instead"}},
       RunList},
      {"domain",
       "DOMAIN",
       "show one domain, fresh or not, with its default for crashes",
       Peers::kBbs,
       {},
       RunGet},
      {"set-domain",
       "DOMAIN",
       "say that all desires of a domain are known",
       Peers::kBbs,
       {{"ttl", 't', FlagKind::kDuration, "DURATION",
         "for how long, as 90s or 1h; 0s, the default: for ever"},
        kImmediate,
        kMaxSeconds,
        kMaxAttempts,
        kNoPolicy},
       RunSet},
      {"ping", "", "ask whether a BBS is active", Peers::kBbs, {}, RunPing},
  };
}

}  // namespace diego::cfdot
