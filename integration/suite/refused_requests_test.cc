// Requests that can be read and may be made, but not like this: the answer names the field or the
// record, and nothing changes.
#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "integration/suite/raw_peer.h"
#include "integration/suite/refusals_fixture.h"
#include "libs/models/error.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/status.h"
#include "proto/diego/bbs.grpc.pb.h"

namespace diego::suite {
namespace {

using google::protobuf::MethodDescriptor;
using rpc::Role;

constexpr absl::Duration kCallTimeout = absl::Seconds(10);

TEST_CASE("an LRP that breaks the rules is refused with the field at fault", "[integration]") {
  constexpr char kGood[] =
      "process_guid: 'new' domain: 'demo' root_fs: 'preloaded:busybox' instances: 1 "
      "action { run_action { path: '/bin/true' user: 'vcap' } } "
      "metric_tags { key: 'source_id' value { static: 'new' } } ";
  struct Case {
    std::string added;  // the last of a field counts
    std::string text;
  };
  const auto row = GENERATE(values<Case>({
      {"process_guid: 'not a guid'", "Invalid field: process_guid"},
      {"process_guid: ''", "Invalid field: process_guid"},
      {"domain: ''", "Invalid field: domain"},
      {"root_fs: ''", "Invalid field: rootfs"},
      {"root_fs: 'no scheme'", "Invalid field: rootfs"},
      {"instances: -1", "Invalid field: instances"},
      {"memory_mb: -1", "Invalid field: memory_mb"},
      {"disk_mb: -1", "Invalid field: disk_mb"},
      {"max_pids: -1", "Invalid field: max_pids"},
      {"log_rate_limit { bytes_per_second: -2 }", "Invalid field: log_rate_limit"},
      {"image_username: 'me'", "Invalid field: image_password"},
      {"action { run_action { path: '' user: 'vcap' } }", "Invalid field: path"},
      {"monitor { timeout_action { timeout_ms: 0 } }", "Invalid field: monitor"},
      {"check_definition { checks { tcp_check { port: 70000 } } }", "Invalid field: port"},
      {"egress_rules { protocol: 'carrier-pigeon' }", "egress_rules"},
      {"environment_variables { name: '' value: 'x' }", "name cannot be blank"},
      {"volume_mounts { driver: '' mode: 'rw' }", "invalid volume_mount driver"},
      {"metric_tags { key: 'source_id' value { } }", "metric_tags"},
  }));
  RefusalsFixture& fixture = RefusalsFixture::Shared();
  const auto stub = Bbs::NewStub(fixture.ChannelAs(fixture.door("diego.Bbs"), Role::kOperator));
  models::DesireLRPRequest request;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(kGood, request.mutable_desired_lrp()));
  models::DesiredLRP added;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(row.added, &added));
  // Merging keeps what is empty; these are about fields that are.
  if (row.added == "process_guid: ''") request.mutable_desired_lrp()->clear_process_guid();
  if (row.added == "domain: ''") request.mutable_desired_lrp()->clear_domain();
  if (row.added == "root_fs: ''") request.mutable_desired_lrp()->clear_root_fs();
  if (added.has_action()) request.mutable_desired_lrp()->clear_action();
  if (added.metric_tags_size() > 0) request.mutable_desired_lrp()->clear_metric_tags();
  request.mutable_desired_lrp()->MergeFrom(added);
  INFO(row.added);
  models::DesiredLRPLifecycleResponse response;
  const grpc::Status status = stub->DesireLRP(rpc::MakeContext().get(), request, &response);
  CHECK(status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  CHECK_THAT(status.error_message(), Catch::Contains(row.text));
  CHECK(IsDiegoError(rpc::FromGrpc(status), ErrorType::kInvalidRequest));
  CHECK(fixture.Unharmed() == absl::OkStatus());
}

TEST_CASE("requests that break the rules or meet no record are refused with words",
          "[integration]") {
  using Code = grpc::StatusCode;
  constexpr char kRunning[] =
      "actual_lrp_key { process_guid: 'web' domain: 'demo' } "
      "actual_lrp_instance_key { instance_guid: 'mine' cell_id: 'cell-2' } ";
  struct Case {
    std::string service;
    std::string method;
    Role role;
    std::string request;
    Code code;
    std::string text;
  };
  const std::string bbs = "diego.Bbs";
  const std::string locket = "models.Locket";
  const auto row = GENERATE_COPY(values<Case>({
      {locket, "Lock", Role::kOperator, "", Code::INVALID_ARGUMENT, "invalid-resource"},
      {locket, "Lock", Role::kOperator, "resource { key: 'a' owner: 'b' } ttl_in_seconds: 5",
       Code::NOT_FOUND, "invalid-type"},
      {locket, "Lock", Role::kOperator, "resource { key: 'a' owner: 'b' type_code: LOCK }",
       Code::INVALID_ARGUMENT, "invalid-ttl"},
      {locket, "Lock", Role::kOperator, "resource { key: 'a' type_code: LOCK } ttl_in_seconds: 5",
       Code::INVALID_ARGUMENT, "invalid-owner"},
      {locket, "Lock", Role::kOperator,
       "resource { key: 'bbs' owner: 'thief' type_code: LOCK } ttl_in_seconds: 5",
       Code::ALREADY_EXISTS, "lock-collision"},
      {locket, "Lock", Role::kOperator,
       absl::StrCat("resource { key: 'a' owner: 'b' type_code: LOCK value: '",
                    std::string(5000, 'v'), "' } ttl_in_seconds: 5"),
       Code::UNKNOWN, "4096"},
      {locket, "Release", Role::kOperator, "resource { key: 'bbs' owner: 'thief' }",
       Code::ALREADY_EXISTS, "lock-collision"},
      {locket, "Fetch", Role::kOperator, "key: 'nothing'", Code::NOT_FOUND, "resource-not-found"},
      {locket, "FetchAll", Role::kOperator, "", Code::NOT_FOUND, "invalid-type"},
      {bbs, "UpsertDomain", Role::kOperator, "", Code::INVALID_ARGUMENT, "Invalid field: domain"},
      {bbs, "RemoveDesiredLRP", Role::kOperator, "", Code::INVALID_ARGUMENT,
       "Invalid field: process_guid"},
      {bbs, "RemoveDesiredLRP", Role::kOperator, "process_guid: 'nothing'", Code::NOT_FOUND,
       "the requested resource could not be found"},
      {bbs, "UpdateDesiredLRP", Role::kOperator, "process_guid: 'web' update { instances: -1 }",
       Code::INVALID_ARGUMENT, "Invalid field: instances"},
      {bbs, "UpdateDesiredLRP", Role::kOperator, "process_guid: 'nothing' update { }",
       Code::NOT_FOUND, "the requested resource could not be found"},
      {bbs, "DesireTask", Role::kOperator, "", Code::INVALID_ARGUMENT, "Invalid field: task_guid"},
      {bbs, "DesireTask", Role::kOperator, "task_guid: 't' domain: 'd' task_definition { }",
       Code::INVALID_ARGUMENT, "Invalid field: rootfs"},
      {bbs, "CancelTask", Role::kOperator, "", Code::INVALID_ARGUMENT, "Invalid field: task_guid"},
      {bbs, "CancelTask", Role::kOperator, "task_guid: 'nothing'", Code::NOT_FOUND,
       "the requested resource could not be found"},
      {bbs, "DeleteTask", Role::kOperator, "task_guid: 'sum'", Code::FAILED_PRECONDITION,
       "Cannot transition from Completed to"},
      {bbs, "StartTask", Role::kRep, "task_guid: 'sum' cell_id: 'cell-2'",
       Code::FAILED_PRECONDITION, "Cannot transition from Completed to Running"},
      {bbs, "CompleteTask", Role::kRep, "task_guid: 'nothing' cell_id: 'cell-2'", Code::NOT_FOUND,
       "the requested resource could not be found"},
      {bbs, "RetireActualLRP", Role::kOperator,
       "actual_lrp_key { process_guid: 'web' index: 7 domain: 'demo' }", Code::NOT_FOUND,
       "the requested resource could not be found"},
      {bbs, "RetireActualLRP", Role::kOperator, "actual_lrp_key { index: -1 }",
       Code::INVALID_ARGUMENT, "Invalid field: process_guid, Invalid field: index"},
      {bbs, "FailActualLRP", Role::kAuctioneer,
       "actual_lrp_key { process_guid: 'web' domain: 'demo' } error_message: 'no room'",
       Code::FAILED_PRECONDITION, "cannot fail actual LRP"},
      {bbs, "ClaimActualLRP", Role::kRep,
       "process_guid: 'web' actual_lrp_instance_key { instance_guid: 'mine' cell_id: 'cell-2' }",
       Code::FAILED_PRECONDITION, "cannot claim actual LRP"},
      {bbs, "StartActualLRP", Role::kRep,
       absl::StrCat(kRunning, "actual_lrp_net_info { address: '10.0.0.2' }"),
       Code::FAILED_PRECONDITION, "cannot start actual LRP"},
      {bbs, "StartActualLRP", Role::kRep, kRunning, Code::INVALID_ARGUMENT,
       "Invalid field: actual_lrp_net_info"},
      {bbs, "CrashActualLRP", Role::kRep, absl::StrCat(kRunning, "error_message: 'no'"),
       Code::FAILED_PRECONDITION, "cannot crash actual LRP"},
      {bbs, "ActualLRPsByProcessGuids", Role::kOperator, "", Code::INVALID_ARGUMENT,
       "process_guids must not be empty"},
      {bbs, "Subscribe", Role::kOperator, "after_revision: 9000000000000000000", Code::OUT_OF_RANGE,
       "9000000000000000000"},
      {"diego.Cell", "StopLRP", Role::kBbs,
       "key { process_guid: 'web' domain: 'demo' } "
       "instance_key { instance_guid: 'mine' cell_id: 'cell-1' }",
       Code::NOT_FOUND, "mine"},
      {"diego.Cell", "Work", Role::kAuctioneer, "cell_id: 'cell-9'", Code::INVALID_ARGUMENT,
       "cell-9"},
      {"diego.Cell", "Logs", Role::kOperator, "container_guid: 'nothing'", Code::NOT_FOUND,
       "nothing"},
  }));
  RefusalsFixture& fixture = RefusalsFixture::Shared();
  const Door& door = fixture.door(row.service);
  const MethodDescriptor* method = door.descriptor()->FindMethodByName(row.method);
  const CellId cell(row.role == Role::kRep ? RefusalsFixture::other_cell() : CellId());
  INFO(row.method << " {" << row.request.substr(0, 200) << "}");
  const grpc::Status status =
      CallWithBytes(fixture.ChannelAs(door, row.role, cell), door.MethodPath(*method),
                    RequestBytes(*method, row.request), kCallTimeout);
  CHECK(status.error_code() == row.code);
  CHECK_THAT(status.error_message(), Catch::Contains(row.text));
  CHECK(fixture.Unharmed() == absl::OkStatus());
}

}  // namespace
}  // namespace diego::suite
