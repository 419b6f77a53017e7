// The whole server over mutual TLS, as clients of every role meet it.
#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "services/locket/server_fixture.h"

namespace diego::locket {
namespace {

using grpc::StatusCode;
using rpc::Role;

TEST_CASE("locket: a lock is taken, refreshed, contested, released and taken again",
          "[locket][server]") {
  Fixture locket;
  const auto bbs = locket.As(Role::kBbs);
  int64_t token = 0;
  CHECK(Lock(*bbs, Request("bbs", "one"), &token).ok());
  CHECK(token == 1);
  CHECK(Lock(*bbs, Request("bbs", "one"), &token).ok());
  CHECK(token == 1);
  const grpc::Status collision = Lock(*bbs, Request("bbs", "two"));
  CHECK(collision.error_code() == StatusCode::ALREADY_EXISTS);
  CHECK(collision.error_message() == "lock-collision");
  CHECK(Release(*bbs, "bbs", "two").error_code() == StatusCode::ALREADY_EXISTS);

  models::Resource found;
  CHECK(Fetch(*bbs, "bbs", &found).ok());
  CHECK(found.owner() == "one");
  CHECK(found.type() == "lock");
  CHECK(found.type_code() == models::LOCK);
  CHECK(found.fencing_token() == 1);

  CHECK(Release(*bbs, "bbs", "one").ok());
  CHECK(Release(*bbs, "bbs", "one").ok());
  const grpc::Status missing = Fetch(*bbs, "bbs", &found);
  CHECK(missing.error_code() == StatusCode::NOT_FOUND);
  CHECK(missing.error_message() == "resource-not-found");
  CHECK(Lock(*bbs, Request("bbs", "two"), &token).ok());
  CHECK(token == 2);
}

TEST_CASE("locket: leases and tokens outlive the server", "[locket][server]") {
  Fixture locket;
  CHECK(Lock(*locket.As(Role::kBbs), Request("bbs", "one")).ok());
  locket.server.reset();
  locket.Start();
  const auto bbs = locket.As(Role::kBbs);
  CHECK(Lock(*bbs, Request("bbs", "two")).error_code() == StatusCode::ALREADY_EXISTS);
  int64_t token = 0;
  CHECK(Lock(*bbs, Request("bbs", "one"), &token).ok());
  CHECK(token == 1);
}

TEST_CASE("locket: what is wrong is said in the reference's words", "[locket][server]") {
  Fixture locket;
  const auto bbs = locket.As(Role::kBbs);
  struct Row {
    models::LockRequest request;
    StatusCode code;
    std::string text;
  };
  const std::vector<Row> rows = {
      {Request("bbs", "one", models::UNKNOWN), StatusCode::NOT_FOUND, "invalid-type"},
      {Request("bbs", "one", models::LOCK, 0), StatusCode::INVALID_ARGUMENT, "invalid-ttl"},
      {Request("bbs", ""), StatusCode::INVALID_ARGUMENT, "invalid-owner"},
      {models::LockRequest(), StatusCode::INVALID_ARGUMENT,
       "invalid-resource: the request has no resource"},
  };
  for (const Row& row : rows) {
    const grpc::Status status = Lock(*bbs, row.request);
    CHECK(status.error_code() == row.code);
    CHECK(status.error_message() == row.text);
  }
  const auto context = rpc::MakeContext();
  models::ReleaseResponse response;
  CHECK(bbs->Release(context.get(), models::ReleaseRequest(), &response).error_code() ==
        StatusCode::INVALID_ARGUMENT);

  models::LockRequest huge = Request("bbs", "one");
  huge.mutable_resource()->set_value(std::string(5 << 20, 'v'));
  CHECK(Lock(*bbs, huge).error_code() == StatusCode::RESOURCE_EXHAUSTED);
}

TEST_CASE("locket: a cell announces itself and nobody else", "[locket][server]") {
  Fixture locket;
  const auto cell = locket.As(Role::kRep, "cell-1");
  CHECK(Lock(*cell, Request("cell-1", "guid", models::PRESENCE)).ok());
  CHECK(Lock(*cell, Request("cell-2", "guid", models::PRESENCE)).error_code() ==
        StatusCode::PERMISSION_DENIED);
  CHECK(Release(*cell, "bbs", "x").error_code() == StatusCode::PERMISSION_DENIED);

  const auto bbs = locket.As(Role::kBbs);
  for (const auto& [type, keys] :
       std::vector<std::pair<models::TypeCode, size_t>>{{models::PRESENCE, 1}, {models::LOCK, 0}}) {
    const auto context = rpc::MakeContext();
    models::FetchAllRequest request;
    request.set_type_code(type);
    models::FetchAllResponse response;
    CHECK(bbs->FetchAll(context.get(), request, &response).ok());
    CHECK(response.resources_size() == static_cast<int>(keys));
  }
  const auto context = rpc::MakeContext();
  models::FetchAllResponse response;
  const grpc::Status untyped = bbs->FetchAll(context.get(), models::FetchAllRequest(), &response);
  CHECK(untyped.error_code() == StatusCode::NOT_FOUND);
  CHECK(untyped.error_message() == "invalid-type");
}

TEST_CASE("locket: strangers are refused", "[locket][server]") {
  Fixture locket;
  models::Resource found;
  CHECK(Fetch(*locket.As(Role::kNone), "bbs", &found).error_code() ==
        StatusCode::PERMISSION_DENIED);

  rpc::TestCertificates others;
  const auto stranger = models::Locket::NewStub(others.Channel(locket.server->port(), Role::kBbs));
  const auto wrong_ca = rpc::MakeContext(absl::Seconds(2));
  models::FetchResponse response;
  CHECK(stranger->Fetch(wrong_ca.get(), models::FetchRequest(), &response).error_code() ==
        StatusCode::UNAVAILABLE);

  const auto plain = models::Locket::NewStub(rpc::MakeChannel(
      "127.0.0.1:" + std::to_string(locket.server->port()), grpc::InsecureChannelCredentials()));
  const auto no_tls = rpc::MakeContext(absl::Seconds(2));
  CHECK(plain->Fetch(no_tls.get(), models::FetchRequest(), &response).error_code() ==
        StatusCode::UNAVAILABLE);
  // And it still serves.
  CHECK(Lock(*locket.As(Role::kBbs), Request("bbs", "one")).ok());
}

TEST_CASE("locket: a silent owner's lease frees by itself", "[locket][server]") {
  Fixture locket;
  const auto bbs = locket.As(Role::kBbs);
  CHECK(Lock(*bbs, Request("bbs", "one", models::LOCK, 1)).ok());
  // Each try waits for the server's answer; the second runs out within the bound.
  bool taken = false;
  for (int tries = 0; tries < 20000 && !taken; ++tries) {
    taken = Lock(*bbs, Request("bbs", "two")).ok();
  }
  CHECK(taken);
}

}  // namespace
}  // namespace diego::locket
