#include "integration/compat/peers/peers.h"

#include <catch2/catch.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "integration/harness/eventually.h"

namespace diego::compat {

http::RawReply Ask(harness::Cluster& cluster, const std::string& address, rpc::Role role,
                   absl::string_view method, absl::string_view path, absl::string_view body,
                   absl::string_view headers) {
  INFO(method << " " << path << " at " << address);
  const auto tls = cluster.TlsFor(role);
  REQUIRE_OK(tls.status());
  int port = 0;
  REQUIRE(absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port));
  auto client = http::RawClient::Secure(port, {*tls});
  REQUIRE_OK(client.status());
  REQUIRE_OK((*client)->Send(absl::StrCat(method, " ", path, " HTTP/1.1\r\nHost: cell\r\n",
                                          "Content-Length: ", body.size(), "\r\n", headers, "\r\n",
                                          body)));
  auto reply = (*client)->ReadReply();
  REQUIRE_OK(reply.status());
  return *reply;
}

rpc::HttpPeer::Asked WaitForRequest(rpc::HttpPeer& peer, const std::string& line,
                                    const std::string& part) {
  rpc::HttpPeer::Asked found;
  REQUIRE_OK(harness::Eventually(line + " with " + part, kPatience, [&]() -> absl::Status {
    for (const rpc::HttpPeer::Asked& asked : peer.Requests()) {
      if (asked.line() != line || asked.body.find(part) == std::string::npos) continue;
      found = asked;
      return absl::OkStatus();
    }
    return absl::NotFoundError("not asked yet");
  }));
  return found;
}

}  // namespace diego::compat
