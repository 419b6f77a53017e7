#include "libs/sql/configured.h"

#include <catch2/catch.hpp>
#include <limits>

namespace diego::sql {
namespace {

DatabaseOptions Of(const config::DatabaseConfig& config) {
  return OptionsOf(config, absl::Milliseconds(50));
}

TEST_CASE("database options: no statement takes longer than an operation may", "[sql]") {
  config::DatabaseConfig config;
  CHECK(Of(config).connect_timeout == absl::Seconds(10));
  config.read_timeout = absl::Seconds(3);
  config.write_timeout = absl::ZeroDuration();
  config.operation_timeout = absl::Seconds(5);
  CHECK(Of(config).connect_timeout == absl::Seconds(5));
  CHECK(Of(config).read_timeout == absl::Seconds(3));
  CHECK(Of(config).write_timeout == absl::Seconds(5));
  config.operation_timeout = absl::ZeroDuration();
  CHECK(Of(config).write_timeout == absl::Seconds(10));
}

TEST_CASE("database options: no number of connections, or one below, is no limit", "[sql]") {
  config::DatabaseConfig config;
  CHECK(Of(config).max_open_connections == 200);
  for (const int none : {0, -1}) {
    config.max_open_connections = none;
    CHECK(Of(config).max_open_connections == std::numeric_limits<int>::max());
  }
}

}  // namespace
}  // namespace diego::sql
