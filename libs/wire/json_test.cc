#include "libs/wire/json.h"

#include <catch2/catch.hpp>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/text_format.h"
#include "libs/models/error.h"
#include "libs/wire/json_rules.h"
#include "proto/models/actual_lrp.pb.h"
#include "proto/models/cells.pb.h"
#include "proto/models/desired_lrp.pb.h"
#include "proto/models/evacuation.pb.h"
#include "proto/models/events.pb.h"
#include "proto/models/locket.pb.h"
#include "proto/models/task.pb.h"

namespace diego::wire {
namespace {

template <typename Message>
Message FromText(const std::string& text) {
  Message message;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(text, &message));
  return message;
}

TEST_CASE("json: every rule of the table names a field that exists", "[wire][json]") {
  // Names a message of each file, so that all of them are linked.
  models::EvacuationResponse evacuation;
  models::TaskCreatedEvent event;
  models::Resource resource;
  models::CellPresence cell;
  for (const JsonRule& rule : JsonRules()) {
    INFO(rule.field);
    CHECK(google::protobuf::DescriptorPool::generated_pool()->FindFieldByName(
              std::string("models.") + rule.field) != nullptr);
  }
}

TEST_CASE("json: what is optional is there when it is set, zero or not", "[wire][json]") {
  models::DesiredLRPDefinitionsResponse response;
  CHECK(ToJson(response) == R"({"rolling":false})");
  response.set_rolling_index(0);
  CHECK(ToJson(response) == R"({"rolling":false,"rolling_index":0})");
}

TEST_CASE("json: an actual LRP is flat and its unset parts are there", "[wire][json]") {
  CHECK(ToJson(models::ActualLRP()) ==
        R"({"process_guid":"","index":0,"domain":"","instance_guid":"","cell_id":"","address":"",)"
        R"("ports":null,"preferred_address":"UNKNOWN","crash_count":0,"state":"","since":0,)"
        R"("modification_tag":{"epoch":"","index":0},"presence":"ORDINARY",)"
        R"("OptionalRoutable":null,"availability_zone":""})");
  CHECK(ToJson(FromText<models::ActualLRP>(
            "actual_lrp_key { process_guid: 'p' index: 2 domain: 'd' } "
            "actual_lrp_instance_key { instance_guid: 'i' cell_id: 'c' } "
            "actual_lrp_net_info { address: 'a' ports { container_port: 1 host_port: 2 } "
            "  instance_address: 'b' preferred_address: HOST instance_ipv6_address: '::1' } "
            "crash_count: 1 crash_reason: 'r' state: 'RUNNING' placement_error: 'e' since: 5 "
            "modification_tag { epoch: 'x' index: 3 } presence: SUSPECT "
            "actual_lrp_internal_routes { hostname: 'h' } metric_tags { key: 'z' value: '1' } "
            "metric_tags { key: 'k' value: 'v' } routable: false availability_zone: 'z1'")) ==
        R"({"process_guid":"p","index":2,"domain":"d","instance_guid":"i","cell_id":"c",)"
        R"("address":"a","ports":[{"container_port":1,"host_port":2,)"
        R"("container_tls_proxy_port":0,"host_tls_proxy_port":0}],"instance_address":"b",)"
        R"("preferred_address":"HOST","instance_ipv6_address":"::1","crash_count":1,)"
        R"("crash_reason":"r","state":"RUNNING","placement_error":"e","since":5,)"
        R"("modification_tag":{"epoch":"x","index":3},"presence":"SUSPECT",)"
        R"("actual_lrp_internal_routes":[{"hostname":"h"}],"metric_tags":{"k":"v","z":"1"},)"
        R"("OptionalRoutable":{"routable":false},"availability_zone":"z1"})");
}

TEST_CASE("json: the routable of a change event has its own capital and is left out when false",
          "[wire][json]") {
  const auto [text, wanted] = GENERATE(table<std::string, std::string>({
      {"Routable: true", R"("OptionalRoutable":{"Routable":true})"},
      {"Routable: false", R"("OptionalRoutable":{})"},
      {"", R"("OptionalRoutable":null)"},
  }));
  const auto info = FromText<models::ActualLRPInfo>(text);
  CHECK_THAT(ToJson(info), Catch::Contains(wanted));
  models::ActualLRPInfo back;
  REQUIRE(FromJson(ToJson(info), &back).ok());
  CHECK(back.has_routable() == info.has_routable());
  CHECK(back.routable() == info.routable());
}

TEST_CASE("json: a desired LRP as operators write it", "[wire][json]") {
  const std::string empty =
      R"({"process_guid":"","domain":"","rootfs":"","instances":0,"env":null,)"
      R"("start_timeout_ms":0,"disk_mb":0,"memory_mb":0,"cpu_weight":0,"privileged":false,)"
      R"("log_source":"","log_guid":"","metrics_guid":"","annotation":"","max_pids":0,)"
      R"("volume_mounted_files":null,"update_strategy":0})";
  CHECK(ToJson(models::DesiredLRP()) == empty);
  const std::string text =
      R"({"process_guid":"web","domain":"cf","rootfs":"preloaded:x","instances":2,)"
      R"("env":[{"name":"A","value":"<b> & \"c\""}],)"
      R"("setup":{"download":{"from":"f","to":"t","cache_key":"","user":"u"}},)"
      R"("action":{"serial":{"actions":[{"run":{"path":"/p","args":["x"],)"
      R"("resource_limits":{"nofile":0},"user":"u","suppress_log_output":false,)"
      R"("volume_mounted_files":null}},{"timeout":{"action":{"try":{}},"timeout_ms":5}}]}},)"
      R"("start_timeout_ms":1,"deprecated_timeout_ns":3,"ports":[8080,1],)"
      R"("routes":{"cf-router":[{"hostnames":["a"],"port":8080}],"tcp":1.5},)"
      R"("modification_tag":{"epoch":"e","index":1},"placement_tags":["ssd"],)"
      R"("volume_mounts":[{"driver":"d","container_dir":"/c","mode":"r","shared":null,)"
      R"("dedicated":null}],)"
      R"("image_layers":[{"url":"u","destination_path":"/d","layer_type":"SHARED",)"
      R"("media_type":"TGZ","digest_algorithm":"SHA256","digest_value":"v"}],)"
      R"("metric_tags":{"a":{"static":"s"},"b":{"dynamic":"INDEX"}},"update_strategy":1})";
  models::DesiredLRP lrp;
  REQUIRE(FromJson(text, &lrp, UnknownKeys::kRefuse).ok());
  CHECK(lrp.environment_variables(0).value() == "<b> & \"c\"");
  CHECK(lrp.routes().routes().at("cf-router") == R"([{"hostnames":["a"],"port":8080}])");
  CHECK(lrp.routes().routes().at("tcp") == "1.5");
  CHECK(lrp.update_strategy() == models::DesiredLRP::RECREATE);
  CHECK(lrp.action().serial_action().actions(0).run_action().resource_limits().has_nofile());
  CHECK(lrp.deprecated_start_timeout_s() == 3);
  const std::string written = ToJson(lrp);
  CHECK_THAT(written, Catch::Contains(R"("value":"\u003cb\u003e \u0026 \"c\"")"));
  CHECK_THAT(written, Catch::Contains(R"("action":{"serial":{"actions":[{"run":{"path":"/p",)"
                                      R"("args":["x"],"resource_limits":{"nofile":0},)"));
  models::DesiredLRP back;
  REQUIRE(FromJson(written, &back, UnknownKeys::kRefuse).ok());
  CHECK(ToJson(back) == written);
  CHECK(back.SerializeAsString().size() == lrp.SerializeAsString().size());
}

TEST_CASE("json: a scheduling info has key, resource and tag at the top", "[wire][json]") {
  CHECK(ToJson(FromText<models::DesiredLRPSchedulingInfo>(
            "desired_lrp_key { process_guid: 'p' domain: 'd' log_guid: 'l' } instances: 1 "
            "modification_tag { epoch: 'e' index: 4 } volume_placement {} routes {}")) ==
        R"({"process_guid":"p","domain":"d","log_guid":"l","annotation":"","instances":1,)"
        R"("memory_mb":0,"disk_mb":0,"rootfs":"","max_pids":0,"epoch":"e","index":4,)"
        R"("volume_placement":{"driver_names":null}})");
}

TEST_CASE("json: an update holds what is set and no more", "[wire][json]") {
  const std::string text =
      GENERATE(as<std::string>(), "{}", R"({"instances":0})", R"({"routes":{},"annotation":""})",
               R"({"instances":3,"routes":{"a":{"b":1}},"annotation":"x",)"
               R"("metric_tags":{"t":{"static":"s"}},)"
               R"("image_username":"u","image_password":"p"})");
  models::DesiredLRPUpdate update;
  REQUIRE(FromJson(text, &update, UnknownKeys::kRefuse).ok());
  CHECK(ToJson(update) == text);
}

TEST_CASE("json: a task and its definition share one object", "[wire][json]") {
  const std::string text =
      R"({"rootfs":"docker:///x","action":{"run":{"path":"/p","user":"u",)"
      R"("suppress_log_output":true,"volume_mounted_files":null}},"disk_mb":0,"memory_mb":0,)"
      R"("cpu_weight":0,"privileged":false,"log_source":"","log_guid":"","metrics_guid":"",)"
      R"("result_file":"/r","max_pids":0,"image_username":"","image_password":"",)"
      R"("volume_mounted_files":null,"task_guid":"t","domain":"d","created_at":1,"updated_at":2,)"
      R"("first_completed_at":3,"state":"Completed","cell_id":"c","result":"out","failed":true,)"
      R"("failure_reason":"why","rejection_count":1,"rejection_reason":"no"})";
  models::Task task;
  REQUIRE(FromJson(text, &task, UnknownKeys::kRefuse).ok());
  CHECK(task.task_definition().result_file() == "/r");
  CHECK(task.state() == models::Task::Completed);
  CHECK(ToJson(task) == text);
  REQUIRE(FromJson(R"({"task_guid":"t"})", &task).ok());
  CHECK_FALSE(task.has_task_definition());
  CHECK(ToJson(FromText<models::TaskCallbackResponse>("task_guid: 't' created_at: 7")) ==
        R"({"task_guid":"t","failed":false,"failure_reason":"","result":"","created_at":7})");
}

TEST_CASE("json: a cell presence as kept in Locket", "[wire][json]") {
  const std::string text =
      R"({"cell_id":"c","rep_address":"http://1.2.3.4:1800","zone":"z1",)"
      R"("capacity":{"memory_mb":1,"disk_mb":2,"containers":3},)"
      R"("rootfs_provider_list":[{"name":"preloaded","properties":["x"]},{"name":"docker"}],)"
      R"("placement_tags":["a"],"optional_placement_tags":["b"],"rep_url":"https://c:1801",)"
      R"("annotations":{},"rep_grpc_address":"c:1802"})";
  models::CellPresence cell;
  REQUIRE(FromJson(text, &cell).ok());
  CHECK(ToJson(cell) == text);
  CHECK(ToJson(models::CellPresence()) ==
        R"({"cell_id":"","rep_address":"","zone":"","rep_url":"","annotations":{}})");
}

TEST_CASE("json: a locket resource leaves out what is empty; its type code is a number",
          "[wire][json]") {
  CHECK(ToJson(FromText<models::Resource>("key: 'k' type: 'lock' type_code: LOCK")) ==
        R"({"key":"k","type":"lock","type_code":1})");
}

TEST_CASE("json: an error names its type", "[wire][json]") {
  CHECK(ToJson(FromText<models::ActualLRPsResponse>("error { type: Deadlock message: 'm' }")) ==
        R"({"error":{"type":"Deadlock","message":"m"}})");
}

TEST_CASE("json: event data is flat like its records", "[wire][json]") {
  CHECK(ToJson(FromText<models::ActualLRPCrashedEvent>(
            "actual_lrp_key { process_guid: 'p' } crash_count: 2 since: 9")) ==
        R"({"process_guid":"p","index":0,"domain":"","instance_guid":"","cell_id":"",)"
        R"("crash_count":2,"since":9})");
}

TEST_CASE("json: characters that Go escapes are escaped, in raw values too", "[wire][json]") {
  const auto tag = [](const std::string& text) {
    models::EnvironmentVariable variable;
    variable.set_name(text);
    return ToJson(variable);
  };
  CHECK(tag("<>&") == R"({"name":"\u003c\u003e\u0026","value":""})");
  CHECK(tag("a\n\t\"\\\x01") == R"({"name":"a\n\t\"\\\u0001","value":""})");
  CHECK(tag("\xe2\x80\xa8\xe2\x80\xa9\xe2\x82\xac") ==
        "{\"name\":\"\\u2028\\u2029\xe2\x82\xac\",\"value\":\"\"}");
  models::ProtoRoutes routes;
  (*routes.mutable_routes())["a"] = "{ \"x\" : [ 1.50, \" <\\\" \" ] }\n";
  (*routes.mutable_routes())["b"] = "not json";
  (*routes.mutable_routes())["c"] = "";
  CHECK(ToJson(routes) == R"({"a":{"x":[1.50," \u003c\" "]},"b":"not json","c":null})");
}

TEST_CASE("json: what is wrong is told with its path", "[wire][json]") {
  const auto [text, message] = GENERATE(table<std::string, std::string>({
      {R"([])", "expected an object"},
      {R"({"instances":"2"})", "instances: expected a whole number from -2147483648 to 2147483647"},
      {R"({"instances":2147483648})",
       "instances: expected a whole number from -2147483648 to 2147483647"},
      {R"({"instances":1.5})", "instances: expected a whole number from -2147483648 to 2147483647"},
      {R"({"ports":[1,-1]})", "ports[1]: expected a whole number from 0 to 4294967295"},
      {R"({"ports":80})", "ports: expected a list"},
      {R"({"domain":1})", "domain: expected a string"},
      {R"({"privileged":"yes"})", "privileged: expected true or false"},
      {R"({"routes":[]})", "routes: expected an object"},
      {R"({"metric_tags":{"a":"b"}})", "metric_tags.a: expected an object"},
      {R"({"action":{"serial":{"actions":[{},{"run":{"user":5}}]}}})",
       "action.serial.actions[1].run.user: expected a string"},
      {R"({"action":{"serial":{"actions":[null]}}})",
       "action.serial.actions[0]: expected an object"},
      {R"({"image_layers":[{"media_type":"RAR"}]})",
       "image_layers[0].media_type: invalid media_type: RAR"},
      {R"({"image_layers":[{"layer_type":"X"}]})", "image_layers[0].layer_type: invalid type: X"},
      {R"({"image_layers":[{"digest_algorithm":"X"}]})",
       "image_layers[0].digest_algorithm: invalid digest_algorithm: X"},
      {R"({"image_layers":[{"layer_type":1}]})",
       "image_layers[0].layer_type: expected a name in quotes"},
      {R"({"update_strategy":"ROLLING"})",
       "update_strategy: expected a whole number from -2147483648 to 2147483647"},
      {R"({"instnaces":2})", "instnaces: unknown key"},
      {R"({"action":{"runs":{}}})", "action.runs: unknown key"},
  }));
  INFO(text);
  models::DesiredLRP lrp;
  const absl::Status status = FromJson(text, &lrp, UnknownKeys::kRefuse);
  CHECK(IsDiegoError(status, ErrorType::kInvalidJSON));
  CHECK(std::string(status.message()) == message);
}

TEST_CASE("json: bad names of other enums are told as the reference has them", "[wire][json]") {
  models::ActualLRP lrp;
  CHECK(std::string(FromJson(R"({"presence":"X"})", &lrp).message()) ==
        "presence: invalid presence: X");
  CHECK(std::string(FromJson(R"({"preferred_address":"X"})", &lrp).message()) ==
        "preferred_address: invalid preferred address: X");
  models::Task task;
  CHECK(std::string(FromJson(R"({"state":"X"})", &task).message()) == "state: invalid state: X");
  models::DesiredLRP desired;
  REQUIRE(FromJson(R"({"metric_tags":{"a":{"dynamic":"X"}}})", &desired).ok());
  CHECK(desired.metric_tags().at("a").dynamic() == 0);
}

TEST_CASE("json: text that is no JSON is refused with its place", "[wire][json]") {
  models::DesiredLRP lrp;
  for (const std::string text : {"", "{", "{\"domain\":\"a\"} x", "{\"domain\":\"\xff\"}"}) {
    INFO(text);
    const absl::Status status = FromJson(text, &lrp);
    CHECK(IsDiegoError(status, ErrorType::kInvalidJSON));
    CHECK_THAT(std::string(status.message()), Catch::StartsWith("parse error at line 1"));
  }
}

TEST_CASE("json: deep nesting is refused, not followed", "[wire][json]") {
  models::DesiredLRP lrp;
  const int depth = 100000;
  CHECK(std::string(FromJson(R"({"routes":{"a":)" + std::string(depth, '['), &lrp).message()) ==
        "nested too deeply");
  std::string actions = R"({"action":)";
  for (int i = 0; i < 120; ++i) actions += R"({"try":{"action":)";
  actions += "{}";
  for (int i = 0; i < 120; ++i) actions += "}}";
  CHECK_THAT(std::string(FromJson(actions + "}", &lrp).message()),
             Catch::EndsWith("nested too deeply"));
  (*lrp.mutable_routes()->mutable_routes())["a"] =
      std::string(depth, '[') + std::string(depth, ']');
  CHECK(ToJson(lrp.routes()).size() > depth);
}

TEST_CASE("json: keys match in any case, unknown keys may be ignored, null is unset",
          "[wire][json]") {
  models::DesiredLRP lrp;
  REQUIRE(FromJson(R"({"Domain":"d","LOG_GUID":"x","log_guid":"l","other":1,"setup":null})", &lrp)
              .ok());
  CHECK(lrp.domain() == "d");
  CHECK(lrp.log_guid() == "l");
  CHECK_FALSE(lrp.has_setup());
}

}  // namespace
}  // namespace diego::wire
