// Each versioned endpoint returns the shape that its version promises.
// Source: reference/wire-models.md "Version downgrades applied by read endpoints".
#include "absl/strings/escaping.h"
#include "integration/compat/bbs_http/fixture.h"

namespace diego::compat {
namespace {

template <typename Layers>
void AddLayers(Layers* layers) {
  models::ImageLayer& shared = *layers->Add();
  shared.set_name("s");
  shared.set_url("http://s");
  shared.set_destination_path("/s");
  shared.set_layer_type(models::ImageLayer::SHARED);
  shared.set_media_type(models::ImageLayer::TGZ);
  models::ImageLayer& exclusive = *layers->Add();
  exclusive = shared;
  exclusive.set_name("e");
  exclusive.set_url("http://e");
  exclusive.set_destination_path("/e");
  exclusive.set_layer_type(models::ImageLayer::EXCLUSIVE);
  exclusive.set_digest_algorithm(models::ImageLayer::SHA256);
  exclusive.set_digest_value("d");
}

// The downloads of the first step of a serial action.
const models::ParallelAction& Downloads(const models::Action& action) {
  REQUIRE(action.serial_action().actions_size() > 0);
  return action.serial_action().actions(0).parallel_action();
}

TEST_CASE("compat: LRPs in the shapes of r3 and r2", "[compat]") {
  Fixture fixture(GENERATE(harness::Store::kSqlite, harness::Store::kMysql));
  Client client = fixture.Operator();
  models::DesireLRPRequest desire = DesireLrp("app");
  AddLayers(desire.mutable_desired_lrp()->mutable_image_layers());
  REQUIRE(ErrorOf(client.Call<models::DesiredLRPLifecycleResponse>("/v1/desired_lrp/desire.r2",
                                                                   desire)) == "");
  models::DesiredLRPByProcessGuidRequest one;
  one.set_process_guid("app");
  const auto both = [&](const char* list, const char* get) {
    const auto lrps = client.Call<models::DesiredLRPsResponse>(list, models::DesiredLRPsRequest());
    REQUIRE(lrps.desired_lrps_size() == 1);
    const auto lrp = client.Call<models::DesiredLRPResponse>(get, one).desired_lrp();
    CHECK(lrp.DebugString() == lrps.desired_lrps(0).DebugString());
    return lrp;
  };
  const auto r3 = both("/v1/desired_lrps/list.r3", "/v1/desired_lrps/get_by_process_guid.r3");
  CHECK(r3.image_layers_size() == 2);
  CHECK_FALSE(r3.has_setup());
  const auto r2 = both("/v1/desired_lrps/list.r2", "/v1/desired_lrps/get_by_process_guid.r2");
  CHECK(r2.image_layers_size() == 0);
  REQUIRE(r2.cached_dependencies_size() == 1);
  CHECK(r2.cached_dependencies(0).cache_key() == "http://s");
  REQUIRE(Downloads(r2.setup()).actions_size() == 1);
  CHECK(Downloads(r2.setup()).actions(0).download_action().cache_key() == "sha256:d");
  CHECK(Downloads(r2.setup()).actions(0).download_action().user() == "vcap");
}

TEST_CASE("compat: tasks in the shapes of r3 and r2", "[compat]") {
  Fixture fixture(GENERATE(harness::Store::kSqlite, harness::Store::kMysql));
  Client client = fixture.Operator();
  models::DesireTaskRequest desire = DesireTask("t");
  AddLayers(desire.mutable_task_definition()->mutable_image_layers());
  REQUIRE(ErrorOf(client.Call<models::TaskLifecycleResponse>("/v1/tasks/desire.r2", desire)) == "");
  models::TaskByGuidRequest one;
  one.set_task_guid("t");
  const auto both = [&](const char* list, const char* get) {
    const auto tasks = client.Call<models::TasksResponse>(list, models::TasksRequest());
    REQUIRE(tasks.tasks_size() == 1);
    const auto task = client.Call<models::TaskResponse>(get, one).task();
    CHECK(task.DebugString() == tasks.tasks(0).DebugString());
    return task.task_definition();
  };
  CHECK(both("/v1/tasks/list.r3", "/v1/tasks/get_by_task_guid.r3").image_layers_size() == 2);
  const auto r2 = both("/v1/tasks/list.r2", "/v1/tasks/get_by_task_guid.r2");
  CHECK(r2.image_layers_size() == 0);
  CHECK(r2.cached_dependencies_size() == 1);
  REQUIRE(r2.action().serial_action().actions_size() == 2);
  CHECK(Downloads(r2.action()).actions_size() == 1);
  CHECK(r2.action().serial_action().actions(1).run_action().path() == "/bin/true");
}

// What a stream tells first, from when it is open.
class Follower {
 public:
  Follower(Fixture& fixture, const char* method, const char* path) : client_(fixture.Operator()) {
    REQUIRE_OK(client_.raw().Send(HttpRequest(method, path, "", "Last-Event-ID: 7\r\n")));
    REQUIRE_OK(client_.raw().ReadUntil("\r\n\r\n").status());
  }
  template <typename Event>
  Event First(const std::string& name) {
    // Nothing is told again, and the count begins anew: Last-Event-ID is not looked at.
    REQUIRE_OK(client_.raw().ReadUntil("id: 0\nevent: " + name + "\ndata: ").status());
    std::string base64 = *client_.raw().ReadUntil("\n\n");
    base64.resize(base64.size() - 2);
    std::string bytes;
    REQUIRE(absl::Base64Unescape(base64, &bytes));
    Event event;
    REQUIRE(event.ParseFromString(bytes));
    return event;
  }

 private:
  Client client_;
};

TEST_CASE("compat: the r0 streams tell desired LRPs in their oldest shape", "[compat]") {
  Fixture fixture(GENERATE(harness::Store::kSqlite, harness::Store::kMysql));
  Client client = fixture.Operator();
  Follower instances(fixture, "POST", "/v1/events/lrp_instances");
  Follower groups(fixture, "GET", "/v1/events");
  models::DesireLRPRequest desire = DesireLrp("app");
  AddLayers(desire.mutable_desired_lrp()->mutable_image_layers());
  desire.mutable_desired_lrp()->set_start_timeout_ms(61000);
  models::TimeoutAction timeout;
  *timeout.mutable_action() = desire.desired_lrp().action();
  timeout.set_timeout_ms(5);
  *desire.mutable_desired_lrp()->mutable_action()->mutable_timeout_action() = timeout;
  desire.mutable_desired_lrp()->mutable_action()->clear_run_action();
  REQUIRE(ErrorOf(client.Call<models::DesiredLRPLifecycleResponse>("/v1/desired_lrp/desire.r2",
                                                                   desire)) == "");
  for (Follower* follower : {&instances, &groups}) {
    const auto event = follower->First<models::DesiredLRPCreatedEvent>("desired_lrp_created");
    const models::DesiredLRP& lrp = event.desired_lrp();
    CHECK(lrp.image_layers_size() == 0);
    CHECK(lrp.cached_dependencies_size() == 0);
    CHECK(lrp.deprecated_start_timeout_s() == 61);
    CHECK(lrp.action().timeout_action().deprecated_timeout_ns() == 5000000);
    REQUIRE(Downloads(lrp.setup()).actions_size() == 1);
    CHECK(Downloads(lrp.setup()).actions(0).download_action().from() == "http://s");
  }
}

TEST_CASE("compat: the r0 task stream tells tasks in the shape of r2, r1 as they are", "[compat]") {
  Fixture fixture(GENERATE(harness::Store::kSqlite, harness::Store::kMysql));
  Client client = fixture.Operator();
  Follower r0(fixture, "POST", "/v1/events/tasks");
  Follower r1(fixture, "POST", "/v1/events/tasks.r1");
  models::DesireTaskRequest desire = DesireTask("t");
  AddLayers(desire.mutable_task_definition()->mutable_image_layers());
  REQUIRE(ErrorOf(client.Call<models::TaskLifecycleResponse>("/v1/tasks/desire.r2", desire)) == "");
  const auto definition = [](Follower& follower) {
    return follower.First<models::TaskCreatedEvent>("task_created").task().task_definition();
  };
  CHECK(definition(r1).image_layers_size() == 2);
  const models::TaskDefinition old = definition(r0);
  CHECK(old.image_layers_size() == 0);
  CHECK(old.cached_dependencies_size() == 1);
  CHECK(Downloads(old.action()).actions_size() == 1);
}

}  // namespace
}  // namespace diego::compat
