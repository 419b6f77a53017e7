#include "services/rep/effects/run_reader.h"

#include <catch2/catch.hpp>

#include "libs/wire/desired_lrp.h"
#include "libs/wire/task.h"
#include "proto/models/desired_lrp.pb.h"
#include "proto/models/task.pb.h"
#include "services/rep/effects/action_reader.h"

namespace diego::rep {
namespace {

models::Action RunProto(const std::string& path) {
  models::Action action;
  action.mutable_run_action()->set_path(path);
  action.mutable_run_action()->set_user("vcap");
  return action;
}

template <typename Node>
const Node& As(const ActionPtr& action) {
  REQUIRE(action != nullptr);
  REQUIRE(std::holds_alternative<Node>(action->node));
  return std::get<Node>(action->node);
}

models::DesiredLRP Web() {
  models::DesiredLRP lrp;
  lrp.set_process_guid("web");
  lrp.set_domain("d");
  lrp.set_root_fs("preloaded:busybox");
  lrp.set_instances(1);
  lrp.set_log_guid("log");
  lrp.set_log_source("APP");
  *lrp.mutable_action() = RunProto("/bin/httpd");
  return lrp;
}

absl::StatusOr<LrpRun> ReadRun(const models::DesiredLRP& proto) {
  const auto lrp = wire::FromProto(proto);
  REQUIRE(lrp.ok());
  return ReadLrpRun(*lrp, {ProcessGuid("web"), 2, Domain("d")}, InstanceGuid("instance"));
}

TEST_CASE("actions: every kind is read with its parts", "[rep][actions]") {
  models::Action proto;
  models::SerialAction* serial = proto.mutable_serial_action();
  models::RunAction* run = serial->add_actions()->mutable_run_action();
  run->set_path("/bin/a");
  run->add_args("x");
  run->set_dir("/dir");
  run->set_user("vcap");
  run->mutable_resource_limits()->set_nofile(7);
  auto* env = run->add_env();
  env->set_name("N");
  env->set_value("V");
  models::DownloadAction* download = serial->add_actions()->mutable_download_action();
  download->set_from("http://x");
  download->set_to("/to");
  download->set_checksum_algorithm("md5");
  download->set_checksum_value("00");
  serial->add_actions()->mutable_upload_action()->set_to("http://y");
  models::TimeoutAction* timeout = serial->add_actions()->mutable_timeout_action();
  *timeout->mutable_action() = RunProto("/bin/t");
  timeout->set_timeout_ms(1500);
  models::EmitProgressAction* emit = serial->add_actions()->mutable_emit_progress_action();
  *emit->mutable_action() = RunProto("/bin/e");
  emit->set_start_message("go");
  *serial->add_actions()->mutable_try_action()->mutable_action() = RunProto("/bin/y");
  *serial->add_actions()->mutable_parallel_action()->add_actions() = RunProto("/bin/p");
  *serial->add_actions()->mutable_codependent_action()->add_actions() = RunProto("/bin/c");

  const auto read = ReadAction(proto);
  REQUIRE(read.ok());
  const auto& actions = As<SerialAction>(*read).actions;
  REQUIRE(actions.size() == 8);
  const RunAction& first = As<RunAction>(actions[0]);
  CHECK(first.path == "/bin/a");
  CHECK(first.args == std::vector<std::string>{"x"});
  CHECK(first.dir == "/dir");
  CHECK(first.nofile == 7);
  CHECK(first.env == Environment{{"N", "V"}});
  CHECK(As<DownloadAction>(actions[1]).checksum_algorithm == "md5");
  CHECK(As<UploadAction>(actions[2]).to == "http://y");
  CHECK(As<TimeoutAction>(actions[3]).timeout == absl::Milliseconds(1500));
  CHECK(As<EmitProgressAction>(actions[4]).start_message == "go");
  CHECK(As<RunAction>(As<TryAction>(actions[5]).action).path == "/bin/y");
  CHECK(As<ParallelAction>(actions[6]).actions.size() == 1);
  CHECK(As<CodependentAction>(actions[7]).actions.size() == 1);
}

TEST_CASE("actions: none, and too many in one another, are refused", "[rep][actions]") {
  CHECK(absl::IsInvalidArgument(ReadAction(models::Action()).status()));
  models::Action deep = RunProto("/bin/a");
  for (int i = 0; i < 60; ++i) {
    models::Action outer;
    *outer.mutable_try_action()->mutable_action() = deep;
    deep = outer;
  }
  CHECK(absl::IsInvalidArgument(ReadAction(deep).status()));
}

TEST_CASE("runs: an LRP's wishes become a run", "[rep][runs]") {
  models::DesiredLRP proto = Web();
  auto* variable = proto.add_environment_variables();
  variable->set_name("FOO");
  variable->set_value("BAR");
  proto.add_ports(8080);
  proto.set_start_timeout_ms(5000);
  proto.set_cpu_weight(10);
  proto.mutable_log_rate_limit()->set_bytes_per_second(100);
  auto* check = proto.mutable_check_definition()->add_checks()->mutable_http_check();
  check->set_port(8080);
  check->set_path("/health");
  check->set_request_timeout_ms(250);
  (*proto.mutable_metric_tags())["source_id"].set_static_("log");
  (*proto.mutable_metric_tags())["instance_id"].set_dynamic(models::MetricTagValue::INDEX);
  (*proto.mutable_routes()->mutable_routes())["internal-router"] =
      R"([{"hostname":"web.internal"},{"nothing":1}])";
  auto* layer = proto.add_image_layers();
  layer->set_url("http://shared");
  layer->set_destination_path("/shared");
  layer->set_layer_type(models::ImageLayer::SHARED);
  layer->set_digest_algorithm(models::ImageLayer::SHA256);
  layer->set_digest_value("abc");
  layer = proto.add_image_layers();
  layer->set_url("http://mine");
  layer->set_destination_path("/mine");
  layer->set_layer_type(models::ImageLayer::EXCLUSIVE);
  layer->set_digest_algorithm(models::ImageLayer::SHA256);
  layer->set_digest_value("def");
  proto.set_legacy_download_user("vcap");
  *proto.add_sidecars()->mutable_action() = RunProto("/bin/sidecar");

  const auto run = ReadRun(proto);
  REQUIRE(run.ok());
  const RunSpec& spec = run->spec;
  CHECK(spec.root_fs == "preloaded:busybox");
  CHECK(spec.env.back() == EnvironmentVariable{"FOO", "BAR"});
  CHECK(spec.env.front() == EnvironmentVariable{"INSTANCE_GUID", "instance"});
  CHECK(spec.ports == std::vector<uint16_t>{8080});
  CHECK(spec.start_timeout == absl::Seconds(5));
  CHECK(spec.cpu_weight == 10);
  CHECK(spec.log.guid == "log");
  CHECK(spec.log.index == 2);
  CHECK(spec.log.source == "APP");
  CHECK(spec.log.bytes_per_second == 100);
  REQUIRE(spec.checks);
  CHECK(spec.checks->checks.at(0).kind == HealthCheck::Kind::kHttp);
  CHECK(spec.checks->checks.at(0).path == "/health");
  CHECK(spec.checks->checks.at(0).timeout == absl::Milliseconds(250));
  CHECK(run->internal_routes == std::vector<std::string>{"web.internal"});
  CHECK(run->metric_tags.at("source_id") == "log");
  CHECK(run->metric_tags.at("instance_id") == "2");
  CHECK(spec.cached_dependencies.at(0).cache_key == "sha256:abc");
  const auto& download = As<DownloadAction>(As<ParallelAction>(spec.setup).actions.at(0));
  CHECK(download.to == "/mine");
  CHECK(download.user == "vcap");
  CHECK(As<CodependentAction>(spec.action).actions.size() == 2);
}

TEST_CASE("runs: the second layer of a root filesystem comes before all else", "[rep][runs]") {
  const std::string layered =
      "preloaded+layer:busybox?layer=http%3A%2F%2Fx%2Fy&layer_path=%2Flayer&layer_digest=abc";
  SECTION("of an LRP") {
    models::DesiredLRP proto = Web();
    proto.set_root_fs(layered);
    proto.set_legacy_download_user("vcap");
    *proto.mutable_setup() = RunProto("/bin/setup");
    const auto run = ReadRun(proto);
    REQUIRE(run.ok());
    CHECK(run->spec.root_fs == "preloaded:busybox");
    const auto& steps = As<SerialAction>(run->spec.setup).actions;
    REQUIRE(steps.size() == 2);
    CHECK(As<DownloadAction>(steps[0]).to == "/layer");
    CHECK(As<DownloadAction>(steps[0]).user == "vcap");
    CHECK(As<RunAction>(steps[1]).path == "/bin/setup");
  }
  SECTION("of an LRP without setup") {
    models::DesiredLRP proto = Web();
    proto.set_root_fs(layered);
    CHECK(As<DownloadAction>(ReadRun(proto)->spec.setup).from == "http://x/y");
  }
  SECTION("of a task") {
    models::TaskDefinition definition;
    definition.set_root_fs(layered);
    *definition.mutable_action() = RunProto("/bin/true");
    Task task;
    wire::SetDefinition(definition, &task);
    const auto run = ReadTaskRun(task);
    REQUIRE(run.ok());
    CHECK(run->spec.root_fs == "preloaded:busybox");
    const auto& steps = As<SerialAction>(run->spec.action).actions;
    REQUIRE(steps.size() == 2);
    CHECK(As<DownloadAction>(steps[0]).to == "/layer");
    CHECK(As<RunAction>(steps[1]).path == "/bin/true");
  }
}

TEST_CASE("runs: an LRP weighs something, whatever it says", "[rep][runs]") {
  models::DesiredLRP proto = Web();
  CHECK(ReadRun(proto)->spec.cpu_weight == 1);
  proto.set_cpu_weight(40);
  CHECK(ReadRun(proto)->spec.cpu_weight == 40);
}

TEST_CASE("runs: what this cell cannot run is refused", "[rep][runs]") {
  models::DesiredLRP proto = Web();
  SECTION("a second layer of nothing") { proto.set_root_fs("preloaded+layer:busybox"); }
  SECTION("no action") { proto.clear_action(); }
  SECTION("an impossible port") { proto.add_ports(70000); }
  SECTION("a check of nothing") { proto.mutable_check_definition()->add_checks(); }
  SECTION("a volume mount") { proto.add_volume_mounts()->set_driver("nfs"); }
  CHECK(absl::IsInvalidArgument(ReadRun(proto).status()));
}

TEST_CASE("runs: what is asked for in vain is told along", "[rep][runs]") {
  models::DesiredLRP lrp = Web();
  CHECK(ReadRun(lrp)->ignored_fields.empty());
  lrp.set_disk_mb(64);
  lrp.add_egress_rules()->set_protocol("tcp");
  CHECK(ReadRun(lrp)->ignored_fields == std::vector<std::string>{"egress_rules", "disk_mb"});
  models::TaskDefinition definition;
  definition.set_root_fs("preloaded:busybox");
  *definition.mutable_action() = RunProto("/bin/true");
  definition.add_volume_mounted_files()->set_path("/f");
  Task task;
  wire::SetDefinition(definition, &task);
  CHECK(ReadTaskRun(task)->ignored_fields == std::vector<std::string>{"volume_mounted_files"});
}

TEST_CASE("runs: a task has its own environment alone", "[rep][runs]") {
  models::TaskDefinition definition;
  definition.set_root_fs("preloaded:busybox");
  definition.set_result_file("/result");
  definition.set_log_guid("log");
  *definition.mutable_action() = RunProto("/bin/true");
  auto* variable = definition.add_environment_variables();
  variable->set_name("FOO");
  variable->set_value("BAR");
  Task task;
  task.task_guid = TaskGuid("t");
  wire::SetDefinition(definition, &task);
  const auto run = ReadTaskRun(task);
  REQUIRE(run.ok());
  CHECK(run->result_file == "/result");
  CHECK(run->spec.env == Environment{{"FOO", "BAR"}});
  CHECK(As<RunAction>(run->spec.action).path == "/bin/true");
  CHECK(run->spec.setup == nullptr);
}

}  // namespace
}  // namespace diego::rep
