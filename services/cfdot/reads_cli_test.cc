// Reads that the original's cfdot does not have: what is called, what is printed.
#include <catch2/catch.hpp>

#include "libs/wire/cell_json.h"
#include "libs/wire/cell_state.h"
#include "services/cfdot/testing/cli_fixture.h"

namespace diego::cfdot {
namespace {

TEST_CASE("reads of one record or of several LRPs make one call", "[cfdot]") {
  struct Case {
    std::vector<std::string> words;
    std::string call;
  };
  Fixture fixture;
  fixture.diego.bbs.domains = {"demo"};
  const auto row = GENERATE(values<Case>({
      {{"domain", "demo"}, "DomainByName {domain: \"demo\"}"},
      {{"desired-lrp-scheduling-info", "web"},
       "DesiredLRPSchedulingInfoByProcessGuid {process_guid: \"web\"}"},
      {{"actual-lrps-for-guids", "web", "api"},
       "StreamActualLRPsByProcessGuids {process_guids: \"web\" process_guids: \"api\"}"},
  }));
  for (const bool as_table : {false, true}) {
    std::vector<std::string> words = row.words;
    if (as_table) words.insert(words.end(), {"-o", "table"});
    const Result result = fixture.Cfdot(words);
    CHECK(result.err.empty());
    CHECK(result.code == 0);
    CHECK_FALSE(result.out.empty());
    CHECK(fixture.diego.bbs.calls.Take() == std::vector<std::string>{row.call});
  }
}

TEST_CASE("reads of one record refuse arguments that cannot be", "[cfdot]") {
  struct Case {
    std::vector<std::string> words;
    std::string text;
  };
  const auto row = GENERATE(values<Case>({
      {{"domain"}, "Missing arguments"},
      {{"domain", ""}, "No domain given"},
      {{"desired-lrp-scheduling-info"}, "Missing arguments"},
      {{"desired-lrp-scheduling-info", ""}, "Process guid should be non empty string"},
      {{"actual-lrps-for-guids"}, "Missing arguments"},
      {{"actual-lrps-for-guids", "web", ""}, "Process guid should be non empty string"},
      {{"cell-metrics"}, "Missing arguments"},
      {{"lock"}, "Missing arguments"},
      {{"lock", ""}, "key cannot be empty"},
      {{"cancel-desired-lrp-update", "web", "--if-tag", "5"},
       "if-tag \"5\" should be EPOCH:INDEX, as in modification_tag of `cfdot desired-lrp`"},
      {{"roll-back-desired-lrp", "web", "v1", "--if-tag", ":5"},
       "if-tag \":5\" should be EPOCH:INDEX, as in modification_tag of `cfdot desired-lrp`"},
  }));
  const Result result = RunCfdot(row.words, kNowhere);
  CHECK(result.first_line() == "error: " + row.text);
  CHECK(result.code == 3);
  CHECK(result.shows_usage());
}

TEST_CASE("a domain is shown fresh or not, with its default", "[cfdot]") {
  Fixture fixture;
  fixture.diego.bbs.domains = {"a"};
  fixture.diego.bbs.crash_restart_policies["b"].set_max_restart_attempts(5);
  CHECK(fixture.Cfdot({"domain", "a"}).out == "{\"domain\":\"a\",\"fresh\":true,\"revision\":0}\n");
  CHECK(fixture.Cfdot({"domain", "b"}).out ==
        "{\"domain\":\"b\",\"fresh\":false,\"crash_restart_policy\":{\"max_restart_attempts\":5},"
        "\"revision\":0}\n");
  const Result none = fixture.Cfdot({"domain", "c"});
  CHECK(none.code == 4);
  CHECK_THAT(none.err, Catch::Contains("Type 13: ResourceNotFound"));
}

TEST_CASE("what a cell's containers use is the original's JSON, or a row each", "[cfdot]") {
  Fixture fixture;
  ContainerMetricsResponse& metrics = fixture.diego.cell.metrics;
  metrics.set_cell_id("cell-1");
  ContainerMetric& web = *metrics.add_containers();
  web.set_container_guid("i0");
  web.set_process_guid("web");
  web.set_index(3);
  web.set_cpu_usage_fraction(0.125);
  web.set_memory_usage_bytes(int64_t{64} << 20);
  web.set_memory_quota_bytes(int64_t{256} << 20);
  metrics.add_containers()->set_container_guid("sum");
  const Result json = fixture.Cfdot({"cell-metrics", "cell-1"});
  CHECK(json.code == 0);
  CHECK(json.out == wire::CellUsageToJson(wire::FromProto(metrics)) + "\n");
  CHECK_THAT(json.out, Catch::Contains("\"process_guid\":\"web\"") &&
                           Catch::Contains("\"task_guid\":\"sum\""));
  CHECK(fixture.diego.cell.calls.Take() == std::vector<std::string>{"ContainerMetrics {}"});
  const std::string table = fixture.Cfdot({"cell-metrics", "cell-1", "-o", "table"}).out;
  CHECK_THAT(table, Catch::Contains("12.5%") && Catch::Contains("64 MB of 256 MB"));
  fixture.diego.cell.refusal = absl::UnavailableError("shutting down");
  const Result refused = fixture.Cfdot({"cell-metrics", "cell-1"});
  CHECK(refused.code == 4);
  CHECK_THAT(refused.err, Catch::StartsWith("error: Rep error: Failed to get container metrics of "
                                            "cell cell-1: UNAVAILABLE: shutting down"));
}

TEST_CASE("one lock is shown by its key", "[cfdot]") {
  Fixture fixture;
  models::Resource lock;
  lock.set_key("bbs");
  lock.set_owner("one");
  lock.set_type_code(models::LOCK);
  lock.set_fencing_token(7);
  fixture.diego.locket.resources = {lock};
  CHECK(fixture.Cfdot({"lock", "bbs"}).out ==
        "{\"key\":\"bbs\",\"owner\":\"one\",\"type_code\":1}\n");
  CHECK(fixture.diego.locket.calls.Take() == std::vector<std::string>{"Fetch {key: \"bbs\"}"});
  const Result none = fixture.Cfdot({"lock", "auctioneer"});
  CHECK(none.code == 4);
  CHECK(none.err == "error: Locket error: NOT_FOUND: resource-not-found\n");
}

}  // namespace
}  // namespace diego::cfdot
