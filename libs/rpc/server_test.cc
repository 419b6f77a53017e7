#include "libs/rpc/server.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "grpcpp/generic/generic_stub.h"
#include "libs/base/clock.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/testing/echo_service.h"
#include "libs/rpc/testing/health.h"
#include "libs/rpc/testing/test_certificates.h"

namespace diego::rpc {
namespace {

struct Fixture {
  explicit Fixture(TestCertificates::Anchor anchor = TestCertificates::Anchor::kRoot)
      : certificates(anchor) {}

  TestCertificates certificates;
  EchoService service;
  TlsFiles server_files = certificates.For(Role::kLocket);
  std::unique_ptr<Server> server = Start();

  std::unique_ptr<Server> Start() {
    ServerOptions options;
    options.address = "127.0.0.1:0";
    options.tls = server_files;
    options.certificate_refresh = absl::Seconds(1);
    options.health_names = {"models.Locket"};
    auto started = Server::Start(options, {&service});
    REQUIRE(started.ok());
    return *std::move(started);
  }
  // One call on a connection of its own.
  grpc::Status Call(const std::shared_ptr<grpc::ChannelCredentials>& credentials,
                    const std::string& key = "", const ChannelOptions& options = {}) {
    auto stub = models::Locket::NewStub(MakeChannel(server->address(), credentials, options));
    models::FetchRequest request;
    request.set_key(key);
    models::FetchResponse response;
    // Long: 100 MB through a sanitizer take their time.
    return stub->Fetch(MakeContext(absl::Minutes(1)).get(), request, &response);
  }
  std::shared_ptr<grpc::ChannelCredentials> Credentials(const TlsFiles& files) {
    auto credentials = MakeChannelCredentials(files, absl::Seconds(1));
    INFO(credentials.status());
    REQUIRE(credentials.ok());
    return *credentials;
  }
  std::shared_ptr<grpc::ChannelCredentials> Bbs() {
    return Credentials(certificates.For(Role::kBbs));
  }
};

std::string ReadAll(const std::string& path) {
  FILE* file = fopen(path.c_str(), "r");
  REQUIRE(file != nullptr);
  std::string text(65536, '\0');
  text.resize(fread(text.data(), 1, text.size(), file));
  fclose(file);
  return text;
}

TEST_CASE("server: a caller with a certificate of our CA is served", "[rpc]") {
  Fixture fixture;
  CHECK(fixture.server->port() > 0);
  const grpc::Status status = fixture.Call(fixture.Bbs());
  INFO(status.error_message());
  CHECK(status.ok());
}

TEST_CASE("server: a CA that another CA issued is trusted alone", "[rpc]") {
  Fixture fixture(TestCertificates::Anchor::kIntermediate);
  const grpc::Status status = fixture.Call(fixture.Bbs());
  INFO(status.error_message());
  CHECK(status.ok());
}

TEST_CASE("server: callers that cannot prove who they are do not get in", "[rpc]") {
  Fixture fixture;
  SECTION("no client certificate") {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = fixture.certificates.authority().certificate_pem();
    CHECK(fixture.Call(grpc::SslCredentials(options)).error_code() ==
          grpc::StatusCode::UNAVAILABLE);
  }
  SECTION("no TLS") {
    CHECK(fixture.Call(grpc::InsecureChannelCredentials()).error_code() ==
          grpc::StatusCode::UNAVAILABLE);
  }
  SECTION("a certificate of another CA") {
    TestCertificates others;
    TlsFiles files = others.For(Role::kBbs);
    files.ca_file = fixture.server_files.ca_file;
    CHECK(fixture.Call(fixture.Credentials(files)).error_code() == grpc::StatusCode::UNAVAILABLE);
  }
  SECTION("an expired certificate") {
    const TlsFiles files =
        fixture.certificates.Until(RealClock().Now() - absl::Minutes(1), Role::kBbs);
    CHECK(absl::IsInvalidArgument(MakeChannelCredentials(files).status()));
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = fixture.certificates.authority().certificate_pem();
    options.pem_cert_chain = ReadAll(files.cert_file);
    options.pem_private_key = ReadAll(files.key_file);
    CHECK(fixture.Call(grpc::SslCredentials(options)).error_code() ==
          grpc::StatusCode::UNAVAILABLE);
  }
  CHECK(fixture.service.calls == 0);
}

TEST_CASE("server: a caller turns away from a server of another CA or another name", "[rpc]") {
  Fixture fixture;
  TestCertificates others;
  TlsFiles files = fixture.certificates.For(Role::kBbs);
  ChannelOptions wrong_name;
  wrong_name.server_name = "elsewhere.internal";
  CHECK(fixture.Call(fixture.Credentials(files), "", wrong_name).error_code() ==
        grpc::StatusCode::UNAVAILABLE);
  ChannelOptions other_name;
  other_name.server_name = "localhost";
  CHECK(fixture.Call(fixture.Credentials(files), "", other_name).ok());
  files.ca_file = others.For(Role::kBbs).ca_file;
  CHECK(fixture.Call(fixture.Credentials(files)).error_code() == grpc::StatusCode::UNAVAILABLE);
}

// The server's certificate as a new connection sees it.
std::string ServerCertificate(const Fixture& fixture,
                              const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  auto context = MakeContext();
  models::FetchResponse response;
  auto locket = models::Locket::NewStub(MakeChannel(fixture.server->address(), credentials));
  const grpc::Status status = locket->Fetch(context.get(), {}, &response);
  if (!status.ok()) return "";
  const auto values = context->auth_context()->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  REQUIRE(values.size() == 1);
  return std::string(values[0].data(), values[0].size());
}

TEST_CASE("server: a replaced certificate is used for new connections without a restart", "[rpc]") {
  Fixture fixture;
  const std::string first = ServerCertificate(fixture, fixture.Bbs());
  REQUIRE_FALSE(first.empty());
  fixture.certificates.Renew(fixture.server_files, Role::kLocket);
  const std::string wanted = ReadAll(fixture.server_files.cert_file);
  REQUIRE(wanted != first);
  const absl::Duration end = RealClock().Monotonic() + absl::Seconds(20);
  std::string seen;
  do {
    seen = ServerCertificate(fixture, fixture.Bbs());
  } while (seen != wanted && RealClock().Monotonic() < end);
  CHECK(seen == wanted);
}

TEST_CASE("channel: a replaced client certificate is used for new connections", "[rpc]") {
  Fixture fixture;
  const TlsFiles files = fixture.certificates.For(Role::kBbs);
  const auto credentials = fixture.Credentials(files);
  const auto role = [&] {
    auto stub = models::Locket::NewStub(MakeChannel(fixture.server->address(), credentials));
    models::FetchResponse response;
    return stub->Fetch(MakeContext().get(), {}, &response).ok() ? response.resource().key() : "";
  };
  REQUIRE(role() == "bbs");
  fixture.certificates.Renew(files, Role::kOperator);
  const absl::Duration end = RealClock().Monotonic() + absl::Seconds(20);
  std::string seen;
  // A call with other arguments gets a connection of its own; reconnecting is what is tested.
  for (int size = 1 << 20; seen != "operator" && RealClock().Monotonic() < end; ++size) {
    ChannelOptions options;
    options.max_receive_bytes = size;
    auto stub =
        models::Locket::NewStub(MakeChannel(fixture.server->address(), credentials, options));
    models::FetchResponse response;
    if (stub->Fetch(MakeContext().get(), {}, &response).ok()) seen = response.resource().key();
  }
  CHECK(seen == "operator");
}

TEST_CASE("server: a message beyond the limit is refused as too large", "[rpc]") {
  Fixture fixture;
  const auto credentials = fixture.Bbs();
  const grpc::Status status = fixture.Call(credentials, std::string(100 << 20, 'x'));
  INFO(status.error_message());
  CHECK(status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED);
  CHECK(fixture.Call(credentials, std::string(10 << 20, 'x')).ok());
  CHECK(fixture.service.calls == 1);
}

TEST_CASE("server: garbage on the port harms nobody else", "[rpc]") {
  Fixture fixture;
  const std::string garbage =
      GENERATE(std::string("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), std::string(70000, '\xff'),
               std::string("\x16\x03\x01"), std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(fixture.server->port()));
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  REQUIRE(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  CHECK(send(fd, garbage.data(), garbage.size(), MSG_NOSIGNAL) > 0);
  CHECK(fixture.Call(fixture.Bbs()).ok());
  close(fd);
}

TEST_CASE("server: two servers on one port is an error that names the address", "[rpc]") {
  Fixture fixture;
  const auto second = Server::Start(
      {.address = fixture.server->address(), .tls = fixture.server_files}, {&fixture.service});
  REQUIRE_FALSE(second.ok());
  CHECK(absl::IsUnavailable(second.status()));
  CHECK(std::string(second.status().message()).find(fixture.server->address()) !=
        std::string::npos);
}

// Calls /service/method with protobuf bytes; the answer's bytes, or "" when refused.
std::string GenericCall(const Fixture& fixture, const std::string& method,
                        const std::string& request,
                        const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  grpc::GenericStub stub(MakeChannel(fixture.server->address(), credentials));
  auto context = MakeContext();
  grpc::CompletionQueue queue;
  auto call = stub.PrepareCall(context.get(), method, &queue);
  void* tag = nullptr;
  bool ok = false;
  grpc::ByteBuffer answer;
  const grpc::Slice slice(request);
  call->StartCall(nullptr);
  queue.Next(&tag, &ok);
  call->Write(grpc::ByteBuffer(&slice, 1), nullptr);
  queue.Next(&tag, &ok);
  call->Read(&answer, nullptr);
  queue.Next(&tag, &ok);
  std::string text;
  if (ok) {
    std::vector<grpc::Slice> slices;
    CHECK(answer.Dump(&slices).ok());
    for (const grpc::Slice& part : slices) {
      text.append(reinterpret_cast<const char*>(part.begin()), part.size());
    }
  }
  context->TryCancel();
  grpc::Status status;
  call->Finish(&status, nullptr);
  queue.Next(&tag, &ok);
  return text;
}

TEST_CASE("server: health says NOT_SERVING until the service says otherwise", "[rpc]") {
  Fixture fixture;
  const auto channel = MakeChannel(fixture.server->address(), fixture.Bbs());
  const std::string name = GENERATE("", "models.Locket");
  CHECK(HealthOf(channel, name) == "NOT_SERVING");
  fixture.server->SetServing(true);
  CHECK(HealthOf(channel, name) == "SERVING");
  fixture.server->SetServing(false);
  CHECK(HealthOf(channel, name) == "NOT_SERVING");
}

TEST_CASE("server: reflection lists the services", "[rpc]") {
  Fixture fixture;
  // ServerReflectionRequest.list_services = 7.
  const std::string answer =
      GenericCall(fixture, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                  std::string("\x3a\x00", 2), fixture.Bbs());
  CHECK(answer.find("models.Locket") != std::string::npos);
  CHECK(answer.find("grpc.health.v1.Health") != std::string::npos);
}

TEST_CASE("server: after shutting down it takes no calls, and may be shut down again", "[rpc]") {
  Fixture fixture;
  const auto credentials = fixture.Bbs();
  REQUIRE(fixture.Call(credentials).ok());
  fixture.server->Shutdown(absl::Seconds(5));
  CHECK(fixture.Call(credentials).error_code() == grpc::StatusCode::UNAVAILABLE);
  fixture.server->Shutdown(absl::Seconds(5));
}

}  // namespace
}  // namespace diego::rpc
