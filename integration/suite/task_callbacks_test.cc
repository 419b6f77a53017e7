// Whoever desired a task is told how it ended, by the real server over TLS, and told once although
// it was not listening at first. Source: reference/bbs-http-api.md "Task completion callbacks".
#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "integration/harness/eventually.h"
#include "integration/suite/suite.h"
#include "libs/base/clock.h"
#include "libs/rpc/testing/http_peer.h"
#include "libs/wire/task.h"
#include "proto/models/task.pb.h"

namespace diego::suite {
namespace {

const CellId kCell("cell-9");

// Hears of tasks by https; each is answered as its script says, and 200 when that is over.
class Receiver {
 public:
  struct Heard {
    rpc::HttpPeer::Asked request;
    absl::Duration at;
  };
  Receiver(const rpc::TlsFiles& tls, std::map<std::string, std::deque<int>> scripts)
      : data_(std::in_place, Data{std::move(scripts), {}}),
        peer_(tls, [this](const rpc::HttpPeer::Asked& request) { return AnswerTo(request); }) {}

  std::string UrlOf(const std::string& task_guid) const {
    return absl::StrCat(peer_.url(), "/", task_guid);
  }
  // The requests about one task, once there are so many.
  std::vector<Heard> WaitFor(const std::string& task_guid, size_t count) const {
    std::vector<Heard> heard;
    REQUIRE_OK(harness::Eventually(
        absl::StrCat(count, " callbacks of ", task_guid), kPatience, [&]() -> absl::Status {
          heard = data_.With([&](const Data& data) {
            const auto found = data.heard.find(task_guid);
            return found == data.heard.end() ? std::vector<Heard>() : found->second;
          });
          return heard.size() >= count ? absl::OkStatus()
                                       : absl::NotFoundError(absl::StrCat(heard.size()));
        }));
    return heard;
  }

 private:
  struct Data {
    std::map<std::string, std::deque<int>> scripts;
    std::map<std::string, std::vector<Heard>> heard;
  };
  rpc::HttpPeer::Answer AnswerTo(const rpc::HttpPeer::Asked& request) {
    const std::string task_guid = request.path.substr(1);
    return data_.With([&](Data& data) -> rpc::HttpPeer::Answer {
      data.heard[task_guid].push_back({request, RealClock().Monotonic()});
      std::deque<int>& script = data.scripts[task_guid];
      if (script.empty()) return {200};
      const int status = script.front();
      script.pop_front();
      return {status};
    });
  }

  Guarded<Data> data_;
  rpc::HttpPeer peer_;
};

Task MakeJob(const std::string& task_guid, const std::string& url, const std::string& annotation) {
  Task task = MakeTask(task_guid);
  auto message = wire::DefinitionOf(task);
  REQUIRE_OK(message.status());
  message->set_completion_callback_url(url);
  message->set_annotation(annotation);
  wire::SetDefinition(*message, &task);
  return task;
}

void WaitGone(harness::Cluster& cluster, const std::string& task_guid) {
  REQUIRE_OK(harness::Eventually(task_guid + " to be deleted", kPatience, [&]() -> absl::Status {
    const auto task = cluster.bbs().TaskByGuid(TaskGuid(task_guid));
    if (absl::IsNotFound(task.status())) return absl::OkStatus();
    return task.ok() ? absl::NotFoundError(TaskStateName(task->state)) : task.status();
  }));
}

// The body, which is the same at each attempt and but for the time is `expected`.
void CheckBodies(const std::vector<Receiver::Heard>& heard, const std::string& expected) {
  const std::string& body = heard.front().request.body;
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(body);
  CHECK(json["created_at"].get<int64_t>() > 1700000000000000000);
  json["created_at"] = 0;
  CHECK(json.dump() == expected);
  for (const Receiver::Heard& one : heard) {
    CHECK(one.request.body == body);
    CHECK(one.request.method == "POST");
    CHECK(one.request.headers.at("content-type") == "application/json");
    CHECK(one.request.client == "bbs");
  }
}

TEST_CASE("task callbacks: tried again while the receiver is overloaded, also by the next master",
          "[suite]") {
  const harness::Store store = GENERATE(harness::Store::kSqlite, harness::Store::kMysql);
  INFO(StoreName(store));
  Deployment deployment({.store = store, .bbs_count = 2, .cell_count = 0});
  harness::Cluster& cluster = deployment.cluster();
  // So that a task whose callback was given up is taken up again soon.
  for (const char* bbs : {"bbs-1", "bbs-2"}) {
    Reconfigure(cluster, bbs, R"({"kick_task_duration":"2s","converge_repeat_interval":"500ms"})");
  }
  Start(cluster, {"locket", "bbs-1", "bbs-2"});
  const auto tls = cluster.TlsFor(rpc::Role::kOperator);
  REQUIRE_OK(tls.status());
  Receiver receiver(*tls, {{"busy", {503, 504}}, {"broken", {500}}, {"away", {503, 503, 503}}});

  // A cell that is there, and runs what we say it does.
  clients::ConnectionOptions to_locket = deployment.Connection(rpc::Role::kRep, kCell);
  to_locket.addresses = {cluster.Find("locket").address};
  const auto locket = clients::LocketClient::Create(to_locket);
  REQUIRE_OK(locket.status());
  CellPresence presence;
  presence.cell_id = kCell;
  REQUIRE_OK((*locket)
                 ->Lock({kCell.value(), kCell.value(), clients::PresenceToValue(presence),
                         clients::LeaseType::kPresence},
                        absl::Hours(1))
                 .status());
  const auto cell = clients::BbsClient::Create(deployment.Connection(rpc::Role::kRep, kCell));
  REQUIRE_OK(cell.status());
  const auto run = [&](const std::string& guid, const std::string& annotation, bool failed) {
    REQUIRE_OK(cluster.bbs().DesireTask(MakeJob(guid, receiver.UrlOf(guid), annotation)));
    REQUIRE_OK((*cell)->StartTask(TaskGuid(guid), kCell).status());
    REQUIRE_OK((*cell)->CompleteTask({TaskGuid(guid), kCell, failed, failed ? "out of memory" : "",
                                      failed ? "" : "42 \"quoted\""}));
  };

  run("busy", "a note", false);
  const auto busy = receiver.WaitFor("busy", 3);
  WaitGone(cluster, "busy");
  CheckBodies(busy, R"({"task_guid":"busy","failed":false,"failure_reason":"",)"
                    R"("result":"42 \"quoted\"","annotation":"a note","created_at":0})");
  // Each pause is twice the one before.
  CHECK(busy[1].at - busy[0].at >= absl::Milliseconds(250));
  CHECK(busy[2].at - busy[1].at >= absl::Milliseconds(500));

  // Any other answer counts as told.
  run("broken", "", true);
  CheckBodies(receiver.WaitFor("broken", 1),
              R"({"task_guid":"broken","failed":true,"failure_reason":"out of memory",)"
              R"("result":"","created_at":0})");
  WaitGone(cluster, "broken");

  REQUIRE_OK(cluster.bbs().DesireTask(MakeJob("cancelled", receiver.UrlOf("cancelled"), "")));
  REQUIRE_OK(cluster.bbs().CancelTask(TaskGuid("cancelled")));
  CheckBodies(receiver.WaitFor("cancelled", 1),
              R"({"task_guid":"cancelled","failed":true,"failure_reason":"task was cancelled",)"
              R"("result":"","created_at":0})");
  WaitGone(cluster, "cancelled");

  // Given up after three attempts; and the BBS that gave up dies.
  run("away", "", false);
  receiver.WaitFor("away", 3);
  const auto active = cluster.ActiveBbs();
  REQUIRE_OK(active.status());
  for (const auto& [ending, count] : {std::pair("started", 3), {"succeeded", 2}, {"failed", 2}}) {
    const auto told =
        ReadMetric(cluster, *active, absl::StrCat("diego_bbs_tasks_", ending, "_total"));
    REQUIRE_OK(told.status());
    CHECK(*told == count);
  }
  REQUIRE_OK(cluster.KillHard(*active));
  const auto away = receiver.WaitFor("away", 4);
  WaitGone(cluster, "away");
  CheckBodies(away, R"({"task_guid":"away","failed":false,"failure_reason":"",)"
                    R"("result":"42 \"quoted\"","created_at":0})");

  for (const char* guid : {"busy", "broken", "cancelled", "away"}) {
    const size_t times = std::map<std::string, size_t>{
        {"busy", 3}, {"broken", 1}, {"cancelled", 1}, {"away", 4}}[guid];
    CHECK(receiver.WaitFor(guid, times).size() == times);
  }
  REQUIRE_OK(cluster.StopAll());
}

}  // namespace
}  // namespace diego::suite
