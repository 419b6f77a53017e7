// Event streams, to the letter of reference/bbs-http-api.md "Event streams".
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "integration/compat/bbs_http/fixture.h"

namespace diego::compat {
namespace {

using DesiredLifecycle = models::DesiredLRPLifecycleResponse;
using Lifecycle = models::ActualLRPLifecycleResponse;
using TaskLifecycle = models::TaskLifecycleResponse;

struct Event {
  std::string name;
  std::string bytes;

  template <typename Message>
  Message As() const {
    Message message;
    REQUIRE(message.ParseFromString(bytes));
    return message;
  }
};

class Stream {
 public:
  Stream(Client client, const char* method, const char* path, const std::string& cell_id = "")
      : client_(std::move(client)) {
    models::EventsByCellId filter;
    filter.set_cell_id(cell_id);
    REQUIRE_OK(client_.raw().Send(HttpRequest(method, path, filter.SerializeAsString())));
    auto head = client_.raw().ReadUntil("\r\n\r\n");
    REQUIRE_OK(head.status());
    http::RawReply reply;
    reply.head = *head;
    CHECK(absl::StartsWith(*head, "HTTP/1.1 200 OK\r\n"));
    CHECK(reply.header("Content-Type") == "text/event-stream; charset=utf-8");
    CHECK(reply.header("Cache-Control") == "no-cache, no-store, must-revalidate");
    CHECK(reply.header("Connection") == "keep-alive");
    CHECK(reply.header("Transfer-Encoding") == "chunked");
    CHECK(reply.header("Content-Length") == "");
  }

  // One chunk is one event: size in hex, ";", and "id", "event" and "data" lines.
  Event Next() {
    const auto size_line = client_.raw().ReadUntil("\r\n");
    REQUIRE_OK(size_line.status());
    absl::string_view digits = *size_line;
    REQUIRE(absl::ConsumeSuffix(&digits, ";\r\n"));
    size_t size = 0;
    REQUIRE(absl::SimpleHexAtoi(digits, &size));
    const auto chunk = client_.raw().ReadExactly(size + 2);
    REQUIRE_OK(chunk.status());
    absl::string_view text = *chunk;
    INFO(text);
    REQUIRE(absl::ConsumeSuffix(&text, "\n\n\r\n"));
    REQUIRE(absl::ConsumePrefix(&text, absl::StrCat("id: ", next_id_++, "\nevent: ")));
    const size_t line_end = text.find('\n');
    Event event;
    event.name = std::string(text.substr(0, line_end));
    text.remove_prefix(line_end);
    REQUIRE(absl::ConsumePrefix(&text, "\ndata: "));
    REQUIRE(text.find('\n') == absl::string_view::npos);
    REQUIRE(absl::Base64Unescape(text, &event.bytes));
    REQUIRE(absl::Base64Escape(event.bytes) == text);
    return event;
  }
  Event Next(const std::string& name) {
    Event event = Next();
    REQUIRE(event.name == name);
    return event;
  }
  Client& client() { return client_; }

 private:
  Client client_;
  int next_id_ = 0;
};

void Desire(Client& client, const models::DesireLRPRequest& request, const char* headers = "") {
  CHECK(ErrorOf(client.Call<DesiredLifecycle>("/v1/desired_lrp/desire.r2", request, headers)) ==
        "");
}

void Start(Client& cell, const std::string& guid, const std::string& cell_id) {
  CHECK(ErrorOf(cell.Call<Lifecycle>(
            "/v1/actual_lrps/start.r1",
            Running<models::StartActualLRPRequest>(guid, "i-" + cell_id, cell_id))) == "");
}

TEST_CASE("compat: the instance stream, with trace ids", "[compat]") {
  Fixture fixture(GENERATE(harness::Store::kSqlite, harness::Store::kMysql));
  Client client = fixture.Operator();
  Client cell = fixture.Cell("cell-1");
  Stream stream(fixture.Operator(), "POST", "/v1/events/lrp_instances.r1");
  Desire(client, DesireLrp("app"), "X-Vcap-Request-Id: AB12-cd34\r\n");
  const auto created = stream.Next("desired_lrp_created").As<models::DesiredLRPCreatedEvent>();
  CHECK(created.desired_lrp().process_guid() == "app");
  CHECK(created.trace_id() == "ab12cd34");
  const auto instance =
      stream.Next("actual_lrp_instance_created").As<models::ActualLRPInstanceCreatedEvent>();
  CHECK(instance.actual_lrp().state() == "UNCLAIMED");
  CHECK(instance.trace_id() == "ab12cd34");

  Start(cell, "app", "cell-1");
  const auto changed =
      stream.Next("actual_lrp_instance_changed").As<models::ActualLRPInstanceChangedEvent>();
  CHECK(changed.actual_lrp_key().process_guid() == "app");
  CHECK(changed.actual_lrp_instance_key().cell_id() == "cell-1");
  CHECK(changed.before().state() == "UNCLAIMED");
  CHECK(changed.after().state() == "RUNNING");
  CHECK(changed.trace_id() == "");

  models::CrashActualLRPRequest crash;
  *crash.mutable_actual_lrp_key() = Key("app");
  *crash.mutable_actual_lrp_instance_key() = InstanceKey("i-cell-1", "cell-1");
  crash.set_error_message("boom");
  CHECK(ErrorOf(cell.Call<Lifecycle>("/v1/actual_lrps/crash", crash)) == "");
  const auto crashed = stream.Next("actual_lrp_crashed").As<models::ActualLRPCrashedEvent>();
  CHECK(crashed.crash_reason() == "boom");
  CHECK(crashed.crash_count() == 1);
  CHECK(crashed.actual_lrp_instance_key().cell_id() == "cell-1");
  stream.Next("actual_lrp_instance_created");
  CHECK(stream.Next("actual_lrp_instance_removed")
            .As<models::ActualLRPInstanceRemovedEvent>()
            .actual_lrp()
            .state() == "RUNNING");

  models::RemoveDesiredLRPRequest remove;
  remove.set_process_guid("app");
  CHECK(ErrorOf(client.Call<DesiredLifecycle>("/v1/desired_lrp/remove", remove)) == "");
  stream.Next("desired_lrp_removed");
  stream.Next("actual_lrp_instance_removed");
}

TEST_CASE("compat: the group stream", "[compat]") {
  Fixture fixture(GENERATE(harness::Store::kSqlite, harness::Store::kMysql));
  Client client = fixture.Operator();
  Client cell = fixture.Cell("cell-1");
  const char* path = GENERATE("/v1/events.r1", "/v1/events");
  Stream stream(fixture.Operator(), "GET", path);
  Desire(client, DesireLrp("app"));
  stream.Next("desired_lrp_created");
  CHECK(stream.Next("actual_lrp_created")
            .As<models::ActualLRPCreatedEvent>()
            .actual_lrp_group()
            .instance()
            .state() == "UNCLAIMED");
  Start(cell, "app", "cell-1");
  const auto changed = stream.Next("actual_lrp_changed").As<models::ActualLRPChangedEvent>();
  CHECK(changed.before().instance().state() == "UNCLAIMED");
  CHECK(changed.after().instance().state() == "RUNNING");

  const auto evacuate =
      Running<models::EvacuateRunningActualLRPRequest>("app", "i-cell-1", "cell-1");
  CHECK(ErrorOf(cell.Call<models::EvacuationResponse>("/v1/actual_lrps/evacuate_running.r1",
                                                      evacuate)) == "");
  const auto evacuating = stream.Next("actual_lrp_created").As<models::ActualLRPCreatedEvent>();
  CHECK(evacuating.actual_lrp_group().evacuating().state() == "RUNNING");
  CHECK(stream.Next("actual_lrp_changed")
            .As<models::ActualLRPChangedEvent>()
            .after()
            .instance()
            .state() == "UNCLAIMED");
}

TEST_CASE("compat: a cell hears of its own instances, and of every desired LRP", "[compat]") {
  Fixture fixture(GENERATE(harness::Store::kSqlite, harness::Store::kMysql));
  Client client = fixture.Operator();
  Client one = fixture.Cell("cell-1");
  Client two = fixture.Cell("cell-2");
  const bool groups = GENERATE(true, false);
  Stream stream(fixture.Operator(), groups ? "GET" : "POST",
                groups ? "/v1/events.r1" : "/v1/events/lrp_instances.r1", "cell-2");
  Desire(client, DesireLrp("a"));
  Desire(client, DesireLrp("b"));
  Start(one, "a", "cell-1");
  Start(two, "b", "cell-2");
  stream.Next("desired_lrp_created");
  stream.Next("desired_lrp_created");
  if (groups) {
    const auto changed = stream.Next("actual_lrp_changed").As<models::ActualLRPChangedEvent>();
    CHECK(changed.after().instance().actual_lrp_key().process_guid() == "b");
  } else {
    const auto changed =
        stream.Next("actual_lrp_instance_changed").As<models::ActualLRPInstanceChangedEvent>();
    CHECK(changed.actual_lrp_key().process_guid() == "b");
  }
}

TEST_CASE("compat: the task stream; its body is not read", "[compat]") {
  Fixture fixture(GENERATE(harness::Store::kSqlite, harness::Store::kMysql));
  Client client = fixture.Operator();
  const char* path = GENERATE("/v1/events/tasks.r1", "/v1/events/tasks");
  Stream stream(fixture.Operator(), "POST", path, "a cell that is not looked at");
  CHECK(ErrorOf(client.Call<TaskLifecycle>("/v1/tasks/desire.r2", DesireTask("t"))) == "");
  CHECK(stream.Next("task_created").As<models::TaskCreatedEvent>().task().task_guid() == "t");
  models::TaskGuidRequest guid;
  guid.set_task_guid("t");
  CHECK(ErrorOf(client.Call<TaskLifecycle>("/v1/tasks/cancel", guid)) == "");
  const auto changed = stream.Next("task_changed").As<models::TaskChangedEvent>();
  CHECK(changed.before().state() == models::Task::Pending);
  CHECK(changed.after().state() == models::Task::Completed);
  CHECK(ErrorOf(client.Call<TaskLifecycle>("/v1/tasks/resolving", guid)) == "");
  stream.Next("task_changed");
  CHECK(ErrorOf(client.Call<TaskLifecycle>("/v1/tasks/delete", guid)) == "");
  stream.Next("task_removed");
}

TEST_CASE("compat: who does not read is cut off once 1024 events wait, and nobody else",
          "[compat]") {
  Fixture fixture(GENERATE(harness::Store::kSqlite, harness::Store::kMysql));
  Client client = fixture.Operator();
  Stream reader(fixture.Operator(), "POST", "/v1/events/lrp_instances.r1");
  Stream slow(fixture.Operator(), "POST", "/v1/events/lrp_instances.r1");
  Desire(client, DesireLrp("large"));
  reader.Next("desired_lrp_created");
  reader.Next("actual_lrp_instance_created");

  constexpr int kAtATime = 50;
  int updates = 0;
  const auto update = [&] {
    std::string ahead;
    for (int i = 0; i < kAtATime; ++i) {
      models::UpdateDesiredLRPRequest request;
      request.set_process_guid("large");
      request.mutable_update()->set_annotation(std::string(10000, i % 2 == 0 ? 'a' : 'b'));
      ahead += HttpRequest("POST", "/v1/desired_lrp/update", request.SerializeAsString());
    }
    REQUIRE_OK(client.raw().Send(ahead));
    for (int i = 0; i < kAtATime; ++i) REQUIRE(client.raw().ReadReply()->status == 200);
    for (int i = 0; i < kAtATime; ++i) reader.Next("desired_lrp_changed");
    updates += kAtATime;
  };
  // What the kernels keep between the two counts as read.
  while (fixture.Metric("cut_off_subscribers_total") == 0 && updates < 5000) update();
  REQUIRE(fixture.Metric("cut_off_subscribers_total") == 1);
  const int before = updates;
  update();

  // What was on its way to it comes to an end; whole events, and the last chunk.
  const auto heard = slow.client().raw().ReadToEnd();
  REQUIRE_OK(heard.status());
  const std::string changed = "\nevent: desired_lrp_changed\n";
  int events = 0;
  for (size_t at = heard->find(changed); at != std::string::npos;
       at = heard->find(changed, at + 1)) {
    ++events;
  }
  CHECK(events > 0);
  CHECK(before - events > 1024);
  CHECK(absl::StrContains(*heard, absl::StrCat("id: ", events + 1, changed)));
  CHECK(absl::EndsWith(*heard, "\n\n\r\n0\r\n\r\n"));
  CHECK(fixture.Metric("cut_off_subscribers_total") == 1);
}

TEST_CASE("compat: the streams end with the term", "[compat]") {
  Fixture fixture(GENERATE(harness::Store::kSqlite, harness::Store::kMysql));
  Stream stream(fixture.Operator(), "POST", "/v1/events/lrp_instances.r1");
  REQUIRE_OK(fixture.deployment().cluster().StopAll());
  const auto rest = stream.client().raw().ReadToEnd();
  REQUIRE_OK(rest.status());
  CHECK(*rest == "0\r\n\r\n");
}

}  // namespace
}  // namespace diego::compat
