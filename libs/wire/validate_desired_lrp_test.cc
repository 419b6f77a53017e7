// One row a rule of reference/wire-models.md "Validation": desired LRPs, updates and their parts.
#include <catch2/catch.hpp>
#include <functional>

#include "libs/models/error.h"
#include "libs/wire/validate.h"

namespace diego::wire {
namespace {

using models::DesiredLRP;

models::Action Run() {
  models::Action action;
  action.mutable_run_action()->set_path("/bin/true");
  action.mutable_run_action()->set_user("vcap");
  return action;
}

DesiredLRP ValidLrp() {
  DesiredLRP lrp;
  lrp.set_process_guid("web-1_A");
  lrp.set_domain("cf");
  lrp.set_root_fs("preloaded:cflinuxfs4");
  *lrp.mutable_action() = Run();
  (*lrp.mutable_metric_tags())["source_id"].set_static_("app");
  return lrp;
}

models::SecurityGroupRule Rule(const std::string& protocol) {
  models::SecurityGroupRule rule;
  rule.set_protocol(protocol);
  rule.add_destinations("0.0.0.0/0");
  if (protocol == "tcp" || protocol == "udp") rule.add_ports(80);
  if (protocol == "icmp" || protocol == "icmpv6") rule.mutable_icmp_info();
  return rule;
}

models::ImageLayer Layer(models::ImageLayer::Type type) {
  models::ImageLayer layer;
  layer.set_url("http://x");
  layer.set_destination_path("/x");
  layer.set_layer_type(type);
  layer.set_media_type(models::ImageLayer::TGZ);
  layer.set_digest_algorithm(models::ImageLayer::SHA256);
  layer.set_digest_value("abc");
  return layer;
}

models::DownloadAction Download() {
  models::DownloadAction download;
  download.set_from("a");
  download.set_to("b");
  download.set_user("c");
  return download;
}

struct Row {
  std::string rule;
  std::function<void(DesiredLRP&)> change;
  std::string message;  // empty: valid
};

// Changes the action into whatever `change` makes of an empty one.
template <typename Change>
auto WithAction(Change change) {
  return [change](DesiredLRP& lrp) {
    lrp.mutable_action()->Clear();
    change(*lrp.mutable_action());
  };
}

template <typename Change>
auto WithRule(const std::string& protocol, Change change) {
  return [protocol, change](DesiredLRP& lrp) {
    models::SecurityGroupRule* rule = lrp.add_egress_rules();
    *rule = Rule(protocol);
    change(*rule);
  };
}

template <typename Change>
auto WithLayer(models::ImageLayer::Type type, Change change) {
  return [type, change](DesiredLRP& lrp) {
    lrp.set_legacy_download_user("vcap");
    models::ImageLayer* layer = lrp.add_image_layers();
    *layer = Layer(type);
    change(*layer);
  };
}

void CheckRow(const Row& row) {
  INFO(row.rule);
  models::DesireLRPRequest request;
  *request.mutable_desired_lrp() = ValidLrp();
  row.change(*request.mutable_desired_lrp());
  const absl::Status status = Validate(request);
  CHECK(std::string(status.message()) == row.message);
  if (!row.message.empty()) CHECK(IsDiegoError(status, ErrorType::kInvalidRequest));
}

constexpr char kField[] = "Invalid field: ";
std::string Fields(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + (kField + name);
  return text;
}

TEST_CASE("validate: each rule of a desired LRP's own fields", "[wire][validate]") {
  const std::vector<Row> rows = {
      {"valid", [](DesiredLRP&) {}, ""},
      {"guid pattern", [](DesiredLRP& l) { l.set_process_guid("a b"); }, Fields({"process_guid"})},
      {"guid empty", [](DesiredLRP& l) { l.set_process_guid(""); }, Fields({"process_guid"})},
      {"guid newline", [](DesiredLRP& l) { l.set_process_guid("a\n"); }, Fields({"process_guid"})},
      {"domain", [](DesiredLRP& l) { l.set_domain(""); }, Fields({"domain", "domain"})},
      {"rootfs empty", [](DesiredLRP& l) { l.set_root_fs(""); }, Fields({"rootfs", "rootfs"})},
      {"rootfs no scheme", [](DesiredLRP& l) { l.set_root_fs("/x"); }, Fields({"rootfs"})},
      {"rootfs bad scheme", [](DesiredLRP& l) { l.set_root_fs("1a:x"); }, Fields({"rootfs"})},
      {"rootfs docker", [](DesiredLRP& l) { l.set_root_fs("docker:///busybox#1"); }, ""},
      {"instances", [](DesiredLRP& l) { l.set_instances(-1); }, Fields({"instances"})},
      {"memory", [](DesiredLRP& l) { l.set_memory_mb(-1); }, Fields({"memory_mb"})},
      {"disk", [](DesiredLRP& l) { l.set_disk_mb(-1); }, Fields({"disk_mb"})},
      {"max pids", [](DesiredLRP& l) { l.set_max_pids(-1); }, Fields({"max_pids"})},
      {"log rate unlimited",
       [](DesiredLRP& l) { l.mutable_log_rate_limit()->set_bytes_per_second(-1); }, ""},
      {"log rate limit",
       [](DesiredLRP& l) { l.mutable_log_rate_limit()->set_bytes_per_second(-2); },
       Fields({"log_rate_limit_bytes_per_second", "log_rate_limit"})},
      {"annotation limit", [](DesiredLRP& l) { l.set_annotation(std::string(10240, 'a')); }, ""},
      {"annotation", [](DesiredLRP& l) { l.set_annotation(std::string(10241, 'a')); },
       Fields({"annotation"})},
      {"routes limit",
       [](DesiredLRP& l) {
         (*l.mutable_routes()->mutable_routes())["a"] = std::string(131072, 'a');
       },
       ""},
      {"routes summed",
       [](DesiredLRP& l) {
         (*l.mutable_routes()->mutable_routes())["a"] = std::string(131072, 'a');
         (*l.mutable_routes()->mutable_routes())["b"] = "b";
       },
       Fields({"routes"})},
      {"no metric tags", [](DesiredLRP& l) { l.clear_metric_tags(); }, Fields({"metric_tags"})},
      {"tag neither", [](DesiredLRP& l) { (*l.mutable_metric_tags())["x"].set_static_(""); },
       Fields({"metric_tags", "static", "dynamic"})},
      {"tag both",
       [](DesiredLRP& l) {
         (*l.mutable_metric_tags())["source_id"].set_dynamic(models::MetricTagValue::INDEX);
       },
       Fields({"metric_tags", "static", "dynamic"})},
      {"tag unknown dynamic",
       [](DesiredLRP& l) {
         (*l.mutable_metric_tags())["x"].set_dynamic(
             static_cast<models::MetricTagValue::DynamicValue>(9));
       },
       Fields({"metric_tags", "dynamic"})},
      {"source_id differs", [](DesiredLRP& l) { l.set_metrics_guid("other"); },
       Fields({"metric_tags"}) + ", source_id should match metrics_guid"},
      {"source_id equal", [](DesiredLRP& l) { l.set_metrics_guid("app"); }, ""},
      {"username missing", [](DesiredLRP& l) { l.set_image_password("x"); },
       Fields({"image_username"})},
      {"password missing", [](DesiredLRP& l) { l.set_image_username("x"); },
       Fields({"image_password"})},
      {"files limit",
       [](DesiredLRP& l) { l.add_volume_mounted_files()->set_content(std::string(1 << 20, 'x')); },
       ""},
      {"files",
       [](DesiredLRP& l) {
         l.add_volume_mounted_files()->set_content(std::string(1 << 20, 'x'));
         l.add_volume_mounted_files()->set_content("x");
       },
       Fields({"volumeMountedFiles", "volumeMountedFiles"})},
      {"no action", [](DesiredLRP& l) { l.clear_action(); }, "invalid action type"},
      {"setup empty", [](DesiredLRP& l) { l.mutable_setup(); }, Fields({"setup", "inner-action"})},
      {"monitor", [](DesiredLRP& l) { l.mutable_monitor()->mutable_run_action()->set_user("u"); },
       Fields({"monitor", "path"})},
      {"env name", [](DesiredLRP& l) { l.add_environment_variables()->set_value("x"); },
       "invalid field: name cannot be blank"},
      {"update strategy",
       [](DesiredLRP& l) {
         l.set_update_strategy(static_cast<models::DesiredLRP::UpdateStrategy>(7));
       },
       Fields({"update_strategy"})},
  };
  for (const Row& row : rows) CheckRow(row);
}

TEST_CASE("validate: all faults of a desired LRP are reported in order", "[wire][validate]") {
  DesiredLRP lrp;
  lrp.add_volume_mounted_files()->set_content(std::string((1 << 20) + 1, 'x'));
  lrp.set_instances(-1);
  lrp.set_memory_mb(-1);
  lrp.set_disk_mb(-1);
  lrp.mutable_log_rate_limit()->set_bytes_per_second(-2);
  lrp.set_annotation(std::string(10241, 'a'));
  lrp.set_max_pids(-1);
  (*lrp.mutable_routes()->mutable_routes())["a"] = std::string(131073, 'a');
  lrp.mutable_setup();
  lrp.mutable_monitor();
  lrp.add_environment_variables();
  lrp.add_egress_rules()->add_destinations("1.1.1.1");
  lrp.add_cached_dependencies()->set_from("a");
  *lrp.add_image_layers() = Layer(models::ImageLayer::EXCLUSIVE);
  *lrp.add_sidecars()->mutable_action() = Run();
  lrp.mutable_sidecars(0)->set_disk_mb(-1);
  lrp.add_volume_mounts()->set_driver("d");
  lrp.set_image_password("x");
  lrp.mutable_check_definition()->add_checks();
  CHECK(std::string(Validate(lrp).message()) ==
        Fields({"volumeMountedFiles", "domain", "rootfs", "rootfs", "instances", "memory_mb",
                "disk_mb", "log_rate_limit_bytes_per_second", "annotation", "max_pids", "routes",
                "metric_tags", "domain", "process_guid", "volumeMountedFiles", "setup",
                "inner-action"}) +
            ", invalid action type, " + Fields({"monitor", "inner-action"}) +
            ", invalid field: name cannot be blank, " +
            Fields({"egress_rules", "protocol", "cached_dependency", "to", "legacy_download_user",
                    "sidecars", "disk_mb"}) +
            ", invalid volume_mount mode, " +
            Fields({"image_username", "check_definition", "check", "log_rate_limit"}));
}

TEST_CASE("validate: each rule of an action", "[wire][validate]") {
  using models::Action;
  const std::vector<Row> rows = {
      {"empty", WithAction([](Action&) {}), Fields({"action", "inner-action"})},
      {"two members", WithAction([](Action& a) {
         *a.mutable_download_action() = Download();
         *a.mutable_run_action() = Run().run_action();
       }),
       Fields({"action", "inner-action"})},
      {"download", WithAction([](Action& a) { *a.mutable_download_action() = Download(); }), ""},
      {"download empty", WithAction([](Action& a) { a.mutable_download_action(); }),
       Fields({"action", "from", "to", "user"})},
      {"checksum algorithm missing", WithAction([](Action& a) {
         *a.mutable_download_action() = Download();
         a.mutable_download_action()->set_checksum_value("x");
       }),
       Fields({"action", "checksum algorithm"})},
      {"checksum value missing", WithAction([](Action& a) {
         *a.mutable_download_action() = Download();
         a.mutable_download_action()->set_checksum_algorithm("md5");
       }),
       Fields({"action", "checksum value"})},
      {"checksum unknown", WithAction([](Action& a) {
         *a.mutable_download_action() = Download();
         a.mutable_download_action()->set_checksum_algorithm("crc");
         a.mutable_download_action()->set_checksum_value("x");
       }),
       Fields({"action", "invalid algorithm"})},
      {"checksum in capitals", WithAction([](Action& a) {
         *a.mutable_download_action() = Download();
         a.mutable_download_action()->set_checksum_algorithm("SHA256");
         a.mutable_download_action()->set_checksum_value("x");
       }),
       ""},
      {"upload", WithAction([](Action& a) { a.mutable_upload_action(); }),
       Fields({"action", "to", "from", "user"})},
      {"run", WithAction([](Action& a) { a.mutable_run_action(); }),
       Fields({"action", "path", "user"})},
      {"timeout", WithAction([](Action& a) { a.mutable_timeout_action(); }),
       Fields({"action", "action", "timeout_ms"})},
      {"timeout negative", WithAction([](Action& a) {
         *a.mutable_timeout_action()->mutable_action() = Run();
         a.mutable_timeout_action()->set_timeout_ms(-1);
       }),
       Fields({"action", "timeout_ms"})},
      {"try", WithAction([](Action& a) { a.mutable_try_action(); }), Fields({"action", "action"})},
      {"try inner", WithAction([](Action& a) {
         a.mutable_try_action()->mutable_action()->mutable_run_action();
       }),
       Fields({"action", "path", "user"})},
      {"emit progress", WithAction([](Action& a) { a.mutable_emit_progress_action(); }),
       Fields({"action", "action"})},
      {"parallel", WithAction([](Action& a) { a.mutable_parallel_action(); }),
       Fields({"action", "actions"})},
      {"serial", WithAction([](Action& a) { a.mutable_serial_action(); }),
       Fields({"action", "actions"})},
      {"codependent", WithAction([](Action& a) { a.mutable_codependent_action(); }),
       Fields({"action", "actions"})},
      {"serial inner", WithAction([](Action& a) {
         *a.mutable_serial_action()->add_actions() = Run();
         a.mutable_serial_action()->add_actions();
       }),
       Fields({"action", "inner-action"})},
  };
  for (const Row& row : rows) CheckRow(row);
}

TEST_CASE("validate: each rule of a security group rule", "[wire][validate]") {
  using Rule = models::SecurityGroupRule;
  const auto destinations = [](const std::string& details) {
    return Fields({"egress_rules", "destinations [ " + details + " ]"});
  };
  const auto to = [](const std::string& destination) {
    return WithRule("tcp", [destination](Rule& r) { r.set_destinations(0, destination); });
  };
  const std::vector<Row> rows = {
      {"tcp", WithRule("tcp", [](Rule&) {}), ""},
      {"udp", WithRule("udp", [](Rule&) {}), ""},
      {"icmp", WithRule("icmp", [](Rule&) {}), ""},
      {"icmpv6", WithRule("icmpv6", [](Rule&) {}), ""},
      {"all", WithRule("all", [](Rule&) {}), ""},
      {"protocol", WithRule("sctp", [](Rule&) {}), Fields({"egress_rules", "protocol"})},
      {"no ports", WithRule("tcp", [](Rule& r) { r.clear_ports(); }),
       Fields({"egress_rules"}) + ", Missing required field: ports or port_range"},
      {"ports and range", WithRule("udp", [](Rule& r) { r.mutable_port_range()->set_start(1); }),
       Fields({"egress_rules"}) + ", Invalid: ports and port_range provided"},
      {"port zero", WithRule("tcp", [](Rule& r) { r.set_ports(0, 0); }),
       Fields({"egress_rules", "ports"})},
      {"range",
       WithRule("tcp",
                [](Rule& r) {
                  r.clear_ports();
                  r.mutable_port_range()->set_start(1);
                  r.mutable_port_range()->set_end(1);
                }),
       ""},
      {"range start",
       WithRule("tcp",
                [](Rule& r) {
                  r.clear_ports();
                  r.mutable_port_range()->set_end(1);
                }),
       Fields({"egress_rules", "port_range"})},
      {"range reversed",
       WithRule("tcp",
                [](Rule& r) {
                  r.clear_ports();
                  r.mutable_port_range()->set_start(2);
                  r.mutable_port_range()->set_end(1);
                }),
       Fields({"egress_rules", "port_range"})},
      {"tcp icmp info", WithRule("tcp", [](Rule& r) { r.mutable_icmp_info(); }),
       Fields({"egress_rules", "icmp_info"})},
      {"icmp without info", WithRule("icmp", [](Rule& r) { r.clear_icmp_info(); }),
       Fields({"egress_rules", "icmp_info"})},
      {"icmp ports", WithRule("icmpv6", [](Rule& r) { r.add_ports(1); }),
       Fields({"egress_rules", "ports"})},
      {"all ports",
       WithRule("all",
                [](Rule& r) {
                  r.add_ports(1);
                  r.mutable_port_range();
                  r.mutable_icmp_info();
                }),
       Fields({"egress_rules", "port_range", "ports", "icmp_info"})},
      {"no destination", WithRule("tcp", [](Rule& r) { r.clear_destinations(); }),
       destinations("Must have at least 1 destination")},
      {"address", to("10.0.0.1"), ""},
      {"address 6", to("fe80::1"), ""},
      {"cidr 6", to("fe80::/10"), ""},
      {"range of addresses", to("10.0.0.1-10.0.0.9"), ""},
      {"list", to("10.0.0.1,10.1.0.0/16,10.2.0.1-10.2.0.2"), ""},
      {"not an address", to("10.0.0"), destinations("Invalid IP")},
      {"empty", to(""), destinations("Invalid IP")},
      {"cidr too long", to("10.0.0.0/33"), destinations("Invalid IP")},
      {"cidr sign", to("10.0.0.0/+3"), destinations("Invalid IP")},
      {"half a range", to("10.0.0.1-"), destinations("Invalid IP")},
      {"two in a list", to("x,10.0.0.1,y"), destinations("Invalid IP, Invalid IP")},
  };
  for (const Row& row : rows) CheckRow(row);
}

TEST_CASE("validate: each rule of image layers, dependencies, sidecars, mounts and checks",
          "[wire][validate]") {
  using models::ImageLayer;
  const std::vector<Row> rows = {
      {"shared", WithLayer(ImageLayer::SHARED, [](ImageLayer&) {}), ""},
      {"exclusive", WithLayer(ImageLayer::EXCLUSIVE, [](ImageLayer&) {}), ""},
      {"url", WithLayer(ImageLayer::SHARED, [](ImageLayer& l) { l.clear_url(); }),
       Fields({"image_layer", "url"})},
      {"destination",
       WithLayer(ImageLayer::SHARED, [](ImageLayer& l) { l.clear_destination_path(); }),
       Fields({"image_layer", "destination_path"})},
      {"layer type", WithLayer(ImageLayer::LayerTypeInvalid, [](ImageLayer&) {}),
       Fields({"image_layer", "layer_type"})},
      {"layer type unknown", WithLayer(static_cast<ImageLayer::Type>(9), [](ImageLayer&) {}),
       Fields({"image_layer", "layer_type"})},
      {"media type", WithLayer(ImageLayer::SHARED, [](ImageLayer& l) { l.clear_media_type(); }),
       Fields({"image_layer", "media_type"})},
      {"no digest",
       WithLayer(ImageLayer::SHARED,
                 [](ImageLayer& l) {
                   l.clear_digest_algorithm();
                   l.clear_digest_value();
                 }),
       ""},
      {"digest value", WithLayer(ImageLayer::SHARED, [](ImageLayer& l) { l.clear_digest_value(); }),
       Fields({"image_layer", "digest_value"})},
      {"digest algorithm",
       WithLayer(ImageLayer::SHARED, [](ImageLayer& l) { l.clear_digest_algorithm(); }),
       Fields({"image_layer", "digest_algorithm"})},
      {"exclusive without digest",
       WithLayer(ImageLayer::EXCLUSIVE,
                 [](ImageLayer& l) {
                   l.clear_digest_algorithm();
                   l.clear_digest_value();
                 }),
       Fields({"image_layer", "digest_algorithm", "digest_value"})},
      {"exclusive without user",
       [](DesiredLRP& l) { *l.add_image_layers() = Layer(ImageLayer::EXCLUSIVE); },
       Fields({"legacy_download_user"})},
      {"shared without user",
       [](DesiredLRP& l) { *l.add_image_layers() = Layer(ImageLayer::SHARED); }, ""},
      {"dependency", [](DesiredLRP& l) { l.add_cached_dependencies()->set_checksum_value("x"); },
       Fields({"cached_dependency", "from", "to", "checksum algorithm"})},
      {"sidecar", [](DesiredLRP& l) { l.add_sidecars()->set_memory_mb(-1); },
       Fields({"sidecars", "action", "memory_mb"})},
      {"mount driver", [](DesiredLRP& l) { l.add_volume_mounts()->set_mode("r"); },
       "invalid volume_mount driver"},
      {"mount mode",
       [](DesiredLRP& l) {
         l.add_volume_mounts()->set_driver("d");
         l.mutable_volume_mounts(0)->set_mode("w");
       },
       "invalid volume_mount mode"},
      {"mount ids",
       [](DesiredLRP& l) {
         l.add_volume_mounts()->set_driver("d");
         l.mutable_volume_mounts(0)->set_mode("rw");
         l.mutable_volume_mounts(0)->mutable_shared();
         l.mutable_volume_mounts(0)->mutable_dedicated();
       },
       "invalid volume_mount volume id, invalid volume_mount mounter id"},
      {"check of neither kind",
       [](DesiredLRP& l) { l.mutable_check_definition()->add_readiness_checks(); },
       Fields({"check_definition", "check"})},
      {"check of both kinds",
       [](DesiredLRP& l) {
         models::Check* check = l.mutable_check_definition()->add_checks();
         check->mutable_tcp_check()->set_port(1);
         check->mutable_http_check()->set_port(1);
       },
       Fields({"check_definition", "check"})},
      {"check port zero",
       [](DesiredLRP& l) { l.mutable_check_definition()->add_checks()->mutable_tcp_check(); },
       Fields({"check_definition", "port"})},
      {"check port large",
       [](DesiredLRP& l) {
         l.mutable_check_definition()->add_checks()->mutable_http_check()->set_port(65536);
       },
       Fields({"check_definition", "port"})},
      {"check port",
       [](DesiredLRP& l) {
         l.mutable_check_definition()->add_checks()->mutable_tcp_check()->set_port(65535);
       },
       ""},
  };
  for (const Row& row : rows) CheckRow(row);
}

TEST_CASE("validate: each rule of an update", "[wire][validate]") {
  using Update = models::DesiredLRPUpdate;
  const std::vector<std::tuple<std::function<void(Update&)>, std::string>> rows = {
      {[](Update&) {}, ""},
      {[](Update& u) { u.set_instances(-1); }, Fields({"instances"})},
      {[](Update& u) { u.set_annotation(std::string(10241, 'a')); }, Fields({"annotation"})},
      {[](Update& u) { (*u.mutable_routes()->mutable_routes())["a"] = std::string(131073, 'a'); },
       Fields({"routes"})},
      {[](Update& u) { (*u.mutable_metric_tags())["x"].set_static_(""); },
       Fields({"metric_tags", "static", "dynamic"})},
      {[](Update& u) { u.set_image_username("x"); }, Fields({"image_password"})},
      {[](Update& u) { u.set_image_password("x"); }, Fields({"image_username"})},
      {[](Update& u) {
         u.set_image_username("x");
         u.set_image_password("");
       },
       Fields({"image_password"})},
      {[](Update& u) {
         u.set_image_username("");
         u.set_image_password("");
       },
       ""},
      {[](Update& u) { u.mutable_crash_restart_policy(); }, ""},
      {[](Update& u) { u.mutable_crash_restart_policy()->set_max_restart_attempts(-1); },
       "Invalid field: crash_restart_policy.max_restart_attempts: -1 is negative; 0 means without "
       "end"},
  };
  for (const auto& [change, message] : rows) {
    models::UpdateDesiredLRPRequest request;
    request.set_process_guid("web");
    change(*request.mutable_update());
    CHECK(std::string(Validate(request).message()) == message);
    CHECK(Validate(request) == Validate(request.update()));
  }
  CHECK(std::string(Validate(models::UpdateDesiredLRPRequest()).message()) ==
        Fields({"process_guid"}));
  CHECK(std::string(Validate(models::DesireLRPRequest()).message()) == Fields({"desired_lrp"}));
  CHECK(std::string(Validate(models::RemoveDesiredLRPRequest()).message()) ==
        Fields({"process_guid"}));
  models::UpdateDesiredLRPRequest update;
  update.set_process_guid("web");
  update.mutable_expected_modification_tag()->set_index(1);
  CHECK(std::string(Validate(update).message()) == Fields({"expected_modification_tag"}));
  update.mutable_expected_modification_tag()->set_epoch("epoch");
  CHECK(Validate(update).ok());
  models::RemoveDesiredLRPRequest remove;
  remove.set_process_guid("web");
  remove.mutable_expected_modification_tag();
  CHECK(std::string(Validate(remove).message()) == Fields({"expected_modification_tag"}));
  models::CancelDesiredLRPUpdateRequest cancel;
  cancel.mutable_expected_modification_tag();
  CHECK(std::string(Validate(cancel).message()) ==
        Fields({"process_guid", "expected_modification_tag"}));
  models::RollBackDesiredLRPRequest roll_back;
  roll_back.mutable_expected_modification_tag();
  CHECK(std::string(Validate(roll_back).message()) ==
        Fields({"process_guid", "definition_id", "expected_modification_tag"}));
  CHECK(std::string(Validate(models::DesiredLRPByProcessGuidRequest()).message()) ==
        Fields({"process_guid"}));
}

}  // namespace
}  // namespace diego::wire
