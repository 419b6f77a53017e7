// What lists hold: their filters, cells, and how many may be asked for at once.
// Source: reference/bbs-http-api.md "Routes".
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "integration/compat/bbs_http/fixture.h"

namespace diego::compat {
namespace {

using harness::Store;

void Desire(Client& client, const models::DesireLRPRequest& request) {
  REQUIRE(ErrorOf(client.Call<models::DesiredLRPLifecycleResponse>("/v1/desired_lrp/desire.r2",
                                                                   request)) == "");
}

std::string Names(const models::ActualLRPsResponse& response) {
  std::string names;
  for (const models::ActualLRP& lrp : response.actual_lrps()) {
    absl::StrAppend(&names, lrp.actual_lrp_key().process_guid(), "/", lrp.actual_lrp_key().index(),
                    " ");
  }
  return names;
}

TEST_CASE("compat: the filters of a list are all asked of each record", "[compat]") {
  Fixture fixture(GENERATE(Store::kSqlite, Store::kMysql));
  Client client = fixture.Operator();
  Client cell = fixture.Cell("cell-1");
  models::DesireLRPRequest three = DesireLrp("app-1");
  three.mutable_desired_lrp()->set_instances(3);
  Desire(client, three);
  models::DesireLRPRequest elsewhere = DesireLrp("other-1");
  elsewhere.mutable_desired_lrp()->set_domain("elsewhere");
  Desire(client, elsewhere);
  auto start = Running<models::StartActualLRPRequest>("app-1", "i-1", "cell-1");
  start.mutable_actual_lrp_key()->set_index(1);
  start.set_routable(false);
  REQUIRE(ErrorOf(cell.Call<models::ActualLRPLifecycleResponse>("/v1/actual_lrps/start.r1",
                                                                start)) == "");

  const auto list = [&](const char* domain, const char* cell_id, const char* guid,
                        std::optional<int32_t> index) {
    models::ActualLRPsRequest request;
    request.set_domain(domain);
    request.set_cell_id(cell_id);
    request.set_process_guid(guid);
    if (index) request.set_index(*index);
    return client.Call<models::ActualLRPsResponse>("/v1/actual_lrps/list", request);
  };
  CHECK(Names(list("", "", "", std::nullopt)) == "app-1/0 app-1/1 app-1/2 other-1/0 ");
  CHECK(Names(list("", "", "", 0)) == "app-1/0 other-1/0 ");
  CHECK(Names(list("elsewhere", "", "", 0)) == "other-1/0 ");
  CHECK(Names(list("compat", "cell-1", "app-1", 1)) == "app-1/1 ");
  for (const char* domain : {"compat", "elsewhere"}) {
    CHECK(Names(list(domain, "cell-1", "other-1", 1)) == "");
  }
  CHECK(Names(list("compat", "cell-1", "app-1", 0)) == "");
  const models::ActualLRPsResponse running = list("", "cell-1", "", std::nullopt);
  REQUIRE(running.actual_lrps_size() == 1);
  CHECK(running.actual_lrps(0).state() == "RUNNING");
  CHECK_FALSE(running.actual_lrps(0).routable());

  models::ActualLRPsByProcessGuidsRequest by_guids;
  for (const char* guid : {"other-1", "nobody", "app-1", "app-1"}) by_guids.add_process_guids(guid);
  CHECK(client
            .Call<models::ActualLRPsByProcessGuidsResponse>("/v1/actual_lrps/list_by_process_guids",
                                                            by_guids)
            .actual_lrps_size() == 4);

  models::DesiredLRPsRequest desired;
  const auto count = [&](const char* path) {
    return client.Call<models::DesiredLRPsResponse>(path, desired).desired_lrps_size();
  };
  desired.add_app_guids("app");
  CHECK(count("/v1/desired_lrps/list.r3") == 1);
  CHECK(count("/v1/desired_lrp_routing_infos/list") == 2);
  CHECK(client
            .Call<models::DesiredLRPSchedulingInfosResponse>(
                "/v1/desired_lrp_scheduling_infos/list", desired)
            .desired_lrp_scheduling_infos_size() == 2);
  desired.set_domain("elsewhere");
  CHECK(count("/v1/desired_lrps/list.r3") == 0);
}

TEST_CASE("compat: cells are those of their presences", "[compat]") {
  Fixture fixture(Store::kSqlite);
  Client client = fixture.Operator();
  fixture.Cell("cell-1");
  fixture.Cell("cell-2");
  const auto cells = client.Call<models::CellsResponse>("/v1/cells/list.r1", "");
  REQUIRE(cells.cells_size() == 2);
  CHECK(cells.cells(0).cell_id() == "cell-1");
  CHECK(cells.cells(1).cell_id() == "cell-2");
  CHECK(cells.cells(0).rep_url() == "https://127.0.0.1:1");
  CHECK(cells.cells(0).capacity().memory_mb() == 1024);
  CHECK(cells.cells(0).capacity().containers() == 10);
}

TEST_CASE("compat: however many ask for a list at once, each gets it", "[compat]") {
  Fixture fixture(Store::kSqlite);
  Client client = fixture.Operator();
  models::DesireLRPRequest request = DesireLrp("app");
  request.mutable_desired_lrp()->set_instances(1500);
  Desire(client, request);
  std::vector<Client> clients;
  for (int i = 0; i < 500; ++i) clients.push_back(fixture.Operator());
  const std::string list = HttpRequest("POST", "/v1/actual_lrps/list", "");
  for (Client& one : clients) REQUIRE_OK(one.raw().Send(list));
  int answered = 0;
  for (Client& one : clients) {
    const auto reply = one.raw().ReadReply();
    REQUIRE_OK(reply.status());
    answered += reply->status == 200 ? 1 : 0;
  }
  CHECK(answered == 500);
}

}  // namespace
}  // namespace diego::compat
