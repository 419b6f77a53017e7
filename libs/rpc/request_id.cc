#include "libs/rpc/request_id.h"

#include <openssl/sha.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace diego::rpc {

bool IsRequestId(absl::string_view id) {
  return !id.empty() && id.size() <= kLongestRequestId &&
         std::all_of(id.begin(), id.end(),
                     [](char c) { return absl::ascii_isgraph(static_cast<unsigned char>(c)); });
}

std::string CallDigest(const PeerIdentity& peer, absl::string_view call,
                       absl::string_view request) {
  // The lengths keep each part from reaching into the next.
  const std::string asked =
      absl::StrCat(call.size(), " ", call, " ", RoleName(peer.role), " ",
                   peer.cell_id.value().size(), " ", peer.cell_id.value(), " ", request);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(asked.data()), asked.size(), digest);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest), sizeof(digest)));
}

}  // namespace diego::rpc
