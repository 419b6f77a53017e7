#include "services/auctioneer/config.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "libs/config/reader.h"
#include "libs/config/testing/values.h"

namespace diego::auctioneer {
namespace {

// A whole configuration; every file named is this program.
std::string Json(const std::string& more) {
  std::string json = R"({"uuid":"one")";
  for (const char* key : {"ca_cert_file", "server_cert_file", "server_key_file", "bbs_ca_cert_file",
                          "bbs_client_cert_file", "bbs_client_key_file", "rep_ca_cert",
                          "rep_client_cert", "rep_client_key", "locket_ca_cert_file",
                          "locket_client_cert_file", "locket_client_key_file"}) {
    absl::StrAppend(&json, ",\"", key, "\":\"/proc/self/exe\"");
  }
  return absl::StrCat(json, more, "}");
}

std::string FaultOf(const std::string& more) {
  const auto read = config::Read(AuctioneerConfigTable(), Json(more));
  return read.ok() ? "" : std::string(read.status().message());
}

TEST_CASE("auctioneer config: what is required is enough, and defaults are the reference's",
          "[auctioneer][config]") {
  auto read = config::Read(AuctioneerConfigTable(), Json(""));
  INFO(read.status().ToString());
  REQUIRE(read.ok());
  config::testing::CheckValues(AuctioneerConfigTable(), &*read,
                               {{"listen_address", "0.0.0.0:9016"},
                                {"cell_state_timeout", "10s"},
                                {"communication_timeout", "10s"},
                                {"lock_ttl", "15s"},
                                {"lock_retry_interval", "1s"},
                                {"starting_container_weight", "0.25"},
                                {"bin_pack_first_fit_weight", "0.0"},
                                {"starting_container_count_maximum", "0"}});
  REQUIRE(read->bbs.bbs_address.size() == 1);
  CHECK(read->bbs.bbs_address[0].host == "bbs.service.cf.internal");
}

TEST_CASE("auctioneer config: the original's keys are known, mistakes are named",
          "[auctioneer][config]") {
  CHECK(FaultOf(R"(,"auction_runner_workers":1000,"rep_client_session_cache_size":4096,)"
                R"("consul_cluster":"x","debug_address":"127.0.0.1:17001")")
            .empty());
  CHECK(FaultOf(R"(,"starting_container_weight":-1,"lock_ttl":"0s")").empty());
  CHECK_THAT(FaultOf(R"(,"cell_state_timeout":10)"), Catch::Contains("cell_state_timeout"));
  CHECK_THAT(FaultOf(R"(,"no_such_key":1)"), Catch::Contains("no_such_key"));
}

}  // namespace
}  // namespace diego::auctioneer
