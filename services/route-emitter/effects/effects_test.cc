#include <catch2/catch.hpp>

#include "services/route-emitter/effects/registry_json.h"
#include "services/route-emitter/effects/route_parser.h"

namespace diego::route_emitter {
namespace {

TEST_CASE("routes: every hostname of every entry of cf-router is a route",
          "[route-emitter][routes]") {
  DesiredLrp lrp;
  lrp.process_guid = ProcessGuid("web");
  lrp.domain = Domain("d");
  lrp.log_guid = "log";
  lrp.instances = 3;
  lrp.tag = {"e", 2};
  lrp.routes["cf-router"] =
      R"([{"hostnames":["a.com","b.com/path"],"port":8080},
          {"hostnames":["c.com"],"port":9090,"route_service_url":"https://rs",
           "isolation_segment":"iso","protocol":"http2","options":{"loadbalancing":"x"}}])";
  lrp.routes["internal-router"] = R"([{"hostname":"web.internal"}])";
  lrp.routes["tcp-router"] = R"([{"external_port":1}])";
  const ParsedRoutes parsed = ParseRoutes(lrp);
  CHECK(parsed.faults.empty());
  CHECK(parsed.info.log_guid == "log");
  CHECK(parsed.info.instances == 3);
  CHECK(parsed.info.tag == lrp.tag);
  REQUIRE(parsed.info.http_routes.size() == 3);
  CHECK(parsed.info.http_routes[1] == HttpRoute{8080, "b.com/path", "", "", "", ""});
  CHECK(parsed.info.http_routes[2] ==
        HttpRoute{9090, "c.com", "https://rs", "iso", "http2", R"({"loadbalancing":"x"})"});
  CHECK(parsed.info.internal_hostnames == std::vector<std::string>{"web.internal"});
}

TEST_CASE("routes: what cannot be read is left out and said", "[route-emitter][routes]") {
  struct Case {
    const char* json;
    size_t routes;
    size_t faults;
  };
  const Case cases[] = {
      {"", 0, 1},
      {"garbage", 0, 1},
      {"null", 0, 0},
      {"{}", 0, 1},
      {"[]", 0, 0},
      {"[1]", 0, 1},
      {R"([{"hostnames":["a"]}])", 0, 1},
      {R"([{"hostnames":["a"],"port":-1}])", 0, 1},
      {R"([{"hostnames":["a"],"port":70000}])", 0, 1},
      {R"([{"hostnames":"a","port":1}])", 0, 1},
      {R"([{"hostnames":["a",1],"port":1}])", 0, 1},
      {R"([{"hostnames":[],"port":1}])", 0, 0},
      {R"([{"port":"x"},{"hostnames":["a"],"port":1}])", 1, 1},
      {R"([{"hostnames":["a"],"port":1,"protocol":7}])", 1, 0},
  };
  for (const Case& c : cases) {
    INFO(c.json);
    DesiredLrp lrp;
    lrp.routes["cf-router"] = c.json;
    const ParsedRoutes parsed = ParseRoutes(lrp);
    CHECK(parsed.info.http_routes.size() == c.routes);
    CHECK(parsed.faults.size() == c.faults);
  }
}

TEST_CASE("messages: empty members are left out of the JSON", "[route-emitter][message]") {
  RegistryMessage message;
  message.host = "10.0.0.1";
  message.port = 61000;
  message.uris = {"web.com"};
  CHECK(ToJson(message) == R"({"host":"10.0.0.1","port":61000,"uris":["web.com"]})");
  message.tls_port = 61001;
  message.protocol = "http2";
  message.app = "app";
  message.route_service_url = "rs";
  message.private_instance_id = "i";
  message.private_instance_index = "0";
  message.server_cert_domain_san = "i";
  message.isolation_segment = "iso";
  message.endpoint_updated_at_ns = 7;
  message.tags = {{"component", "route-emitter"}};
  message.availability_zone = "z1";
  message.options = R"({"a":1})";
  CHECK(ToJson(message) ==
        R"({"host":"10.0.0.1","port":61000,"tls_port":61001,"uris":["web.com"],)"
        R"("protocol":"http2","app":"app","route_service_url":"rs","private_instance_id":"i",)"
        R"("private_instance_index":"0","server_cert_domain_san":"i","isolation_segment":"iso",)"
        R"("endpoint_updated_at_ns":7,"tags":{"component":"route-emitter"},)"
        R"("availability_zone":"z1","options":{"a":1}})");
  message.uris = {"bad \xff bytes"};
  CHECK_FALSE(ToJson(message).empty());
}

TEST_CASE("messages: what a router says when it starts", "[route-emitter][message]") {
  const auto start =
      ParseRouterStart(R"({"minimumRegisterIntervalInSeconds":20,"pruneThresholdInSeconds":120})");
  REQUIRE(start.ok());
  CHECK(start->minimum_register_interval == absl::Seconds(20));
  CHECK(start->prune_threshold == absl::Seconds(120));
  for (const char* bad :
       {"", "[]", "{}", "\xff", R"({"minimumRegisterIntervalInSeconds":"20"})",
        R"({"minimumRegisterIntervalInSeconds":-1,"pruneThresholdInSeconds":1})",
        R"({"minimumRegisterIntervalInSeconds":null})",
        R"({"minimumRegisterIntervalInSeconds":2.5})", R"({"pruneThresholdInSeconds":120})"}) {
    INFO(bad);
    CHECK(ParseRouterStart(bad).status().code() == absl::StatusCode::kInvalidArgument);
  }
}

TEST_CASE(
    "messages: a router is heard whatever it says about pruning, and however rarely it wants "
    "to be told",
    "[route-emitter][message]") {
  struct Case {
    const char* json;
    int64_t interval_seconds;
    int64_t prune_seconds;
  };
  const Case cases[] = {
      {R"({"minimumRegisterIntervalInSeconds":20})", 20, 0},
      {R"({"minimumRegisterIntervalInSeconds":0,"pruneThresholdInSeconds":0})", 0, 0},
      {R"({"minimumRegisterIntervalInSeconds":20,"pruneThresholdInSeconds":-1})", 20, 0},
      {R"({"minimumRegisterIntervalInSeconds":20,"pruneThresholdInSeconds":"120"})", 20, 0},
      {R"({"minimumRegisterIntervalInSeconds":20,"pruneThresholdInSeconds":86401})", 20, 86400},
      {R"({"minimumRegisterIntervalInSeconds":86401,"pruneThresholdInSeconds":120})", 86400, 120},
      {R"({"minimumRegisterIntervalInSeconds":18446744073709551615})", 86400, 0},
  };
  for (const Case& c : cases) {
    INFO(c.json);
    const auto start = ParseRouterStart(c.json);
    REQUIRE(start.ok());
    CHECK(start->minimum_register_interval == absl::Seconds(c.interval_seconds));
    CHECK(start->prune_threshold == absl::Seconds(c.prune_seconds));
  }
}

}  // namespace
}  // namespace diego::route_emitter
