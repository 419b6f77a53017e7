#include "services/rep/config.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "libs/config/reader.h"
#include "libs/config/testing/values.h"

namespace diego::rep {
namespace {

constexpr char kLeast[] =
    R"("cell_id":"cell-1","preloaded_root_fs":["busybox:/images/busybox"],)"
    R"("ca_cert_file":"/etc/passwd","cert_file":"/etc/passwd","key_file":"/etc/passwd",)"
    R"("locket_ca_cert_file":"/etc/passwd","locket_client_cert_file":"/etc/passwd",)"
    R"("locket_client_key_file":"/etc/passwd")";

std::string Fault(const std::string& more, std::string least = kLeast) {
  const auto read = config::Read(RepConfigTable(), "{" + least + more + "}");
  return read.ok() ? "" : std::string(read.status().message());
}

TEST_CASE("rep config: the least that must be said is enough", "[rep][config]") {
  CHECK(Fault("").empty());
  CHECK_THAT(Fault("", R"("zone":"z1")"), Catch::Contains("cell_id") &&
                                              Catch::Contains("preloaded_root_fs") &&
                                              Catch::Contains("cert_file"));
}

TEST_CASE("rep config: the original's ports are the original's, ours is the next",
          "[rep][config]") {
  const auto read = config::Read(RepConfigTable(), absl::StrCat("{", kLeast, "}"));
  REQUIRE(read.ok());
  CHECK(read->listen_addr.ToString() == "127.0.0.1:1800");
  CHECK(read->listen_addr_securable.ToString() == "0.0.0.0:1801");
  CHECK(read->grpc_listen_address.ToString() == "0.0.0.0:1802");
  CHECK(Fault(R"(,"listen_addr":"")").empty());
}

TEST_CASE("rep config: defaults are the reference's", "[rep][config]") {
  auto read = config::Read(RepConfigTable(), absl::StrCat("{", kLeast, "}"));
  REQUIRE(read.ok());
  config::testing::CheckValues(RepConfigTable(), &*read,
                               {{"communication_timeout", "10s"},
                                {"polling_interval", "30s"},
                                {"evacuation_polling_interval", "10s"},
                                {"evacuation_timeout", "10m0s"},
                                {"lock_ttl", "15s"},
                                {"lock_retry_interval", "5s"},
                                {"container_reap_interval", "1m0s"},
                                {"reserved_expiration_time", "1m0s"},
                                {"graceful_shutdown_interval", "10s"},
                                {"healthy_monitoring_interval", "30s"},
                                {"unhealthy_monitoring_interval", "2s"},
                                {"declarative_healthcheck_default_timeout", "1s"},
                                {"auto_disk_capacity_overhead_mb", "0"},
                                {"container_max_cpu_shares", "1024"},
                                {"create_work_pool_size", "32"},
                                {"delete_work_pool_size", "32"},
                                {"max_cache_size_in_bytes", "10000000000"},
                                {"max_concurrent_downloads", "5"},
                                {"max_log_lines_per_second", "0"},
                                {"skip_cert_verify", "false"},
                                {"advertise_preference_for_instance_address", "false"},
                                {"placement_tags", "[]"},
                                {"optional_placement_tags", "[]"},
                                {"first_host_port", "61001"},  // as envoy's
                                {"advertise_domain", "cell.service.cf.internal"},
                                {"memory_mb", "auto"},
                                {"disk_mb", "auto"}});
  REQUIRE(read->bbs.bbs_address.size() == 1);
  CHECK(read->bbs.bbs_address[0].host == "bbs.service.cf.internal");
}

TEST_CASE("rep config: what is wrong is named", "[rep][config]") {
  struct Case {
    const char* more;
    const char* named;
  };
  const Case cases[] = {
      {R"(,"memory_mb":"much")", "memory_mb"},
      {R"(,"memory_mb":"0")", "memory_mb"},
      {R"(,"disk_mb":"-1")", "disk_mb"},
      {R"(,"max_containers":1)", "max_containers"},
      {R"(,"bridge_name":"a-name-that-is-too-long")", "bridge_name"},
      {R"(,"work_dir":"relative")", "work_dir"},
      {R"(,"subnet":"foo")", "subnet"},
      {R"(,"subnet":"10.0.0.0/33")", "subnet"},
      {R"(,"subnet":"10.0.0.0")", "subnet"},
      {R"(,"external_address":"cell.internal")", "external_address"},
      {R"(,"first_host_port":65000,"host_port_count":1000)", "host_port_count"},
      {R"(,"post_setup_hook":"/bin/x")", "post_setup_user"},
      {R"(,"post_setup_user":"root","post_setup_hook":"sh -c 'x")", "post_setup_hook: has a '"},
      {R"(,"grpc_listen_address":"0.0.0.0:0")", "grpc_listen_address"},
      {R"(,"listen_addr_securable":"0.0.0.0:0")", "listen_addr_securable"},
      {R"(,"listen_addr_securable":"")", "listen_addr_securable"},
      {R"(,"container_max_cpu_shares":0)", "container_max_cpu_shares"},
      {R"(,"healthy_monitoring_interval":"0s")", "healthy_monitoring_interval"},
      {R"(,"unhealthy_monitoring_interval":"-1s")", "unhealthy_monitoring_interval"},
      {R"(,"declarative_healthcheck_default_timeout":"0s")",
       "declarative_healthcheck_default_timeout"},
      {R"(,"lock_ttl":"100ms")", "lock_ttl"},
      {R"(,"path_to_tls_ca_cert":"/no/such/file")", "path_to_tls_ca_cert"},
      {R"(,"path_to_ca_certs_for_downloads":"/etc")", "path_to_ca_certs_for_downloads"},
      {R"(,"no_such_key":1)", "no_such_key"},
  };
  for (const Case& c : cases) {
    INFO(c.more);
    CHECK_THAT(Fault(c.more), Catch::Contains(c.named));
  }
  CHECK(Fault(R"(,"memory_mb":"auto","disk_mb":"4096","garden_addr":"x","consul_cluster":"y")")
            .empty());
}

TEST_CASE("rep config: there are two files of CAs for downloads", "[rep][config]") {
  const auto read = config::Read(
      RepConfigTable(), absl::StrCat("{", kLeast, R"(,"path_to_tls_ca_cert":"/etc/passwd",)",
                                     R"("path_to_ca_certs_for_downloads":"/etc/group"})"));
  REQUIRE(read.ok());
  CHECK(read->path_to_tls_ca_cert == "/etc/passwd");
  CHECK(read->path_to_ca_certs_for_downloads == "/etc/group");
  CHECK(Fault(R"(,"path_to_tls_ca_cert":"")").empty());
}

TEST_CASE("rep config: root filesystems are named with their paths", "[rep][config]") {
  const auto parsed = ParsePreloadedRootFs({"a:/images/a", "b:/images/b.tar:odd"});
  REQUIRE(parsed.ok());
  CHECK(parsed->at("a") == "/images/a");
  CHECK(parsed->at("b") == "/images/b.tar:odd");
  for (const char* bad : {"a", ":/x", "a:", ""}) {
    INFO(bad);
    CHECK_FALSE(ParsePreloadedRootFs({bad}).ok());
  }
  CHECK_FALSE(ParsePreloadedRootFs({"a:/x", "a:/y"}).ok());
}

TEST_CASE("rep config: a cell id is a plain name", "[rep][config]") {
  std::string least = kLeast;
  least.replace(least.find("cell-1"), 6, "../cell");
  CHECK_THAT(Fault("", least), Catch::Contains("cell_id"));
}

TEST_CASE("rep config: tags have between 1 and 63 characters", "[rep][config]") {
  const auto with_tag = [](const char* key, size_t length) {
    return Fault(absl::StrCat(",\"", key, "\":[\"gpu\",\"", std::string(length, 'a'), "\"]"));
  };
  for (const char* key : {"placement_tags", "optional_placement_tags"}) {
    CHECK_THAT(with_tag(key, 0), Catch::Contains(key) && Catch::Contains("empty"));
    CHECK(with_tag(key, 1).empty());
    CHECK(with_tag(key, 63).empty());
    CHECK_THAT(with_tag(key, 64), Catch::Contains(key) && Catch::Contains("64 characters"));
  }
}

}  // namespace
}  // namespace diego::rep
