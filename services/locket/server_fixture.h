// A Locket server on loopback over SQLite in a directory of its own, and its raw stubs. For tests.
#pragma once

#include <stdlib.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "grpcpp/grpcpp.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/testing/test_certificates.h"
#include "proto/models/locket.grpc.pb.h"
#include "services/locket/server.h"

namespace diego::locket {

struct Fixture {
  // The role that the server's own certificate names.
  explicit Fixture(rpc::Role own_role = rpc::Role::kLocket) : own_role(own_role) {
    char path[] = "/tmp/diego-locket-server-XXXXXX";
    REQUIRE(mkdtemp(path) != nullptr);
    directory = path;
    Start();
  }
  ~Fixture() {
    server.reset();
    std::filesystem::remove_all(directory);
  }
  void Start() {
    const rpc::TlsFiles tls = certificates.For(own_role);
    LocketConfig config;
    config.listen_address = {"127.0.0.1", 0};
    config.ca_file = tls.ca_file;
    config.cert_file = tls.cert_file;
    config.key_file = tls.key_file;
    config.database.driver = "sqlite";
    config.database.connection_string = directory + "/locket.db";
    auto started =
        LocketServer::Start(config, log::Logger::Discard(), [this](int code) { end_code = code; });
    INFO(started.status().ToString());
    REQUIRE(started.ok());
    server = *std::move(started);
  }
  std::unique_ptr<models::Locket::Stub> As(rpc::Role role, const std::string& cell_id = "") {
    return models::Locket::NewStub(certificates.Channel(server->port(), role, cell_id));
  }

  const rpc::Role own_role;
  rpc::TestCertificates certificates;
  std::string directory;
  std::atomic<int> end_code{-1};  // what the server asked to end with
  std::unique_ptr<LocketServer> server;
};

inline models::LockRequest Request(const std::string& key, const std::string& owner,
                                   models::TypeCode type = models::LOCK, int64_t ttl = 15) {
  models::LockRequest request;
  request.mutable_resource()->set_key(key);
  request.mutable_resource()->set_owner(owner);
  request.mutable_resource()->set_type_code(type);
  request.set_ttl_in_seconds(ttl);
  return request;
}

inline grpc::Status Lock(models::Locket::Stub& stub, const models::LockRequest& request,
                         int64_t* token = nullptr) {
  const auto context = rpc::MakeContext();
  models::LockResponse response;
  const grpc::Status status = stub.Lock(context.get(), request, &response);
  if (token != nullptr) *token = response.fencing_token();
  return status;
}

inline grpc::Status Release(models::Locket::Stub& stub, const std::string& key,
                            const std::string& owner) {
  const auto context = rpc::MakeContext();
  models::ReleaseRequest request;
  request.mutable_resource()->set_key(key);
  request.mutable_resource()->set_owner(owner);
  models::ReleaseResponse response;
  return stub.Release(context.get(), request, &response);
}

inline grpc::Status Fetch(models::Locket::Stub& stub, const std::string& key,
                          models::Resource* found) {
  const auto context = rpc::MakeContext();
  models::FetchRequest request;
  request.set_key(key);
  models::FetchResponse response;
  const grpc::Status status = stub.Fetch(context.get(), request, &response);
  *found = response.resource();
  return status;
}

}  // namespace diego::locket
