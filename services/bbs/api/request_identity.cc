#include "services/bbs/api/request_identity.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"
#include "libs/models/error.h"
#include "libs/rpc/request_id.h"
#include "libs/wire/serialize.h"

namespace diego::bbs {

absl::StatusOr<RequestIdentity> RequestIdentityOf(absl::string_view id,
                                                  const rpc::PeerIdentity& peer, BbsCall call,
                                                  const google::protobuf::MessageLite& request) {
  if (!rpc::IsRequestId(id)) {
    return DiegoError(ErrorType::kInvalidRequest,
                      absl::StrCat(rpc::kRequestIdMetadata, " has ", id.size(),
                                   " characters; it must be 1 to ", rpc::kLongestRequestId,
                                   " printable characters without blanks, such as a UUID"));
  }
  return RequestIdentity{std::string(id),
                         rpc::CallDigest(peer, CallName(call), wire::Serialize(request))};
}

absl::StatusOr<std::optional<RequestIdentity>> RequestIdentityOf(
    const Caller& caller, BbsCall call, const google::protobuf::MessageLite& request) {
  if (caller.request_ids.empty()) return std::nullopt;
  if (caller.request_ids.size() > 1) {
    return DiegoError(ErrorType::kInvalidRequest,
                      absl::StrCat(rpc::kRequestIdMetadata, " is given more than once"));
  }
  DIEGO_ASSIGN_OR_RETURN(RequestIdentity identity,
                         RequestIdentityOf(caller.request_ids.front(), caller.peer, call, request));
  return identity;
}

}  // namespace diego::bbs
