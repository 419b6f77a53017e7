// What the database's columns cannot hold is refused at the door.
#include <catch2/catch.hpp>
#include <cstdint>
#include <string>

#include "libs/wire/validate.h"

namespace diego::wire {
namespace {

const std::string& Wide() {
  static const std::string kText(256, 'x');
  return kText;
}

TEST_CASE("validate: names wider than their columns are refused, by field", "[wire][validate]") {
  models::DesiredLRP lrp;
  lrp.set_process_guid(Wide());
  lrp.set_domain(Wide());
  lrp.set_log_guid(Wide());
  lrp.set_root_fs(std::string(1024, 'x').insert(0, "preloaded:"));
  lrp.add_placementtags(std::string(65535, 'x'));
  const std::string faults(Validate(lrp).message());
  for (const char* field : {"process_guid", "domain", "log_guid", "rootfs", "placement_tags"}) {
    CHECK_THAT(faults, Catch::Contains(std::string("Invalid field: ") + field));
  }

  models::StartActualLRPRequest start;
  start.mutable_actual_lrp_key()->set_process_guid(Wide());
  start.mutable_actual_lrp_key()->set_domain(Wide());
  start.mutable_actual_lrp_instance_key()->set_instance_guid(Wide());
  start.mutable_actual_lrp_instance_key()->set_cell_id(Wide());
  start.mutable_actual_lrp_net_info()->set_address("10.0.0.1");
  start.set_availability_zone(Wide());
  CHECK(Validate(start).message() ==
        "Invalid field: process_guid, Invalid field: domain, Invalid field: instance_guid, "
        "Invalid field: cell_id, Invalid field: availability_zone");

  models::UpsertDomainRequest domain;
  domain.set_domain(Wide());
  CHECK(Validate(domain).message() == "Invalid field: domain");
  domain.set_domain(Wide().substr(1));
  CHECK(Validate(domain).ok());
}

TEST_CASE("validate: widths are counted in characters, as columns do", "[wire][validate]") {
  models::UpsertDomainRequest request;
  for (int i = 0; i < 255; ++i) request.mutable_domain()->append("ü");
  CHECK(Validate(request).ok());
  request.mutable_domain()->append("ü");
  CHECK_FALSE(Validate(request).ok());
}

TEST_CASE("validate: a task's guid, domain and cell fit their columns", "[wire][validate]") {
  models::DesireTaskRequest desire;
  desire.set_task_guid(Wide());
  desire.set_domain(Wide());
  CHECK_THAT(std::string(Validate(desire).message()),
             Catch::StartsWith("Invalid field: task_guid, Invalid field: domain"));
  models::StartTaskRequest start;
  start.set_task_guid("t");
  start.set_cell_id(Wide());
  CHECK(Validate(start).message() == "Invalid field: cell_id");
}

TEST_CASE("validate: a record larger than one packet to the database is refused",
          "[wire][validate]") {
  const std::string big(size_t{4} << 20, 'x');
  models::DesireLRPRequest lrp;
  lrp.mutable_desired_lrp()->mutable_action()->mutable_run_action()->set_path(big);
  models::UpdateDesiredLRPRequest update;
  (*update.mutable_update()->mutable_metric_tags())["a"].set_static_(big);
  models::DesireTaskRequest task;
  task.mutable_task_definition()->mutable_action()->mutable_run_action()->set_path(big);
  models::CompleteTaskRequest complete;
  complete.set_result(big);
  models::StartActualLRPRequest start;
  (*start.mutable_metric_tags())["a"] = big;
  for (const absl::Status& status :
       {Validate(lrp), Validate(update), Validate(task), Validate(complete), Validate(start)}) {
    CHECK_THAT(std::string(status.message()),
               Catch::Contains(" bytes; make it smaller than 4194304"));
  }
}

TEST_CASE("validate: the instances of one desired LRP have a bound", "[wire][validate]") {
  models::DesireLRPRequest desire;
  desire.mutable_desired_lrp()->set_instances(INT32_MAX);
  models::UpdateDesiredLRPRequest update;
  update.set_process_guid("web");
  update.mutable_update()->set_instances(10001);
  CHECK_THAT(std::string(Validate(desire).message()),
             Catch::Contains("Invalid field: instances is 2147483647; a desired LRP has at most "
                             "10000, divide it among several"));
  CHECK_FALSE(Validate(update).ok());
  update.mutable_update()->set_instances(10000);
  CHECK(Validate(update).ok());
}

}  // namespace
}  // namespace diego::wire
