// The id by which a client lets the BBS carry a call out once, however often it is sent.
// Source: docs/adr/0010-a-repeated-call-is-answered-from-a-row.md.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "libs/rpc/identity.h"

namespace diego::rpc {

// Metadata of a call. Chosen by the client, new for every call, the same for each repetition of it.
inline constexpr char kRequestIdMetadata[] = "diego-request-id";

// 1 to 128 printable characters of ASCII without blanks.
inline constexpr size_t kLongestRequestId = 128;
bool IsRequestId(absl::string_view id);

// What tells one call from another under the same id: SHA-256, as 64 hexadecimal digits, over the
// call's name, the serialized request, and the role and cell of the peer, so that who learns an id
// of another's cannot use it. Any thread.
std::string CallDigest(const PeerIdentity& peer, absl::string_view call, absl::string_view request);

}  // namespace diego::rpc
