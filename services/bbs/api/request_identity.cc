#include "services/bbs/api/request_identity.h"

#include <iterator>
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
    const grpc::ServerContextBase& context, BbsCall call,
    const google::protobuf::MessageLite& request) {
  const auto [begin, end] = context.client_metadata().equal_range(rpc::kRequestIdMetadata);
  if (begin == end) return std::nullopt;
  if (std::next(begin) != end) {
    return DiegoError(ErrorType::kInvalidRequest,
                      absl::StrCat(rpc::kRequestIdMetadata, " is given more than once"));
  }
  const absl::string_view id(begin->second.data(), begin->second.size());
  DIEGO_ASSIGN_OR_RETURN(RequestIdentity identity,
                         RequestIdentityOf(id, rpc::IdentityOf(context), call, request));
  return identity;
}

}  // namespace diego::bbs
