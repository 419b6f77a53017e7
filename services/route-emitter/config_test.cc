#include "services/route-emitter/config.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "libs/config/reader.h"

namespace diego::route_emitter {
namespace {

constexpr char kFiles[] =
    R"("bbs_ca_cert_file":"/etc/passwd","bbs_client_cert_file":"/etc/passwd",)"
    R"("bbs_client_key_file":"/etc/passwd")";

std::string Fault(const std::string& more) {
  const auto read = config::Read(RouteEmitterConfigTable(), std::string("{") + kFiles + more + "}");
  return read.ok() ? "" : std::string(read.status().message());
}

TEST_CASE("route-emitter config: local mode needs a cell, global mode an owner and Locket",
          "[route-emitter][config]") {
  CHECK(Fault(R"(,"cell_id":"cell-1")").empty());
  CHECK(Fault(R"(,"uuid":"a","locket_ca_cert_file":"/etc/passwd",)"
              R"("locket_client_cert_file":"/etc/passwd","locket_client_key_file":"/etc/passwd")")
            .empty());
  CHECK_THAT(Fault(""), Catch::Contains("uuid") && Catch::Contains("locket_ca_cert_file"));
}

TEST_CASE("route-emitter config: health is the original's, gRPC is served when asked for",
          "[route-emitter][config]") {
  const auto read =
      config::Read(RouteEmitterConfigTable(), absl::StrCat("{", kFiles, R"(,"cell_id":"c"})"));
  REQUIRE(read.ok());
  CHECK(read->healthcheck_address.ToString() == "127.0.0.1:17011");
  CHECK(read->grpc_listen_address.empty());
  CHECK(Fault(R"(,"cell_id":"c","grpc_listen_address":"127.0.0.1:17012")").empty());
  CHECK_THAT(Fault(R"(,"cell_id":"c","grpc_listen_address":"17012")"),
             Catch::Contains("grpc_listen_address"));
}

TEST_CASE("route-emitter config: the original's keys are known, mistakes are named",
          "[route-emitter][config]") {
  CHECK(Fault(R"(,"cell_id":"c","route_emitting_workers":20,"oauth":{"uaa_url":"x"},)"
              R"("consul_cluster":"x","nats_addresses":"a:4222,b:4222","jitter_factor":0.5)")
            .empty());
  CHECK(Fault(R"(,"cell_id":"c","jitter_factor":2,"healthcheck_address":"")").empty());
  CHECK_THAT(Fault(R"(,"cell_id":"c","sync_interval":60)"), Catch::Contains("sync_interval"));
  CHECK_THAT(Fault(R"(,"cell_id":"c","nats_tls_enabled":true)"),
             Catch::Contains("nats_tls_enabled"));
  CHECK_THAT(Fault(R"(,"cell_id":"c","no_such_key":1)"), Catch::Contains("no_such_key"));
}

}  // namespace
}  // namespace diego::route_emitter
