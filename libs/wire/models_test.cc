// What the translation of each noun must keep, drop and refuse. That nothing is lost on the way is
// checked over random messages in round_trip_test.cc.
#include <catch2/catch.hpp>

#include "libs/models/error.h"
#include "libs/wire/actual_lrp.h"
#include "libs/wire/cell.h"
#include "libs/wire/desired_lrp.h"
#include "libs/wire/domain.h"
#include "libs/wire/events.h"
#include "libs/wire/serialize.h"
#include "libs/wire/task.h"

namespace diego::wire {
namespace {

void CheckInvalid(const absl::Status& status, const std::string& message) {
  CHECK(ErrorTypeOf(status) == ErrorType::kInvalidRequest);
  CHECK(std::string(status.message()) == message);
}

TEST_CASE("enums: an unknown number is refused with the field's name", "[wire]") {
  models::ActualLRP lrp;
  lrp.set_state("RUNNING");
  REQUIRE(FromProto(lrp).ok());
  lrp.set_presence(static_cast<models::ActualLRP::Presence>(9));
  CheckInvalid(FromProto(lrp).status(), "Invalid field: presence: unknown value 9");
  lrp.mutable_actual_lrp_net_info()->set_preferred_address(
      static_cast<models::ActualLRPNetInfo::PreferredAddress>(-1));
  CheckInvalid(FromProto(lrp).status(), "Invalid field: preferred_address: unknown value -1");
  lrp.Clear();
  lrp.set_state("running");
  CheckInvalid(FromProto(lrp).status(), "Invalid field: state: unknown value 'running'");

  models::Task task;
  task.set_state(static_cast<models::Task::State>(5));
  CheckInvalid(FromProto(task).status(), "Invalid field: state: unknown value 5");

  models::DesiredLRP desired;
  desired.set_update_strategy(static_cast<models::DesiredLRP::UpdateStrategy>(2));
  CheckInvalid(FromProto(desired).status(), "Invalid field: update_strategy: unknown value 2");
  desired.set_update_strategy(models::DesiredLRP::RECREATE);
  (*desired.mutable_metric_tags())["a"].set_dynamic(
      static_cast<models::MetricTagValue::DynamicValue>(3));
  CheckInvalid(FromProto(desired).status(), "Invalid field: metric_tags: unknown value 3");
}

TEST_CASE("actual LRP: the always-serialized parts are written when empty", "[wire]") {
  const models::ActualLRP proto = ToProto(ActualLrp{});
  CHECK(proto.has_actual_lrp_key());
  CHECK(proto.has_actual_lrp_instance_key());
  CHECK(proto.has_actual_lrp_net_info());
  CHECK(proto.has_modification_tag());
  CHECK_FALSE(proto.has_routable());
}

TEST_CASE("desired LRP: image credentials stay out of the run info", "[wire]") {
  models::DesiredLRP proto;
  proto.set_process_guid("web");
  proto.set_image_username("ada");
  proto.set_image_password("secret");
  proto.set_cpu_weight(7);
  proto.add_volume_mounts()->set_driver("nfs");
  DesiredLrp lrp = *FromProto(proto, absl::FromUnixNanos(12));
  CHECK(lrp.image_username == "ada");
  CHECK(lrp.run_info.bytes().find("secret") == std::string::npos);
  CHECK(lrp.placement.volume_drivers == std::vector<std::string>{"nfs"});
  CHECK(RunInfoOf(lrp)->created_at() == 12);
  CHECK(RunInfoOf(lrp)->desired_lrp_key().process_guid() == "web");

  DesiredLrp read = lrp;
  read.image_username = read.image_password = "";
  read.run_info = Opaque();
  REQUIRE(SetRunInfoWithCredentials(RunInfoWithCredentials(lrp), &read).ok());
  CHECK(read == lrp);
}

TEST_CASE("desired LRP: a run info that is none is a Deserialize error", "[wire]") {
  DesiredLrp lrp;
  lrp.run_info = Opaque("\xff\xff");
  CHECK(IsDiegoError(ToProto(lrp).status(), ErrorType::kDeserialize));
  CHECK(IsDiegoError(SetRunInfoWithCredentials("\xff\xff", &lrp), ErrorType::kDeserialize));
  Task task;
  task.definition = Opaque("\xff\xff");
  CHECK(IsDiegoError(ToProto(task).status(), ErrorType::kDeserialize));
}

TEST_CASE("metrics guid and source_id: the missing one is filled on reads", "[wire]") {
  const auto [guid, tag, wanted] = GENERATE(table<std::string, std::string, std::string>({
      {"g", "", "g"},
      {"", "g", "g"},
      {"g", "g", "g"},
      {"", "", ""},
  }));
  models::DesiredLRP proto;
  proto.set_metrics_guid(guid);
  if (!tag.empty()) (*proto.mutable_metric_tags())["source_id"].set_static_(tag);
  const models::DesiredLRP read = *ToProto(*FromProto(proto));
  CHECK(read.metrics_guid() == wanted);
  CHECK(read.metric_tags().count("source_id") == (wanted.empty() ? 0 : 1));
  if (!wanted.empty()) CHECK(read.metric_tags().at("source_id").static_() == wanted);

  models::Task task;
  task.mutable_task_definition()->set_metrics_guid(guid);
  if (!tag.empty()) {
    (*task.mutable_task_definition()->mutable_metric_tags())["source_id"].set_static_(tag);
  }
  const models::Task read_task = *ToProto(*FromProto(task));
  CHECK(read_task.task_definition().metrics_guid() == wanted);
  CHECK(read_task.task_definition().metric_tags().count("source_id") == (wanted.empty() ? 0 : 1));
}

TEST_CASE("desired LRP: a routing info carries what routers need and no more", "[wire]") {
  DesiredLrp lrp;
  lrp.process_guid = ProcessGuid("web");
  lrp.instances = 2;
  lrp.routes["cf-router"] = "[]";
  lrp.annotation = "long";
  lrp.run_info = Opaque("\xff\xff");  // not looked at
  const models::DesiredLRP proto = ToRoutingInfoProto(lrp);
  CHECK(proto.process_guid() == "web");
  CHECK(proto.instances() == 2);
  CHECK(proto.routes().routes().at("cf-router") == "[]");
  CHECK(proto.annotation().empty());
}

TEST_CASE("desired LRP update: absent members change nothing", "[wire]") {
  CHECK(ToProto(DesiredLrpUpdate{})->ByteSizeLong() == 0);
  DesiredLrpUpdate update;
  update.instances = 0;
  update.annotation = "";
  update.routes = Routes{};
  CHECK(*FromProto(*ToProto(update)) == update);
}

TEST_CASE("task: what rules need is drawn from the definition", "[wire]") {
  models::DesireTaskRequest request;
  request.set_task_guid("t");
  request.set_domain("d");
  models::TaskDefinition& definition = *request.mutable_task_definition();
  definition.set_root_fs("preloaded:x");
  definition.set_memory_mb(1);
  definition.set_disk_mb(2);
  definition.set_max_pids(3);
  definition.add_placement_tags("ssd");
  definition.add_volume_mounts()->set_driver("nfs");
  definition.set_completion_callback_url("http://x");
  definition.set_annotation("a");
  const Task task = FromProto(request);
  CHECK(task.state == TaskState::kPending);
  CHECK(task.size == WorkloadSize{1, 2, 3});
  CHECK(task.placement == PlacementConstraint{"preloaded:x", {"ssd"}, {"nfs"}});
  CHECK(task.completion_callback_url == "http://x");
  CHECK(task.annotation == "a");
  Task stored;
  REQUIRE(SetDefinitionBytes(task.definition.bytes(), &stored).ok());
  CHECK(stored.placement == task.placement);
  CHECK(ToCallbackProto(task).annotation() == "a");
}

TEST_CASE("cell: a capacity beyond the message's range is the most it can say", "[wire]") {
  CellPresence cell;
  cell.capacity.memory_mb = int64_t{1} << 40;
  CHECK(ToProto(cell).capacity().memory_mb() == 2147483647);
}

TEST_CASE("strings: bytes that are no UTF-8 are replaced, not sent", "[wire]") {
  const auto [text, wanted] = GENERATE(table<std::string, std::string>({
      {"plain", "plain"},
      {"\xc3\xbc \xe2\x82\xac \xf0\x9f\x9a\x80", "\xc3\xbc \xe2\x82\xac \xf0\x9f\x9a\x80"},
      {"cut \xe2\x82", "cut \xef\xbf\xbd\xef\xbf\xbd"},
      {"\xff(", "\xef\xbf\xbd("},
      {"\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd"},
      {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
  }));
  Task task;
  task.result = text;
  const models::Task proto = *ToProto(task);
  CHECK(proto.result() == wanted);
  models::Task back;
  CHECK(back.ParseFromString(proto.SerializeAsString()));
  ActualLrp lrp;
  lrp.crash_reason = text;
  CHECK(ToProto(lrp).crash_reason() == wanted);
}

TEST_CASE("strings: bytes that are no UTF-8 are read as replaced, at any depth, in maps too",
          "[wire]") {
  const google::protobuf::LogSilencer silence;  // protobuf tells of every bad string
  models::DesiredLRP lrp;
  lrp.set_process_guid("g");
  lrp.set_annotation("M\xfcller");
  lrp.add_environment_variables()->set_value("\xe4");
  models::Action* action = lrp.mutable_action();
  for (int i = 0; i < 20; ++i) {
    action = action->mutable_timeout_action()->mutable_action();
  }
  action->mutable_run_action()->set_path("/bin/\xff");
  lrp.mutable_routes()->mutable_routes()->insert({"r", std::string("\xff\x00", 2)});  // bytes
  (*lrp.mutable_metric_tags())["k\xff"].set_static_("v\xff");
  lrp.set_instances(-1);
  const std::string bytes = lrp.SerializePartialAsString();
  models::DesiredLRP read;
  REQUIRE_FALSE(read.ParseFromString(bytes));
  REQUIRE(Parse(bytes, "lrp", &read).ok());
  CHECK(read.process_guid() == "g");
  CHECK(read.instances() == -1);
  CHECK(read.annotation() == "M\xef\xbf\xbdller");
  CHECK(read.environment_variables(0).value() == "\xef\xbf\xbd");
  const models::Action* inner = &read.action();
  while (inner->has_timeout_action()) inner = &inner->timeout_action().action();
  CHECK(inner->run_action().path() == "/bin/\xef\xbf\xbd");
  CHECK(read.routes().routes().at("r") == std::string("\xff\x00", 2));
  CHECK(read.metric_tags().at("k\xef\xbf\xbd").static_() == "v\xef\xbf\xbd");
  for (size_t cut = 1; cut < bytes.size(); ++cut) {
    Parse(bytes.substr(0, cut), "lrp", &read).IgnoreError();
  }
  CHECK_FALSE(Parse(bytes + "\x0a", "lrp", &read).ok());
  lrp.set_annotation(std::string(17 << 20, 'a') + '\xfc');  // more than is mended
  CHECK_FALSE(Parse(lrp.SerializePartialAsString(), "lrp", &read).ok());
  CHECK_FALSE(Parse(bytes + "\x0b", "lrp", &read).ok());
}

TEST_CASE("domain: a ttl of zero never expires, and no other ttl becomes zero", "[wire]") {
  models::UpsertDomainRequest request;
  CHECK(TtlOf(request) == absl::InfiniteDuration());
  request.set_ttl(4000000000u);
  CHECK(TtlOf(request) == absl::Seconds(4000000000));
  CHECK(UpsertDomainProto(Domain("d"), absl::InfiniteDuration()).ttl() == 0);
  CHECK(UpsertDomainProto(Domain("d"), absl::Milliseconds(1)).ttl() == 1);
  CHECK(UpsertDomainProto(Domain("d"), absl::Hours(24 * 365 * 200)).ttl() == 4294967295u);
}

TEST_CASE("events: a changed instance is named by its keys after, else before", "[wire]") {
  ActualLrp before;
  before.key = {ProcessGuid("web"), 1, Domain("d")};
  before.instance = {InstanceGuid("i"), CellId("c")};
  ActualLrp after = before;
  after.instance = {};
  CHECK(ActualLrpInstanceChanged(before, after, "t").actual_lrp_instance_key().cell_id() == "c");
  CHECK(ActualLrpInstanceChanged(after, before, "t").actual_lrp_instance_key().cell_id() == "c");
  CHECK(ActualLrpInstanceChanged(before, after, "t").actual_lrp_key().process_guid() == "web");
}

}  // namespace
}  // namespace diego::wire
