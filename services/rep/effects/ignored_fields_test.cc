#include "services/rep/effects/ignored_fields.h"

#include <catch2/catch.hpp>
#include <functional>

namespace diego::rep {
namespace {

using Names = std::vector<std::string>;

TEST_CASE("ignored fields: each is named when an LRP sets it", "[rep][runs]") {
  using Info = models::DesiredLRPRunInfo;
  struct Case {
    const char* name;
    std::function<void(Info&)> set;
  };
  const auto with_files = [](models::Action* action) {
    action->mutable_run_action()->add_volume_mounted_files()->set_path("/f");
  };
  const Case cases[] = {
      {"egress_rules", [](Info& info) { info.add_egress_rules(); }},
      {"check_definition.readiness_checks",
       [](Info& info) { info.mutable_check_definition()->add_readiness_checks(); }},
      {"volume_mounted_files", [](Info& info) { info.add_volume_mounted_files(); }},
      {"volume_mounted_files", [&](Info& info) { with_files(info.mutable_setup()); }},
      {"volume_mounted_files", [&](Info& info) { with_files(info.mutable_monitor()); }},
      {"volume_mounted_files",
       [&](Info& info) { with_files(info.add_sidecars()->mutable_action()); }},
      {"volume_mounted_files",
       [&](Info& info) {
         with_files(info.mutable_action()
                        ->mutable_timeout_action()
                        ->mutable_action()
                        ->mutable_emit_progress_action()
                        ->mutable_action()
                        ->mutable_try_action()
                        ->mutable_action()
                        ->mutable_serial_action()
                        ->add_actions()
                        ->mutable_parallel_action()
                        ->add_actions()
                        ->mutable_codependent_action()
                        ->add_actions());
       }},
      {"certificate_properties",
       [](Info& info) { info.mutable_certificate_properties()->add_organizational_unit("o"); }},
      {"network", [](Info& info) { (*info.mutable_network()->mutable_properties())["p"] = "v"; }},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    Info info;
    c.set(info);
    CHECK(IgnoredFields(info, 0) == Names{c.name});
  }
  CHECK(IgnoredFields(Info(), 1) == Names{"disk_mb"});
}

TEST_CASE("ignored fields: what is done is not named", "[rep][runs]") {
  models::DesiredLRPRunInfo info;
  CHECK(IgnoredFields(info, 0).empty());
  info.mutable_action()->mutable_run_action()->set_path("/a");
  info.mutable_check_definition()->add_checks();
  info.mutable_network();
  info.mutable_log_rate_limit()->set_bytes_per_second(1);
  info.add_ports(8080);
  info.set_privileged(true);
  CHECK(IgnoredFields(info, 0).empty());
}

TEST_CASE("ignored fields: a task's are named alike, in the table's order", "[rep][runs]") {
  models::TaskDefinition definition;
  CHECK(IgnoredFields(definition).empty());
  (*definition.mutable_network()->mutable_properties())["p"] = "v";
  definition.mutable_certificate_properties();
  definition.set_disk_mb(1);
  definition.mutable_action()->mutable_run_action()->add_volume_mounted_files();
  definition.add_egress_rules();
  CHECK(IgnoredFields(definition) == Names{"egress_rules", "volume_mounted_files", "disk_mb",
                                           "certificate_properties", "network"});
}

}  // namespace
}  // namespace diego::rep
