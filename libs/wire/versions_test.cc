#include "libs/wire/versions.h"

#include <catch2/catch.hpp>

#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"

namespace diego::wire {
namespace {

template <typename M>
M FromText(const std::string& text) {
  M message;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(text, &message));
  return message;
}

template <typename M>
void CheckEqual(const M& got, const std::string& wanted) {
  INFO("got " << got.DebugString());
  CHECK(google::protobuf::util::MessageDifferencer::Equals(got, FromText<M>(wanted)));
}

struct Row {
  const char* name;
  const char* stored;
  const char* older;
};

TEST_CASE("versions: r2 has no image layers", "[wire]") {
  const Row row = GENERATE(values<Row>({
      {"nothing to do", "process_guid: 'p' setup { try_action {} }",
       "process_guid: 'p' setup { try_action {} }"},
      {"shared layers come before the dependencies there are",
       "image_layers { name: 'a' url: 'http://a' destination_path: '/a' layer_type: SHARED "
       "  media_type: TGZ digest_algorithm: SHA256 digest_value: 'd1' }"
       "image_layers { name: 'b' url: 'http://b' destination_path: '/b' layer_type: SHARED }"
       "cached_dependencies { name: 'c' from: 'http://c' to: '/c' }",
       "cached_dependencies { name: 'a' from: 'http://a' to: '/a' cache_key: 'sha256:d1' "
       "  checksum_algorithm: 'sha256' checksum_value: 'd1' }"
       "cached_dependencies { name: 'b' from: 'http://b' to: '/b' cache_key: 'http://b' }"
       "cached_dependencies { name: 'c' from: 'http://c' to: '/c' }"},
      {"exclusive layers are downloaded before the setup",
       "legacy_download_user: 'vcap' setup { run_action { path: 'x' } }"
       "image_layers { name: 'a' url: 'http://a' destination_path: '/a' layer_type: EXCLUSIVE "
       "  digest_algorithm: SHA512 digest_value: 'd1' }"
       "image_layers { name: 'b' url: 'http://b' destination_path: '/b' layer_type: EXCLUSIVE "
       "  digest_algorithm: SHA256 digest_value: 'd2' }",
       "legacy_download_user: 'vcap' setup { serial_action {"
       "  actions { parallel_action {"
       "    actions { download_action { artifact: 'a' from: 'http://a' to: '/a' user: 'vcap'"
       "      cache_key: 'sha512:d1' checksum_algorithm: 'sha512' checksum_value: 'd1' } }"
       "    actions { download_action { artifact: 'b' from: 'http://b' to: '/b' user: 'vcap'"
       "      cache_key: 'sha256:d2' checksum_algorithm: 'sha256' checksum_value: 'd2' } } } }"
       "  actions { run_action { path: 'x' } } } }"},
      {"without a setup they are the setup",
       "image_layers { url: 'u' destination_path: '/a' layer_type: EXCLUSIVE "
       "  digest_algorithm: SHA256 digest_value: 'd' }",
       "setup { serial_action { actions { parallel_action { actions { download_action {"
       "  from: 'u' to: '/a' cache_key: 'sha256:d' checksum_algorithm: 'sha256' checksum_value: 'd'"
       "} } } } } }"},
  }));
  INFO(row.name);
  auto lrp = FromText<models::DesiredLRP>(row.stored);
  DowngradeToR2(&lrp);
  CheckEqual(lrp, row.older);
}

TEST_CASE("versions: the r2 form of a task downloads before its action", "[wire]") {
  auto task = FromText<models::Task>(
      "task_guid: 't' task_definition { legacy_download_user: 'u' action { run_action { path: 'x' "
      "} }"
      "  image_layers { name: 's' url: 'http://s' destination_path: '/s' layer_type: SHARED }"
      "  image_layers { name: 'e' url: 'http://e' destination_path: '/e' layer_type: EXCLUSIVE "
      "    digest_algorithm: SHA256 digest_value: 'd' } }");
  DowngradeToR2(&task);
  CheckEqual(task,
             "task_guid: 't' task_definition { legacy_download_user: 'u'"
             "  cached_dependencies { name: 's' from: 'http://s' to: '/s' cache_key: 'http://s' }"
             "  action { serial_action {"
             "    actions { parallel_action { actions { download_action { artifact: 'e' user: 'u'"
             "      from: 'http://e' to: '/e' cache_key: 'sha256:d' checksum_algorithm: 'sha256' "
             "      checksum_value: 'd' } } } }"
             "    actions { run_action { path: 'x' } } } } }");
  models::Task empty;
  DowngradeToR2(&empty);
  CheckEqual(empty, "");
}

TEST_CASE("versions: r0 has no cached dependencies, and timeouts in their deprecated fields",
          "[wire]") {
  const Row row = GENERATE(values<Row>({
      {"timeouts, however deep",
       "start_timeout_ms: 61500"
       "  action { serial_action { actions { timeout_action { timeout_ms: 5 action { try_action {"
       "    action { timeout_action { timeout_ms: 7 } } } } } } } }"
       "  monitor { emit_progress_action { action { parallel_action { actions {"
       "    timeout_action { timeout_ms: 1 } } } } } }"
       "  setup { codependent_action { actions { timeout_action {"
       "    timeout_ms: 9223372036854775807 } } } }",
       "start_timeout_ms: 61500 deprecated_start_timeout_s: 61"
       "  action { serial_action { actions { timeout_action { timeout_ms: 5"
       "    deprecated_timeout_ns: 5000000 action { try_action { action { timeout_action {"
       "    timeout_ms: 7 deprecated_timeout_ns: 7000000 } } } } } } } }"
       "  monitor { emit_progress_action { action { parallel_action { actions {"
       "    timeout_action { timeout_ms: 1 deprecated_timeout_ns: 1000000 } } } } } }"
       "  setup { codependent_action { actions { timeout_action {"
       "    timeout_ms: 9223372036854775807 deprecated_timeout_ns: 9223372036854000000 } } } }"},
      {"dependencies and layers are a setup of downloads",
       "legacy_download_user: 'u' setup { run_action { path: 'x' } }"
       "image_layers { name: 'a' url: 'http://a' destination_path: '/a' layer_type: SHARED }"
       "cached_dependencies { name: 'c' from: 'http://c' to: '/c' cache_key: 'k' log_source: 'l' }",
       "legacy_download_user: 'u' setup { serial_action {"
       "  actions { parallel_action {"
       "    actions { download_action { artifact: 'a' from: 'http://a' to: '/a' user: 'u'"
       "      cache_key: 'http://a' } }"
       "    actions { download_action { artifact: 'c' from: 'http://c' to: '/c' user: 'u'"
       "      cache_key: 'k' log_source: 'l' } } } }"
       "  actions { run_action { path: 'x' } } } }"},
  }));
  INFO(row.name);
  auto lrp = FromText<models::DesiredLRP>(row.stored);
  DowngradeToR0(&lrp);
  CheckEqual(lrp, row.older);
}

}  // namespace
}  // namespace diego::wire
