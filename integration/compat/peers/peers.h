// What the cases of this folder share: requests made by hand, members that are started alone, work.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "integration/suite/suite.h"
#include "libs/http/testing/raw_client.h"
#include "libs/models/task.h"
#include "libs/rpc/identity.h"
#include "libs/rpc/testing/http_peer.h"

namespace diego::compat {

constexpr absl::Duration kPatience = absl::Seconds(60);

// One request with these bytes as body, behind TLS with a certificate of that role; the server is
// at `address`, "127.0.0.1:port". REQUIREs an answer.
http::RawReply Ask(harness::Cluster& cluster, const std::string& address, rpc::Role role,
                   absl::string_view method, absl::string_view path, absl::string_view body = "",
                   absl::string_view headers = "");

// Starts these members, in this order, and waits until each is ready.
void Start(harness::Cluster& cluster, const std::vector<std::string>& names);

// Replaces keys in a member's configuration file; call before it is started. A null value removes
// the key.
void Reconfigure(harness::Cluster& cluster, const std::string& name, const std::string& json_patch);

// A task of domain "suite" that sleeps.
Task MakeTask(const std::string& task_guid);

// The first request that the peer got whose line is `line` and whose body holds `part`; waits.
rpc::HttpPeer::Asked WaitForRequest(rpc::HttpPeer& peer, const std::string& line,
                                    const std::string& part = "");

}  // namespace diego::compat
