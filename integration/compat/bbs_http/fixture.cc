#include "integration/compat/bbs_http/fixture.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "integration/harness/eventually.h"
#include "integration/harness/http.h"

namespace diego::compat {

std::string HttpRequest(absl::string_view method, absl::string_view path, absl::string_view body,
                        absl::string_view headers) {
  return absl::StrCat(method, " ", path,
                      " HTTP/1.1\r\nHost: bbs.service.cf.internal:8889\r\n"
                      "Content-Type: application/x-protobuf\r\nContent-Length: ",
                      body.size(), "\r\n", headers, "\r\n", body);
}

http::RawReply Client::Ask(absl::string_view method, absl::string_view path, absl::string_view body,
                           absl::string_view headers) {
  REQUIRE_OK(raw_->Send(HttpRequest(method, path, body, headers)));
  auto reply = raw_->ReadReply();
  INFO(path);
  REQUIRE_OK(reply.status());
  return *reply;
}

Fixture::Fixture(harness::Store store, int bbs_count)
    : deployment_({.store = store, .bbs_count = bbs_count, .cell_count = 0}) {
  harness::Cluster& cluster = deployment_.cluster();
  REQUIRE_OK(cluster.Start("locket"));
  REQUIRE_OK(harness::Eventually("locket to be ready", absl::Seconds(60), [&] {
    return cluster.locket().FetchAll(clients::LeaseType::kLock).status();
  }));
  for (int i = 1; i <= bbs_count; ++i) REQUIRE_OK(cluster.Start(absl::StrCat("bbs-", i)));
  REQUIRE_OK(harness::Eventually("a BBS to serve", absl::Seconds(60),
                                 [&] { return cluster.ActiveBbs().status(); }));
}

harness::Member& Fixture::Bbs(int number) {
  return deployment_.cluster().Find(absl::StrCat("bbs-", number));
}

int Fixture::PortOf(const std::string& address) {
  int port = 0;
  REQUIRE(absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port));
  return port;
}

rpc::TlsFiles Fixture::TlsFor(rpc::Role role, const std::string& cell_id) {
  auto tls = deployment_.cluster().TlsFor(role, CellId(cell_id));
  REQUIRE_OK(tls.status());
  return *tls;
}

double Fixture::Metric(absl::string_view name) {
  const auto page = harness::HttpGet(absl::StrCat("http://", Bbs(1).metrics_address, "/metrics"),
                                     absl::Seconds(10));
  REQUIRE_OK(page.status());
  for (const absl::string_view line : absl::StrSplit(*page, '\n')) {
    const std::pair<absl::string_view, absl::string_view> metric =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    double value = 0;
    if (absl::EndsWith(metric.first, name) && absl::SimpleAtod(metric.second, &value)) return value;
  }
  FAIL("no metric " << name);
  return 0;
}

Client Fixture::As(rpc::Role role, const std::string& cell_id) {
  auto raw = http::RawClient::Secure(HttpPort(), {.files = TlsFor(role, cell_id)});
  REQUIRE_OK(raw.status());
  return Client(*std::move(raw));
}

Client Fixture::Cell(const std::string& cell_id) {
  harness::Cluster& cluster = deployment_.cluster();
  clients::ConnectionOptions connection;
  connection.tls = TlsFor(rpc::Role::kRep, cell_id);
  connection.addresses = {cluster.Find("locket").address};
  auto locket = clients::LocketClient::Create(connection);
  REQUIRE_OK(locket.status());
  CellPresence presence;
  presence.cell_id = CellId(cell_id);
  presence.rep_address = "http://127.0.0.1:1";
  presence.rep_url = "https://127.0.0.1:1";
  presence.capacity = {1024, 1024, 10};
  clients::Lease lease;
  lease.key = cell_id;
  lease.owner = "compat-" + cell_id;
  lease.type = clients::LeaseType::kPresence;
  lease.value = clients::PresenceToValue(presence);
  REQUIRE_OK((*locket)->Lock(lease, absl::Hours(1)).status());
  REQUIRE_OK(
      harness::Eventually("the BBS to see the cell", absl::Seconds(60), [&]() -> absl::Status {
        const auto cells = cluster.bbs().Cells();
        if (!cells.ok()) return cells.status();
        for (const CellPresence& cell : *cells) {
          if (cell.cell_id.value() == cell_id) return absl::OkStatus();
        }
        return absl::NotFoundError(cell_id);
      }));
  return As(rpc::Role::kRep, cell_id);
}

models::DesireLRPRequest DesireLrp(const std::string& guid) {
  models::DesireLRPRequest request;
  models::DesiredLRP& lrp = *request.mutable_desired_lrp();
  lrp.set_process_guid(guid);
  lrp.set_domain("compat");
  lrp.set_root_fs("preloaded:cflinuxfs4");
  lrp.set_instances(1);
  lrp.set_log_guid("log-" + guid);
  lrp.set_legacy_download_user("vcap");
  lrp.mutable_action()->mutable_run_action()->set_path("/bin/true");
  lrp.mutable_action()->mutable_run_action()->set_user("vcap");
  (*lrp.mutable_metric_tags())["source_id"].set_static_("s-" + guid);
  return request;
}

models::DesireTaskRequest DesireTask(const std::string& guid) {
  models::DesireTaskRequest request;
  request.set_task_guid(guid);
  request.set_domain("compat");
  models::TaskDefinition& task = *request.mutable_task_definition();
  task.set_root_fs("preloaded:cflinuxfs4");
  task.set_legacy_download_user("vcap");
  task.mutable_action()->mutable_run_action()->set_path("/bin/true");
  task.mutable_action()->mutable_run_action()->set_user("vcap");
  return request;
}

models::ActualLRPKey Key(const std::string& guid, int index) {
  models::ActualLRPKey key;
  key.set_process_guid(guid);
  key.set_index(index);
  key.set_domain("compat");
  return key;
}

models::ActualLRPInstanceKey InstanceKey(const std::string& instance, const std::string& cell) {
  models::ActualLRPInstanceKey key;
  key.set_instance_guid(instance);
  key.set_cell_id(cell);
  return key;
}

}  // namespace diego::compat
