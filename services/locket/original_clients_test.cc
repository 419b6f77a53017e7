// What the original's Go clients rely on, row by row of reference/locket-grpc-api.md, by raw stubs
// with certificates that name no role, as theirs.
#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "grpcpp/generic/generic_stub.h"
#include "libs/sql/database.h"
#include "services/locket/server_fixture.h"

namespace diego::locket {
namespace {

using grpc::StatusCode;

// A Locket whose CA gives out no roles, and one of its clients.
struct Original : Fixture {
  Original() : Fixture(rpc::Role::kNone), client(As(rpc::Role::kNone)) {}

  std::unique_ptr<sql::Database> OpenDatabase() const {
    sql::DatabaseOptions options;
    options.driver = "sqlite";
    options.connection_string = directory + "/locket.db";
    auto database = sql::Database::Open(options);
    REQUIRE(database.ok());
    return *std::move(database);
  }
  // owner, value, type, modified_index, modified_id, ttl of the key's row.
  using Row = std::tuple<std::string, std::string, std::string, int64_t, std::string, int64_t>;
  std::vector<Row> RowsOf(const std::string& key) const {
    std::vector<Row> rows;
    const absl::Status read = OpenDatabase()->Read([&](sql::Transaction& tx) {
      return tx.Query(
          "SELECT owner, value, type, modified_index, modified_id, ttl FROM locks WHERE path = ?",
          {sql::Text(key)}, [&](const sql::Row& row) {
            rows.emplace_back(row.Text(0), row.Text(1), row.Text(2), row.Int64(3), row.Text(4),
                              row.Int64(5));
            return absl::OkStatus();
          });
    });
    REQUIRE(read.ok());
    return rows;
  }
  void Execute(const std::string& statement) const {
    REQUIRE(OpenDatabase()->ExecuteSchema(statement).ok());
  }
  grpc::Status FetchAll(models::TypeCode code, const std::string& type,
                        std::set<std::string>* keys) {
    const auto context = rpc::MakeContext();
    models::FetchAllRequest request;
    request.set_type_code(code);
    request.set_type(type);
    models::FetchAllResponse response;
    const grpc::Status status = client->FetchAll(context.get(), request, &response);
    for (const models::Resource& one : response.resources()) keys->insert(one.key());
    return status;
  }

  std::unique_ptr<models::Locket::Stub> client;
};

std::string Uuid(const Original::Row& row) { return std::get<4>(row); }

TEST_CASE("original clients: Lock validates type, TTL and owner, in this order",
          "[locket][original]") {
  Original locket;
  struct Row {
    std::string name;
    models::TypeCode code;
    std::string type;
    int64_t ttl;
    std::string owner;
    StatusCode want;
    std::string text;
  };
  const std::vector<Row> rows = {
      {"nothing is right", models::UNKNOWN, "", 0, "", StatusCode::NOT_FOUND, "invalid-type"},
      {"the type's text does not count", models::UNKNOWN, "lock", 15, "o", StatusCode::NOT_FOUND,
       "invalid-type"},
      {"a code that is none", static_cast<models::TypeCode>(7), "lock", 15, "o",
       StatusCode::NOT_FOUND, "invalid-type"},
      {"no TTL, no owner", models::LOCK, "", 0, "", StatusCode::INVALID_ARGUMENT, "invalid-ttl"},
      {"negative TTL", models::PRESENCE, "", -15, "o", StatusCode::INVALID_ARGUMENT, "invalid-ttl"},
      {"no owner", models::LOCK, "", 15, "", StatusCode::INVALID_ARGUMENT, "invalid-owner"},
      {"a text that contradicts the code", models::LOCK, "presence", 15, "o", StatusCode::OK, ""},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    models::LockRequest request = Request("key", row.owner, row.code, row.ttl);
    request.mutable_resource()->set_type(row.type);
    const grpc::Status status = Lock(*locket.client, request);
    CHECK(status.error_code() == row.want);
    CHECK(status.error_message() == row.text);
  }
  CHECK(std::get<2>(locket.RowsOf("key").at(0)) == "lock");
}

TEST_CASE("original clients: Lock inserts, refreshes and collides as its row says",
          "[locket][original]") {
  Original locket;
  models::LockRequest request = Request("cell-1", "a", models::PRESENCE, 15);
  request.mutable_resource()->set_value("{}");
  REQUIRE(Lock(*locket.client, request).ok());
  const auto first = locket.RowsOf("cell-1").at(0);
  const std::string id = Uuid(first);
  CHECK(first == Original::Row{"a", "{}", "presence", 1, id, 15});
  CHECK(id.size() == 36);
  CHECK(id[14] == '4');

  // The same owner: value, type and TTL are replaced, the id stays.
  request = Request("cell-1", "a", models::LOCK, 7);
  request.mutable_resource()->set_value("other");
  REQUIRE(Lock(*locket.client, request).ok());
  CHECK(locket.RowsOf("cell-1").at(0) == Original::Row{"a", "other", "lock", 2, id, 7});

  const grpc::Status collision = Lock(*locket.client, Request("cell-1", "b"));
  CHECK(collision.error_code() == StatusCode::ALREADY_EXISTS);
  CHECK(collision.error_message() == "lock-collision");
  CHECK(locket.RowsOf("cell-1").at(0) == Original::Row{"a", "other", "lock", 2, id, 7});

  // A row without owner is free.
  locket.Execute("UPDATE locks SET owner = ''");
  REQUIRE(Lock(*locket.client, Request("cell-1", "b")).ok());
  const auto again = locket.RowsOf("cell-1").at(0);
  CHECK(again == Original::Row{"b", "", "lock", 1, Uuid(again), 15});
  CHECK(Uuid(again) != id);
  // An empty key is a key like another.
  CHECK(Lock(*locket.client, Request("", "a")).ok());
}

TEST_CASE("original clients: Release takes no note of the type and needs the owner",
          "[locket][original]") {
  Original locket;
  CHECK(Release(*locket.client, "free", "a").ok());
  REQUIRE(Lock(*locket.client, Request("key", "a", models::PRESENCE)).ok());
  for (const std::string other : {"b", ""}) {
    const grpc::Status refused = Release(*locket.client, "key", other);
    CHECK(refused.error_code() == StatusCode::ALREADY_EXISTS);
    CHECK(refused.error_message() == "lock-collision");
  }
  CHECK(Release(*locket.client, "key", "a").ok());
  CHECK(locket.RowsOf("key").empty());
}

TEST_CASE("original clients: Fetch finds a key of either type", "[locket][original]") {
  Original locket;
  models::Resource found;
  grpc::Status missing = Fetch(*locket.client, "key", &found);
  CHECK(missing.error_code() == StatusCode::NOT_FOUND);
  CHECK(missing.error_message() == "resource-not-found");
  for (const auto& [code, type] :
       {std::pair{models::LOCK, "lock"}, std::pair{models::PRESENCE, "presence"}}) {
    models::LockRequest request = Request("key", "a", code);
    request.mutable_resource()->set_value("v");
    REQUIRE(Lock(*locket.client, request).ok());
    REQUIRE(Fetch(*locket.client, "key", &found).ok());
    CHECK(found.key() == "key");
    CHECK(found.owner() == "a");
    CHECK(found.value() == "v");
    CHECK(found.type() == type);
    CHECK(found.type_code() == code);
  }
  locket.Execute("UPDATE locks SET owner = ''");
  missing = Fetch(*locket.client, "key", &found);
  CHECK(missing.error_code() == StatusCode::NOT_FOUND);
  CHECK(missing.error_message() == "resource-not-found");
}

TEST_CASE("original clients: FetchAll lists one type", "[locket][original]") {
  Original locket;
  REQUIRE(Lock(*locket.client, Request("bbs", "a")).ok());
  REQUIRE(Lock(*locket.client, Request("cell-1", "b", models::PRESENCE)).ok());
  REQUIRE(Lock(*locket.client, Request("cell-2", "c", models::PRESENCE)).ok());
  REQUIRE(Lock(*locket.client, Request("cell-3", "d", models::PRESENCE)).ok());
  locket.Execute("UPDATE locks SET owner = '' WHERE path = 'cell-3'");
  struct Row {
    models::TypeCode code;
    std::string type;
    StatusCode want;
    std::string text;
    std::set<std::string> keys;
  };
  const std::vector<Row> rows = {
      {models::LOCK, "", StatusCode::OK, "", {"bbs"}},
      {models::PRESENCE, "", StatusCode::OK, "", {"cell-1", "cell-2"}},
      {models::PRESENCE, "lock", StatusCode::OK, "", {"cell-1", "cell-2"}},
      {models::UNKNOWN, "", StatusCode::NOT_FOUND, "invalid-type", {}},
      {models::UNKNOWN, "lock", StatusCode::NOT_FOUND, "invalid-type", {}},
      {static_cast<models::TypeCode>(3), "", StatusCode::NOT_FOUND, "invalid-type", {}},
  };
  for (const Row& row : rows) {
    std::set<std::string> keys;
    const grpc::Status status = locket.FetchAll(row.code, row.type, &keys);
    CHECK(status.error_code() == row.want);
    CHECK(status.error_message() == row.text);
    CHECK(keys == row.keys);
  }
}

TEST_CASE("original clients: a request without a resource is refused, and nothing breaks",
          "[locket][original]") {
  Original locket;
  models::LockRequest lock;
  lock.set_ttl_in_seconds(15);
  CHECK(Lock(*locket.client, lock).error_code() == StatusCode::INVALID_ARGUMENT);
  const auto context = rpc::MakeContext();
  models::ReleaseResponse response;
  CHECK(locket.client->Release(context.get(), {}, &response).error_code() ==
        StatusCode::INVALID_ARGUMENT);
  CHECK(Lock(*locket.client, Request("bbs", "a")).ok());
}

TEST_CASE("original clients: what the database refuses is UNKNOWN with its words",
          "[locket][original]") {
  Original locket;
  models::LockRequest wide = Request("cell-1", "a", models::PRESENCE);
  wide.mutable_resource()->set_value(std::string(4097, 'v'));
  grpc::Status status = Lock(*locket.client, wide);
  CHECK(status.error_code() == StatusCode::UNKNOWN);
  CHECK(status.error_message().find("Data too long for column 'value'") != std::string::npos);

  // A lost table also ends the server.
  locket.Execute("DROP TABLE locks");
  status = Lock(*locket.client, Request("bbs", "a"));
  CHECK(status.error_code() == StatusCode::UNKNOWN);
  CHECK(status.error_message().find("locks") != std::string::npos);
  CHECK(locket.end_code == 1);
  models::Resource found;
  CHECK(Fetch(*locket.client, "bbs", &found).error_code() == StatusCode::UNKNOWN);
}

TEST_CASE("original clients: the uuid of a call may be sent along", "[locket][original]") {
  Original locket;
  const auto context = rpc::MakeContext();
  context->AddMetadata("uuid", "6f2d9d4c-0d3b-4d0f-9f3a-2a8a1cbb0c11");
  models::LockResponse response;
  CHECK(locket.client->Lock(context.get(), Request("bbs", "a"), &response).ok());
}

TEST_CASE("original clients: methods answer at the original's paths and bytes",
          "[locket][original]") {
  Original locket;
  grpc::GenericStub stub(locket.certificates.Channel(locket.server->port(), rpc::Role::kNone));
  const auto call = [&](const std::string& path, const std::string& bytes, std::string* answer) {
    const auto context = rpc::MakeContext();
    grpc::CompletionQueue queue;
    const grpc::Slice slice(bytes);
    const grpc::ByteBuffer request(&slice, 1);
    auto reader = stub.PrepareUnaryCall(context.get(), path, request, &queue);
    grpc::ByteBuffer response;
    grpc::Status status;
    reader->StartCall();
    reader->Finish(&response, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    queue.Shutdown();
    std::vector<grpc::Slice> slices;
    response.Dump(&slices);
    answer->clear();
    for (const grpc::Slice& one : slices) answer->append(std::string(one.begin(), one.end()));
    return status;
  };
  std::string answer;
  // resource 1 {key 1 "bbs", owner 2 "me", value 3 "", type_code 5 LOCK}, ttl_in_seconds 2.
  CHECK(call("/models.Locket/Lock",
             std::string("\x0a\x0b\x0a\x03"
                         "bbs\x12\x02me\x28\x01\x10\x0f"),
             &answer)
            .ok());
  CHECK(call("/models.Locket/Fetch",
             std::string("\x0a\x03"
                         "bbs"),
             &answer)
            .ok());
  const std::string original(
      "\x0a\x03"
      "bbs\x12\x02me\x22\x04lock\x28\x01");
  // resource 1, whose first fields are the original's; ours come after.
  REQUIRE(answer.size() > original.size() + 2);
  CHECK(answer[0] == '\x0a');
  CHECK(answer.substr(2, original.size()) == original);
  CHECK(call("/models.Locket/FetchAll", std::string("\x10\x01"), &answer).ok());
  CHECK(answer.substr(2, original.size()) == original);
  CHECK(call("/models.Locket/Release",
             std::string("\x0a\x09\x0a\x03"
                         "bbs\x12\x02me"),
             &answer)
            .ok());
  CHECK(answer.empty());
  CHECK(call("/models.Locket/Renew", "", &answer).error_code() == StatusCode::UNIMPLEMENTED);
}

TEST_CASE(
    "original clients: without roles at our own CA any of its certificates may do all; with "
    "one, none",
    "[locket][original]") {
  Original locket;
  CHECK(Lock(*locket.client, Request("bbs", "a")).ok());
  // Who names a role is held to it all the same.
  const auto cell = locket.As(rpc::Role::kRep, "cell-1");
  CHECK(Release(*cell, "bbs", "a").error_code() == StatusCode::PERMISSION_DENIED);
  CHECK(Lock(*cell, Request("cell-1", "x", models::PRESENCE)).ok());

  Fixture ours(rpc::Role::kLocket);
  CHECK(Lock(*ours.As(rpc::Role::kNone), Request("bbs", "a")).error_code() ==
        StatusCode::PERMISSION_DENIED);
}

}  // namespace
}  // namespace diego::locket
