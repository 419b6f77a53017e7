// Which route of the original's HTTP API stands for a method of diego.Bbs.
// Source: reference/bbs-http-api.md "Routes", "Client library behaviour". Internal to libs/clients.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace diego::clients {

struct BbsHttpRoute {
  absl::string_view method;         // "/diego.Bbs/Ping", as gRPC names it
  absl::string_view path;           // "/v1/ping"
  absl::string_view fallback = {};  // the path of older BBSs, which answer 404 to the other
  // Whether the original may pass over what is ours in the request: true for what cells and the
  // auctioneer report and for most reading, false where that would change or list something else
  // than was asked for.
  bool lenient = true;
};

// Null for what the original has no counterpart for, and for Subscribe.
const BbsHttpRoute* FindBbsHttpRoute(absl::string_view method);

// Unimplemented, naming the field, when the request says what is ours and must not be passed over.
absl::Status RequireOriginal(const BbsHttpRoute& route, const google::protobuf::Message& request);

}  // namespace diego::clients
