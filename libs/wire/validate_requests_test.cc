// One row a rule of reference/wire-models.md "Validation": actual LRPs, tasks, domains, cells.
#include <catch2/catch.hpp>

#include "google/protobuf/text_format.h"
#include "libs/models/error.h"
#include "libs/wire/validate.h"

namespace diego::wire {
namespace {

// `text` is the request in protobuf's text format; `message` is empty for a valid one.
struct Row {
  std::string text;
  std::string message;
};

template <typename Request>
void CheckRows(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    INFO(Request::descriptor()->name() << " { " << row.text << " }");
    Request request;
    REQUIRE(google::protobuf::TextFormat::ParseFromString(row.text, &request));
    const absl::Status status = Validate(request);
    CHECK(std::string(status.message()) == row.message);
    CHECK(status.ok() == row.message.empty());
    if (!status.ok()) CHECK(IsDiegoError(status, ErrorType::kInvalidRequest));
  }
}

constexpr char kKey[] = "actual_lrp_key { process_guid: 'p' index: 1 domain: 'd' } ";
constexpr char kInstance[] = "actual_lrp_instance_key { instance_guid: 'i' cell_id: 'c' } ";
constexpr char kNetInfo[] = "actual_lrp_net_info { address: '1.2.3.4' } ";
constexpr char kBadKey[] = "actual_lrp_key { index: -1 } ";
constexpr char kBadKeyFaults[] =
    "Invalid field: process_guid, Invalid field: index, Invalid field: domain";
constexpr char kBadInstanceFaults[] = "Invalid field: instance_guid, Invalid field: cell_id";
const std::string kBoth = std::string(kKey) + kInstance;

TEST_CASE("validate: requests about actual LRPs", "[wire][validate]") {
  CheckRows<models::ClaimActualLRPRequest>(
      {{std::string("process_guid: 'p' ") + kInstance, ""},
       {"", "Invalid field: process_guid, Invalid field: actual_lrp_instance_key"},
       {"process_guid: 'p' actual_lrp_instance_key {}", kBadInstanceFaults}});
  CheckRows<models::CrashActualLRPRequest>(
      {{kBoth, ""},
       {"", "Invalid field: actual_lrp_key, Invalid field: actual_lrp_instance_key"},
       {std::string(kBadKey) + kInstance, kBadKeyFaults}});
  CheckRows<models::FailActualLRPRequest>(
      {{std::string(kKey) + "error_message: 'e'", ""},
       {kKey, "Invalid field: error_message"},
       {"", "Invalid field: actual_lrp_key, Invalid field: error_message"}});
  CheckRows<models::RetireActualLRPRequest>(
      {{kKey, ""}, {"", "Invalid field: actual_lrp_key"}, {kBadKey, kBadKeyFaults}});
  CheckRows<models::RemoveActualLRPRequest>(
      {{"process_guid: 'p'", ""},
       {std::string("process_guid: 'p' ") + kInstance, ""},
       {"index: -1", "Invalid field: process_guid, Invalid field: index"},
       {"process_guid: 'p' actual_lrp_instance_key {}", kBadInstanceFaults}});
  CheckRows<models::ActualLRPsByProcessGuidsRequest>(
      {{"process_guids: 'p'", ""}, {"", "process_guids must not be empty"}});
  CheckRows<models::ActualLRPGroupsByProcessGuidRequest>(
      {{"process_guid: 'p'", ""}, {"", "Invalid field: process_guid"}});
  CheckRows<models::ActualLRPGroupByProcessGuidAndIndexRequest>(
      {{"process_guid: 'p'", ""},
       {"index: -1", "Invalid field: process_guid, Invalid field: index"}});
}

TEMPLATE_TEST_CASE("validate: requests of an instance that runs", "[wire][validate]",
                   models::StartActualLRPRequest, models::EvacuateRunningActualLRPRequest) {
  CheckRows<TestType>({{kBoth + kNetInfo, ""},
                       {"",
                        "Invalid field: actual_lrp_key, Invalid field: actual_lrp_instance_key, "
                        "Invalid field: actual_lrp_net_info"},
                       {kBoth + "actual_lrp_net_info {}", "Invalid field: address"},
                       {kBoth + "actual_lrp_net_info { address: 'a' preferred_address: 9 }",
                        "Invalid field: preferred_address"},
                       {std::string(kBadKey) + "actual_lrp_instance_key {}" + kNetInfo,
                        std::string(kBadKeyFaults) + ", " + kBadInstanceFaults}});
}

TEMPLATE_TEST_CASE("validate: evacuation requests whose instance key may be missing",
                   "[wire][validate]", models::EvacuateClaimedActualLRPRequest,
                   models::EvacuateStoppedActualLRPRequest) {
  CheckRows<TestType>({{kBoth, ""},
                       {kKey, ""},
                       {"", "Invalid field: actual_lrp_key"},
                       {std::string(kKey) + "actual_lrp_instance_key {}", kBadInstanceFaults}});
}

TEST_CASE("validate: the other evacuation requests", "[wire][validate]") {
  CheckRows<models::EvacuateCrashedActualLRPRequest>(
      {{kBoth + "error_message: 'e'", ""},
       {kBoth, "Invalid field: error_message"},
       {"",
        "Invalid field: actual_lrp_key, Invalid field: actual_lrp_instance_key, "
        "Invalid field: error_message"}});
  CheckRows<models::RemoveEvacuatingActualLRPRequest>(
      {{kBoth, ""}, {"", "Invalid field: actual_lrp_key, Invalid field: actual_lrp_instance_key"}});
}

TEST_CASE("validate: each rule of a task definition", "[wire][validate]") {
  const std::string good = "root_fs: 'docker:///x' action { run_action { path: 'p' user: 'u' } } ";
  CheckRows<models::TaskDefinition>({
      {good, ""},
      {"", "Invalid field: rootfs, invalid action type"},
      {good + "memory_mb: -1", "Invalid field: memory_mb"},
      {good + "disk_mb: -1", "Invalid field: disk_mb"},
      {good + "max_pids: -1", "Invalid field: max_pids"},
      {good + "log_rate_limit { bytes_per_second: -1 }", ""},
      {good + "log_rate_limit { bytes_per_second: -2 }", "Invalid field: log_rate_limit"},
      {good + "annotation: '" + std::string(10241, 'a') + "'", "Invalid field: annotation"},
      {good + "egress_rules { protocol: 'x' }", "Invalid field: egress_rules"},
      {good + "image_username: 'x'", "Invalid field: image_password"},
      {good + "image_password: 'x'", "Invalid field: image_username"},
      {good + "cached_dependencies { from: 'f' }",
       "Invalid field: cached_dependency, Invalid field: to"},
      {good + "image_layers { url: 'u' destination_path: 'd' layer_type: SHARED }",
       "Invalid field: image_layer, Invalid field: media_type"},
      {good + "image_layers { url: 'u' destination_path: 'd' layer_type: EXCLUSIVE media_type: TGZ "
              "digest_algorithm: SHA256 digest_value: 'v' }",
       "Invalid field: legacy_download_user"},
      {good + "metric_tags { key: 'x' value {} }",
       "Invalid field: metric_tags, Invalid field: static, Invalid field: dynamic"},
      {good + "volume_mounts {}", ""},
      {good + "environment_variables {}", ""},
      {"root_fs: 'a:b' action { run_action { user: 'u' } }",
       "Invalid field: action, Invalid field: path"},
  });
}

TEST_CASE("validate: requests about tasks", "[wire][validate]") {
  CheckRows<models::DesireTaskRequest>(
      {{"task_guid: 't' domain: 'd' task_definition { root_fs: 'a:b' "
        "action { run_action { path: 'p' user: 'u' } } }",
        ""},
       {"", "Invalid field: task_guid, Invalid field: domain, Invalid field: task_definition"},
       {"task_guid: 'a/b' domain: 'd' task_definition {}",
        "Invalid field: task_guid, Invalid field: rootfs, invalid action type"}});
  CheckRows<models::StartTaskRequest>(
      {{"task_guid: 't' cell_id: 'c'", ""},
       {"task_guid: 'a b'", "Invalid field: task_guid, Invalid field: cell_id"}});
  CheckRows<models::CompleteTaskRequest>(
      {{"task_guid: 't' cell_id: 'c'", ""},
       {"", "Invalid field: task_guid, Invalid field: cell_id"}});
  CheckRows<models::FailTaskRequest>(
      {{"task_guid: 't' failure_reason: 'r'", ""},
       {"", "Invalid field: task_guid, Invalid field: failure_reason"}});
  CheckRows<models::RejectTaskRequest>(
      {{"task_guid: 't' rejection_reason: 'r'", ""},
       {"", "Invalid field: task_guid, Invalid field: failure_reason"}});
  CheckRows<models::TaskGuidRequest>({{"task_guid: 't'", ""}, {"", "Invalid field: task_guid"}});
  CheckRows<models::TaskByGuidRequest>({{"task_guid: 't'", ""}, {"", "Invalid field: task_guid"}});
}

TEST_CASE("validate: domains and cells", "[wire][validate]") {
  CheckRows<models::UpsertDomainRequest>({{"domain: 'd'", ""}, {"", "Invalid field: domain"}});
  const std::string at = "Invalid field: crash_restart_policy.";
  const std::string policy = "domain: 'd' crash_restart_policy ";
  CheckRows<models::UpsertDomainRequest>({
      {policy + "{}", ""},
      {policy + "{ number_of_immediate_restarts: 0 }", ""},
      {policy + "{ number_of_immediate_restarts: 9 }", ""},
      {policy + "{ number_of_immediate_restarts: 10 }",
       at + "number_of_immediate_restarts: 10 is not between 0 and 9"},
      {policy + "{ number_of_immediate_restarts: -1 }",
       at + "number_of_immediate_restarts: -1 is not between 0 and 9"},
      {policy + "{ number_of_immediate_restarts: 4 max_restart_attempts: 5 }", ""},
      {policy + "{ number_of_immediate_restarts: 5 max_restart_attempts: 5 }",
       at + "number_of_immediate_restarts: 5 is not below max_restart_attempts, which is 5"},
      {policy + "{ number_of_immediate_restarts: 9 max_restart_attempts: 0 }", ""},
      {policy + "{ max_seconds_between_restarts: 31 }", ""},
      {policy + "{ max_seconds_between_restarts: 30 }",
       at + "max_seconds_between_restarts: 30 is not above 30"},
      {policy + "{ max_seconds_between_restarts: 0 max_restart_attempts: -2 }",
       at + "max_seconds_between_restarts: 0 is not above 30, " + at +
           "max_restart_attempts: -2 is negative; 0 means without end"},
  });
  const std::string good = "cell_id: 'c' rep_address: 'a' capacity { memory_mb: 1 containers: 1 } ";
  CheckRows<models::CellPresence>({
      {good + "rep_url: 'https://c'", ""},
      {good + "rep_url: 'http://c'", ""},
      {good + "rep_url: 'c'", "Invalid field: rep_url"},
      {"capacity { disk_mb: -1 }",
       "Invalid field: cell_id, Invalid field: rep_address, Invalid field: rep_url, "
       "Invalid field: memory_mb, Invalid field: disk_mb, Invalid field: containers"},
      {good + "rep_url: 'http://c' annotations { key: 'k' }", "Invalid field: annotations"},
      {good + "rep_url: 'http://c' annotations { key: 'k' value: 'v' }", ""},
  });
}

}  // namespace
}  // namespace diego::wire
