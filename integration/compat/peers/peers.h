// What the cases of this folder share: requests made by hand, and those that a peer gets.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "integration/suite/suite.h"
#include "libs/http/testing/raw_client.h"
#include "libs/rpc/identity.h"
#include "libs/rpc/testing/http_peer.h"

namespace diego::compat {

constexpr absl::Duration kPatience = absl::Seconds(60);

// One request with these bytes as body, behind TLS with a certificate of that role; the server is
// at `address`, "127.0.0.1:port". REQUIREs an answer.
http::RawReply Ask(harness::Cluster& cluster, const std::string& address, rpc::Role role,
                   absl::string_view method, absl::string_view path, absl::string_view body = "",
                   absl::string_view headers = "");

using suite::MakeTask;
using suite::Reconfigure;
using suite::Start;

// The first request that the peer got whose line is `line` and whose body holds `part`; waits.
rpc::HttpPeer::Asked WaitForRequest(rpc::HttpPeer& peer, const std::string& line,
                                    const std::string& part = "");

}  // namespace diego::compat
