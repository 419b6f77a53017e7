#include "libs/rpc/malformed_requests.h"

#include <catch2/catch.hpp>

#include "grpcpp/generic/generic_stub.h"
#include "libs/models/error.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/server.h"
#include "libs/rpc/testing/echo_service.h"
#include "libs/rpc/testing/test_certificates.h"

namespace diego::rpc {
namespace {

// How /models.Locket/Fetch answers a request of these bytes.
grpc::Status FetchWith(const std::shared_ptr<grpc::Channel>& channel, const std::string& bytes) {
  grpc::GenericStub stub(channel);
  const auto context = MakeContext();
  grpc::CompletionQueue queue;
  const grpc::Slice slice(bytes);
  const auto call = stub.PrepareUnaryCall(context.get(), "/models.Locket/Fetch",
                                          grpc::ByteBuffer(&slice, 1), &queue);
  call->StartCall();
  grpc::ByteBuffer response;
  grpc::Status status;
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  return status;
}

TEST_CASE("server: a request that is no message is InvalidRequest and meets no handler", "[rpc]") {
  TestCertificates certificates;
  EchoService service;
  auto server =
      Server::Start({.address = "127.0.0.1:0", .tls = certificates.For(Role::kLocket)}, {&service});
  REQUIRE(server.ok());
  const auto channel = certificates.Channel((*server)->port(), Role::kBbs);
  // A tag without its value; a length beyond the end.
  for (const std::string& bytes : {std::string("\x0a"), std::string("\x0a\x7f") + "short"}) {
    const grpc::Status status = FetchWith(channel, bytes);
    CHECK(status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
    CHECK(status.error_message() ==
          "the request received is invalid: it is no request message of /models.Locket/Fetch; are "
          "both sides of compatible versions?");
    CHECK(IsDiegoError(FromGrpc(status), ErrorType::kInvalidRequest));
  }
  CHECK(service.calls == 0);
  CHECK(FetchWith(channel, "").ok());
  CHECK(FetchWith(channel, "\x0a\x01k").ok());
  CHECK(service.calls == 2);
}

TEST_CASE("credentials: a directory in place of a file is said to be one", "[rpc]") {
  TestCertificates certificates;
  TlsFiles files = certificates.For(Role::kBbs);
  files.ca_file = certificates.directory();
  const absl::Status status = CheckTlsFiles(files, absl::InfinitePast());
  CHECK(absl::IsInvalidArgument(status));
  CHECK_THAT(std::string(status.message()),
             Catch::Contains("CA file \"" + certificates.directory() + "\" is a directory"));
}

}  // namespace
}  // namespace diego::rpc
