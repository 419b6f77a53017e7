// Specs: what cfdot says of their keys, and the small ones that its help shows.
#include <catch2/catch.hpp>

#include "libs/models/error.h"
#include "libs/wire/json.h"
#include "libs/wire/validate.h"
#include "services/cfdot/testing/cli_fixture.h"

namespace diego::cfdot {
namespace {

// The spec in the help of a command.
std::string SpecShown(const std::string& command) {
  const std::string help = RunCfdot({"help", command}, {}).out;
  const size_t begin = help.find('{');
  const size_t end = help.find("\n\n", begin);
  return begin == std::string::npos ? "" : help.substr(begin, end - begin);
}

TEST_CASE("the specs that help shows are ones that the BBS takes", "[cfdot]") {
  models::DesireLRPRequest lrp;
  CHECK(wire::FromJson(SpecShown("create-desired-lrp"), lrp.mutable_desired_lrp(),
                       wire::UnknownKeys::kRefuse)
            .ToString() == "OK");
  CHECK(wire::Validate(lrp).ToString() == "OK");
  models::Task task;
  CHECK(wire::FromJson(SpecShown("create-task"), &task, wire::UnknownKeys::kRefuse).ToString() ==
        "OK");
  models::DesireTaskRequest desire;
  desire.set_task_guid(task.task_guid());
  desire.set_domain(task.domain());
  *desire.mutable_task_definition() = task.task_definition();
  CHECK(wire::Validate(desire).ToString() == "OK");
}

TEST_CASE("help of an update lists all keys that can be updated", "[cfdot]") {
  const std::string help = RunCfdot({"help", "update-desired-lrp"}, {}).out;
  const auto* update = models::DesiredLRPUpdate::descriptor();
  for (int i = 0; i < update->field_count(); ++i) {
    CHECK_THAT(help, Catch::Contains(update->field(i)->name()));
  }
  CHECK_THAT(help, Catch::Contains("roll-desired-lrp"));
  // The usage that goes with an error stays short.
  CHECK_THAT(RunCfdot({"update-desired-lrp"}, kNowhere).err, !Catch::Contains("roll-desired-lrp"));
}

TEST_CASE("a typing error in a spec is named, and passed over", "[cfdot]") {
  const Result result = RunCfdot({"create-task", R"({"task_guid":"t","memry_mb":1})"}, kNowhere);
  CHECK_THAT(result.first_line(), Catch::StartsWith("warning: passed over in the spec: ") &&
                                      Catch::Contains("memry_mb"));
  CHECK(result.code != 3);
}

TEST_CASE("a key that an update cannot have is passed over with a word on what it can", "[cfdot]") {
  Fixture fixture;
  const Result result = fixture.Cfdot({"update-desired-lrp", "web", R"({"memory_mb":64})"});
  CHECK(result.code == 0);
  CHECK_THAT(result.first_line(),
             Catch::StartsWith("warning: passed over in the spec: memory_mb: unknown key; ") &&
                 Catch::Contains("instances") && Catch::Contains("roll-desired-lrp"));
  CHECK(fixture.diego.bbs.calls.Take() ==
        std::vector<std::string>{"UpdateDesiredLRP {process_guid: \"web\" update { }}"});
}

TEST_CASE("an unknown key in a crash restart policy is refused", "[cfdot]") {
  struct Case {
    std::vector<std::string> words;
  };
  Fixture fixture;
  const auto row = GENERATE(values<Case>({
      {{"update-desired-lrp", "web", R"({"crash_restart_policy":{"max_restart_atempts":0}})"}},
      {{"update-desired-lrp", "web",
        R"({"a":1,"Crash_Restart_Policy":{"max_restart_atempts":0}})"}},
      {{"create-desired-lrp", R"({"crash_restart_policy":{"max_restart_atempts":0}})"}},
  }));
  const Result result = fixture.Cfdot(row.words);
  CHECK(result.code == 3);
  CHECK(result.first_line() ==
        "error: crash_restart_policy.max_restart_atempts: unknown key; known are "
        "number_of_immediate_restarts, max_seconds_between_restarts, max_restart_attempts");
  CHECK(fixture.diego.bbs.calls.Take().empty());
}

TEST_CASE("a roll names the keys of the spec that it leaves out", "[cfdot]") {
  Fixture fixture;
  const Result result =
      fixture.Cfdot({"roll-desired-lrp", "web",
                     R"({"process_guid":"web","rootfs":"x:y","instances":3,"annotation":"a",)"
                     R"("routes":{"r":[]},"metric_tags":{"a":{"static":"b"}}})",
                     "--definition-id", "v2"});
  CHECK(result.code == 0);
  CHECK(result.err ==
        "warning: left as the LRP has it, for a roll changes what it runs: instances, annotation, "
        "routes, metric_tags; see update-desired-lrp\n");
  CHECK(fixture.diego.bbs.calls.Take() ==
        std::vector<std::string>{"UpdateDesiredLRP {process_guid: \"web\" update { definition { "
                                 "root_fs: \"x:y\" definition_id: \"v2\" } }}"});
}

TEST_CASE("a refusal that has a way out says it behind the BBS's text", "[cfdot]") {
  Fixture fixture;
  fixture.diego.bbs.refusals["ResolvingTask"] =
      DiegoError(ErrorType::kInvalidStateTransition, "Cannot transition from Running to Resolving");
  fixture.diego.bbs.refusals["DesireLRP"] =
      DiegoError(ErrorType::kInvalidRequest, "Invalid field: metric_tags");
  const Result task = fixture.Cfdot({"delete-task", "sum"});
  CHECK(task.code == 4);
  CHECK_THAT(task.err, Catch::StartsWith("error: BBS error\nType ") &&
                           Catch::EndsWith("Message: Cannot transition from Running to Resolving\n"
                                           "hint: only a completed task can be deleted: "
                                           "cancel-task first\n"));
  const Result lrp = fixture.Cfdot({"create-desired-lrp", "{}"});
  CHECK(lrp.code == 4);
  CHECK_THAT(lrp.err, Catch::Contains("Message: Invalid field: metric_tags\nhint: metric_tags"));
}

}  // namespace
}  // namespace diego::cfdot
