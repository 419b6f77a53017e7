#include "libs/clients/locket_client.h"

#include <catch2/catch.hpp>

#include "libs/rpc/server.h"
#include "libs/rpc/testing/echo_service.h"
#include "libs/rpc/testing/test_certificates.h"

namespace diego::clients {
namespace {

TEST_CASE("locket client: one whose database is away sends us to the next", "[clients]") {
  rpc::TestCertificates certificates;
  rpc::EchoService away;
  away.refusal = absl::UnknownError("connection refused");
  rpc::EchoService well;
  const rpc::TlsFiles tls = certificates.For(rpc::Role::kLocket);
  const auto first = rpc::Server::Start({.address = "127.0.0.1:0", .tls = tls}, {&away});
  const auto second = rpc::Server::Start({.address = "127.0.0.1:0", .tls = tls}, {&well});
  REQUIRE(first.ok());
  REQUIRE(second.ok());
  ConnectionOptions options;
  options.addresses = {(*first)->address(), (*second)->address()};
  options.tls = certificates.For(rpc::Role::kBbs);
  options.rounds = 1;
  const auto client = LocketClient::Create(options);
  REQUIRE(client.ok());
  CHECK((*client)->Fetch("bbs").ok());
  CHECK(away.calls == 1);

  well.refusal = absl::NotFoundError("resource-not-found");
  CHECK(absl::IsNotFound((*client)->Fetch("bbs").status()));
  CHECK(away.calls == 1);
}

}  // namespace
}  // namespace diego::clients
