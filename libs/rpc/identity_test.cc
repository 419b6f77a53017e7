#include "libs/rpc/identity.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "libs/rpc/channel.h"
#include "libs/rpc/openssl.h"
#include "libs/rpc/server.h"
#include "libs/rpc/testing/echo_service.h"
#include "libs/rpc/testing/test_certificates.h"

namespace diego::rpc {
namespace {

TEST_CASE("identity: roles have names, and nothing else is a role", "[rpc]") {
  const Role role = GENERATE(Role::kBbs, Role::kAuctioneer, Role::kRep, Role::kRouteEmitter,
                             Role::kLocket, Role::kOperator);
  CHECK(ParseRole(RoleName(role)) == role);
  CHECK_FALSE(ParseRole("none").has_value());
  CHECK_FALSE(ParseRole("root").has_value());
}

TEST_CASE("identity: a server sees role, cell and common name of its caller", "[rpc]") {
  TestCertificates certificates;
  EchoService service;
  auto server =
      Server::Start({.address = "127.0.0.1:0", .tls = certificates.For(Role::kLocket)}, {&service});
  REQUIRE(server.ok());
  const auto ask = [&](const TlsFiles& files) {
    auto credentials = MakeChannelCredentials(files);
    REQUIRE(credentials.ok());
    auto stub = models::Locket::NewStub(MakeChannel((*server)->address(), *credentials));
    models::FetchResponse response;
    const grpc::Status status = stub->Fetch(MakeContext().get(), {}, &response);
    INFO(status.error_message());
    REQUIRE(status.ok());
    return std::vector<std::string>{response.resource().key(), response.resource().owner(),
                                    response.resource().value()};
  };
  using Seen = std::vector<std::string>;
  CHECK(ask(certificates.For(Role::kBbs)) == Seen{"bbs", "", "bbs"});
  CHECK(ask(certificates.For(Role::kRep, "cell_z1-0")) == Seen{"rep", "cell_z1-0", "cell_z1-0"});
  CHECK(ask(certificates.For(Role::kRep, std::string(255, 'c'))) ==
        Seen{"rep", std::string(255, 'c'), std::string(64, 'c')});
  CHECK(ask(certificates.For(Role::kNone)) == Seen{"none", "", "nobody"});

  // A common name that looks like a role is none.
  CertificateRequest sly;
  sly.common_name = "x,OU=diego:role:operator";
  sly.not_before = absl::UnixEpoch();
  sly.not_after = absl::FromUnixSeconds(4000000000);
  auto pair = certificates.authority().Issue(sly);
  REQUIRE(pair.ok());
  auto files = SaveKeyPair(certificates.directory(), "sly", *pair);
  REQUIRE(files.ok());
  CHECK(ask(*files) == Seen{"none", "", "x,OU=diego:role:operator"});
}

TEST_CASE("identity: a call is refused to a role that has no business making it", "[rpc]") {
  TestCertificates certificates;
  EchoService service;
  auto server =
      Server::Start({.address = "127.0.0.1:0", .tls = certificates.For(Role::kLocket)}, {&service});
  REQUIRE(server.ok());
  const auto [role, allowed] = GENERATE(table<Role, bool>({{Role::kBbs, true},
                                                           {Role::kOperator, true},
                                                           {Role::kAuctioneer, false},
                                                           {Role::kNone, false}}));
  auto stub = models::Locket::NewStub(certificates.Channel((*server)->port(), role));
  models::FetchAllResponse response;
  const absl::Status status = FromGrpc(stub->FetchAll(MakeContext().get(), {}, &response));
  CHECK(status.ok() == allowed);
  if (!allowed) {
    CHECK(absl::IsPermissionDenied(status));
    CHECK(std::string(status.message())
              .find(std::string("has the role ") + std::string(RoleName(role)) +
                    "; this call is for bbs, operator") != std::string::npos);
  }
}

TEST_CASE("identity: a server can tell from a certificate what gRPC tells", "[rpc]") {
  TestCertificates certificates;
  const auto read = [](const TlsFiles& files) {
    std::ifstream file(files.cert_file);
    const std::string pem(std::istreambuf_iterator<char>(file), {});
    const CertificatePointer certificate = ParseCertificate(pem);
    REQUIRE(certificate != nullptr);
    return IdentityOf(*certificate);
  };
  CHECK(read(certificates.For(Role::kBbs)) == PeerIdentity{Role::kBbs, CellId(), "bbs"});
  CHECK(read(certificates.For(Role::kRep, "cell_z1-0")) ==
        PeerIdentity{Role::kRep, CellId("cell_z1-0"), "cell_z1-0"});
  CHECK(read(certificates.For(Role::kNone)) == PeerIdentity{Role::kNone, CellId(), "nobody", true});
}

TEST_CASE(
    "identity: who names no role is trusted where the configuration or our own certificate "
    "says so",
    "[rpc]") {
  TestCertificates certificates;
  const std::string with_role = certificates.For(Role::kBbs).cert_file;
  const std::string without = certificates.For(Role::kNone).cert_file;
  const PeerIdentity nameless{Role::kNone, CellId(), "cc", true};
  // Two roles, or one that is none of ours.
  const PeerIdentity confused{Role::kNone, CellId(), "x", false};
  struct Row {
    std::string setting;
    std::string own;
    Role want;
  };
  const std::vector<Row> rows = {
      {"auto", with_role, Role::kNone},     {"auto", without, Role::kTrusted},
      {"trust", with_role, Role::kTrusted}, {"trust", without, Role::kTrusted},
      {"refuse", with_role, Role::kNone},   {"refuse", without, Role::kNone},
  };
  for (const Row& row : rows) {
    INFO(row.setting);
    const auto rules = PeerRules::Make(row.setting, row.own);
    REQUIRE(rules.ok());
    CHECK(rules->Judge(nameless).role == row.want);
    CHECK(rules->Judge(confused).role == Role::kNone);
    CHECK(rules->Judge({Role::kRep, CellId("c"), "c"}).role == Role::kRep);
    CHECK(RequireRole(rules->Judge(nameless), {Role::kBbs}).ok() == (row.want == Role::kTrusted));
  }
  CHECK(PeerRules().Judge(nameless).role == Role::kNone);
  CHECK(absl::IsInvalidArgument(PeerRules::Make("maybe", without).status()));
  CHECK(absl::IsInvalidArgument(PeerRules::Make("auto", "/nowhere.crt").status()));
  CHECK_FALSE(ParseRole("trusted").has_value());
}

TEST_CASE("identity: a cell may speak only for itself", "[rpc]") {
  const PeerIdentity rep{Role::kRep, CellId("cell-1"), "cell-1"};
  CHECK(RequireCell(rep, CellId("cell-1")).ok());
  CHECK(absl::IsPermissionDenied(RequireCell(rep, CellId("cell-2"))));
  CHECK(absl::IsPermissionDenied(RequireCell(rep, CellId(""))));
  CHECK(absl::IsPermissionDenied(RequireCell({Role::kRep, CellId(""), "x"}, CellId(""))));
  CHECK(RequireCell({Role::kBbs, CellId(""), "bbs"}, CellId("cell-2")).ok());
}

}  // namespace
}  // namespace diego::rpc
