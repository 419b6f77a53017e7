#include "absl/strings/numbers.h"
#include "libs/base/status_util.h"
#include "services/cfdot/checks.h"
#include "services/cfdot/commands/commands.h"
#include "services/cfdot/commands/print.h"

namespace diego::cfdot {
namespace {

constexpr Flag kKey = {"key", 'k', FlagKind::kText, "KEY", "what is claimed"};
constexpr Flag kOwner = {"owner", 'o', FlagKind::kText, "OWNER", "who claims it"};
constexpr Flag kValue = {"value", 'v', FlagKind::kText, "VALUE", "what the owner says"};
constexpr Flag kTtl = {"ttl", 't', FlagKind::kText, "SECONDS", "for how long; there is no refresh"};

absl::Status List(Session& session, models::TypeCode type) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 0));
  models::FetchAllRequest request;
  request.set_type_code(type);
  models::FetchAllResponse response;
  DIEGO_RETURN_IF_ERROR(session.CallLocket(&LocketPeer::Stub::FetchAll, request, &response));
  PrintRecords(session, std::vector<models::Resource>(response.resources().begin(),
                                                      response.resources().end()));
  return absl::OkStatus();
}

absl::Status RunLocks(Session& session) { return List(session, models::LOCK); }
absl::Status RunPresences(Session& session) { return List(session, models::PRESENCE); }

absl::Status RunLock(Session& session) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 1));
  models::FetchRequest request;
  request.set_key(session.invocation().arguments[0]);
  if (request.key().empty()) return Invalid("key cannot be empty");
  models::FetchResponse response;
  DIEGO_RETURN_IF_ERROR(session.CallLocket(&LocketPeer::Stub::Fetch, request, &response));
  PrintRecord(session, response.resource());
  return absl::OkStatus();
}

absl::Status ReadKeyAndOwner(Session& session, models::Resource* resource) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 0));
  resource->set_key(session.invocation().Text("key"));
  resource->set_owner(session.invocation().Text("owner"));
  if (resource->key().empty()) return Invalid("key cannot be empty");
  if (resource->owner().empty()) return Invalid("owner cannot be empty");
  return absl::OkStatus();
}

absl::Status Claim(Session& session, models::TypeCode type) {
  models::LockRequest request;
  DIEGO_RETURN_IF_ERROR(ReadKeyAndOwner(session, request.mutable_resource()));
  int64_t ttl_seconds = 0;
  if (!absl::SimpleAtoi(session.invocation().Text("ttl"), &ttl_seconds) || ttl_seconds <= 0) {
    return Invalid("ttl should be an integer greater than zero");
  }
  request.set_ttl_in_seconds(ttl_seconds);
  request.mutable_resource()->set_value(session.invocation().Text("value"));
  request.mutable_resource()->set_type_code(type);
  models::LockResponse response;
  return session.CallLocket(&LocketPeer::Stub::Lock, request, &response);
}

absl::Status RunClaimLock(Session& session) { return Claim(session, models::LOCK); }
absl::Status RunClaimPresence(Session& session) { return Claim(session, models::PRESENCE); }

absl::Status RunRelease(Session& session) {
  models::ReleaseRequest request;
  DIEGO_RETURN_IF_ERROR(ReadKeyAndOwner(session, request.mutable_resource()));
  models::ReleaseResponse response;
  return session.CallLocket(&LocketPeer::Stub::Release, request, &response);
}

}  // namespace

std::vector<Command> LocketCommands() {
  return {
      {"locks", "", "list locks", Peers::kLocket, {}, RunLocks},
      {"presences", "", "list presences", Peers::kLocket, {}, RunPresences},
      {"lock", "KEY", "show the lock or presence of one key", Peers::kLocket, {}, RunLock},
      {"claim-lock",
       "",
       "take a lock once",
       Peers::kLocket,
       {kKey, kOwner, kValue, kTtl},
       RunClaimLock},
      {"claim-presence",
       "",
       "announce a presence once",
       Peers::kLocket,
       {kKey, kOwner, kValue, kTtl},
       RunClaimPresence},
      {"release-lock", "", "give a lock back", Peers::kLocket, {kKey, kOwner}, RunRelease},
  };
}

}  // namespace diego::cfdot
