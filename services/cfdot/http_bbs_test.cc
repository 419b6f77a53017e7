// cfdot against a BBS of the original, which speaks its HTTP API alone.
#include <catch2/catch.hpp>
#include <map>
#include <sstream>

#include "libs/clients/original_bbs.h"
#include "libs/rpc/testing/http_peer.h"
#include "libs/sync/worker.h"
#include "proto/diego/bbs.pb.h"
#include "proto/models/events.pb.h"
#include "services/cfdot/cli.h"

namespace diego::cfdot {
namespace {

struct Fixture {
  Fixture() {
    REQUIRE(bbs.Start(certificates.For(rpc::Role::kNone), "127.0.0.1:0").ok());
    models::PingResponse pong;
    pong.set_available(true);
    bbs.Answer("/v1/ping", pong);
  }

  struct Result {
    int code;
    std::string out;
    std::string err;
  };
  Result Cfdot(const std::vector<std::string>& words) {
    const rpc::TlsFiles files = certificates.For(rpc::Role::kNone);
    const std::map<std::string, std::string> variables = {{"BBS_URL", bbs.url()},
                                                          {"CA_CERT_FILE", files.ca_file},
                                                          {"CLIENT_CERT_FILE", files.cert_file},
                                                          {"CLIENT_KEY_FILE", files.key_file}};
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    Io io{in, out, err,
          [&](const std::string& name) -> std::optional<std::string> {
            const auto found = variables.find(name);
            if (found == variables.end()) return std::nullopt;
            return found->second;
          },
          RealClock()};
    const int code = Run(words, io);
    return {code, out.str(), err.str()};
  }

  rpc::TestCertificates certificates;
  clients::OriginalBbs bbs;
};

TEST_CASE("a BBS that speaks HTTP is spoken to in HTTP", "[cfdot]") {
  Fixture fixture;
  models::DomainsResponse domains;
  domains.add_domains("cf-apps");
  fixture.bbs.Answer("/v1/domains/list", domains);
  models::TasksResponse tasks;
  tasks.add_tasks()->set_task_guid("nightly");
  fixture.bbs.Answer("/v1/tasks/list.r3", tasks);
  models::TaskLifecycleResponse refused;
  refused.mutable_error()->set_type(models::Error::ResourceExists);
  refused.mutable_error()->set_message("the requested resource already exists");
  fixture.bbs.Answer("/v1/tasks/desire.r2", refused);
  struct Case {
    std::vector<std::string> words;
    int code;
    std::string out;
    std::string err;
  };
  const std::vector<Case> rows = {
      {{"ping"}, 0, "{\"available\":true}\n", ""},
      {{"domains"}, 0, "\"cf-apps\"\n", ""},
      {{"tasks"}, 0, "{\"task_guid\":\"nightly\"", ""},
      {{"create-task", R"({"task_guid":"nightly"})"},
       4,
       "",
       "error: BBS error\nType 12: ResourceExists\nMessage: the requested resource already "
       "exists\n"},
      {{"desired-lrp-definitions", "web"},
       5,
       "",
       "error: UNIMPLEMENTED: a BBS of the original answers"},
  };
  for (const Case& row : rows) {
    INFO(row.words[0]);
    const auto result = fixture.Cfdot(row.words);
    CHECK(result.code == row.code);
    CHECK_THAT(result.out, Catch::StartsWith(row.out));
    CHECK_THAT(result.err, Catch::StartsWith(row.err));
  }
  for (const auto& asked : fixture.bbs.TakeAsked()) CHECK_FALSE(asked.trace_id.empty());
}

TEST_CASE("an answer of HTTP that is none is told as the original's client does", "[cfdot]") {
  Fixture fixture;
  fixture.bbs.Answer("/v1/cells/list.r1", http::Response{.status = 503});
  const auto result = fixture.Cfdot({"cells"});
  CHECK(result.code == 4);
  CHECK_THAT(result.err, Catch::StartsWith("error: BBS error\nType 5: InvalidResponse\nMessage: "));
  CHECK_THAT(result.err, Catch::Contains("Invalid Response with status code: 503"));
}

TEST_CASE("cells of the original are asked in HTTP for what they have", "[cfdot]") {
  Fixture fixture;
  const std::string state =
      R"({"rep_url":"u","cell_id":"old","cell_index":2,)"
      R"("RootFSProviders":{"docker":{"type":"arbitrary"},)"
      R"("preloaded":{"type":"fixed_set","set":{"cflinuxfs4":{}}}},)"
      R"("AvailableResources":{"MemoryMB":5,"DiskMB":6,"Containers":7},)"
      R"("TotalResources":{"MemoryMB":8,"DiskMB":9,"Containers":10},)"
      R"("LRPs":[{"instance_guid":"i","process_guid":"p","index":1,"domain":"d",)"
      R"("PlacementTags":null,"VolumeDrivers":null,"RootFs":"preloaded:cflinuxfs4",)"
      R"("MemoryMB":1,"DiskMB":1,"MaxPids":1,"state":"RUNNING"}],"Tasks":[],)"
      R"("StartingContainerCount":0,"Zone":"z1","Evacuating":false,"VolumeDrivers":null,)"
      R"("PlacementTags":null,"OptionalPlacementTags":null,"ProxyMemoryAllocationMB":32})";
  int status = 200;
  rpc::HttpPeer rep(fixture.certificates.For(rpc::Role::kNone),
                    [&](const rpc::HttpPeer::Asked&) -> rpc::HttpPeer::Answer {
                      return {status, state};
                    });
  models::CellsResponse cells;
  for (const auto& [id, url] : {std::pair<std::string, std::string>("old", rep.url()),
                                {"plain", "http://127.0.0.1:1801"}}) {
    models::CellPresence& cell = *cells.add_cells();
    cell.set_cell_id(id);
    cell.set_rep_url(url);
  }
  fixture.bbs.Answer("/v1/cells/list.r1", cells);

  const auto one = fixture.Cfdot({"cell-state", "old"});
  CHECK(one.err.empty());
  CHECK(one.code == 0);
  CHECK(one.out == state + "\n");
  const auto asked = rep.Requests(1);
  CHECK(asked[0].line() == "GET /state");
  CHECK(asked[0].headers.at("x-vcap-request-id").size() >= 32);

  const auto all = fixture.Cfdot({"cell-states"});
  CHECK(all.code == 4);
  CHECK(all.out == state + "\n");
  CHECK_THAT(all.err,
             Catch::StartsWith("error: Rep error: Failed to get cell state for cell plain: "
                               "INVALID_ARGUMENT: it announces neither"));
  status = 503;
  const auto unhealthy = fixture.Cfdot({"cell-state", "old"});
  CHECK(unhealthy.code == 4);
  CHECK(unhealthy.err ==
        "error: Rep error: Failed to get cell state for cell old: UNAVAILABLE: unexpected status "
        "code: 503\n");
  const auto leave = fixture.Cfdot({"evacuate-cell", "old"});
  CHECK(leave.code == 4);
  CHECK_THAT(leave.err, Catch::Contains("it is a cell of the original") &&
                            Catch::Contains("on its own machine"));
  CHECK(rep.Requests().size() == 3);
}

TEST_CASE("events of HTTP are followed to their end", "[cfdot]") {
  Fixture fixture;
  Worker bbs("bbs", [&fixture] {
    if (!fixture.bbs.WaitForStreams(1)) return absl::ZeroDuration();
    models::TaskCreatedEvent created;
    created.mutable_task()->set_task_guid("t");
    fixture.bbs.Send("task_created", created);
    fixture.bbs.EndStreams();
    return absl::InfiniteDuration();
  });
  const auto result = fixture.Cfdot({"task-events"});
  CHECK(result.code == 0);
  CHECK_THAT(result.out, Catch::StartsWith("{\"type\":\"task_created\",\"data\":{\"task\":"));
  CHECK(result.err.empty());
}

TEST_CASE("a BBS that speaks HTTP does not go back to a revision", "[cfdot]") {
  Fixture fixture;
  const auto refused = fixture.Cfdot({"task-events", "--after", "3"});
  CHECK(refused.code == 5);
  CHECK_THAT(refused.err, Catch::StartsWith("error: OUT_OF_RANGE: "));
}

}  // namespace
}  // namespace diego::cfdot
