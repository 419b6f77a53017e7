#include "integration/compat/peers/peers.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "integration/harness/eventually.h"
#include "libs/base/status_util.h"
#include "libs/wire/json.h"
#include "libs/wire/task.h"
#include "proto/models/task.pb.h"

namespace diego::compat {

http::RawReply Ask(harness::Cluster& cluster, const std::string& address, rpc::Role role,
                   absl::string_view method, absl::string_view path, absl::string_view body,
                   absl::string_view headers) {
  INFO(method << " " << path << " at " << address);
  const auto tls = cluster.TlsFor(role);
  REQUIRE_OK(tls.status());
  int port = 0;
  REQUIRE(absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port));
  auto client = http::RawClient::Secure(port, {*tls});
  REQUIRE_OK(client.status());
  REQUIRE_OK((*client)->Send(absl::StrCat(method, " ", path, " HTTP/1.1\r\nHost: cell\r\n",
                                          "Content-Length: ", body.size(), "\r\n", headers, "\r\n",
                                          body)));
  auto reply = (*client)->ReadReply();
  REQUIRE_OK(reply.status());
  return *reply;
}

void Start(harness::Cluster& cluster, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    REQUIRE_OK(cluster.Start(name));
    REQUIRE_OK(harness::Eventually(name + " to be ready", kPatience, [&]() -> absl::Status {
      if (name == "locket") return cluster.locket().FetchAll(clients::LeaseType::kLock).status();
      if (name == "auctioneer") return cluster.locket().Fetch(name).status();
      if (absl::StartsWith(name, "bbs-")) return cluster.ActiveBbs().status();
      DIEGO_ASSIGN_OR_RETURN(const auto cells, cluster.bbs().Cells());
      for (const CellPresence& cell : cells) {
        if (cell.cell_id.value() == name) return absl::OkStatus();
      }
      return absl::NotFoundError("no presence yet");
    }));
  }
}

void Reconfigure(harness::Cluster& cluster, const std::string& name,
                 const std::string& json_patch) {
  const std::string path = cluster.Find(name).argv.back();
  std::ifstream file(path);
  nlohmann::json config =
      nlohmann::json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
  config.merge_patch(nlohmann::json::parse(json_patch));
  std::ofstream(path) << config.dump();
}

Task MakeTask(const std::string& task_guid) {
  models::Task message;
  REQUIRE_OK(wire::FromJson(
      R"({"task_guid":")" + task_guid +
          R"(","domain":"suite","rootfs":"preloaded:busybox","memory_mb":16,"disk_mb":16,)"
          R"("log_guid":"t","metrics_guid":"t","action":{"run":{"path":"/bin/sleep",)"
          R"("args":["1000000"],"user":"vcap"}}})",
      &message));
  auto task = wire::FromProto(message);
  REQUIRE_OK(task.status());
  return *task;
}

rpc::HttpPeer::Asked WaitForRequest(rpc::HttpPeer& peer, const std::string& line,
                                    const std::string& part) {
  rpc::HttpPeer::Asked found;
  REQUIRE_OK(harness::Eventually(line + " with " + part, kPatience, [&]() -> absl::Status {
    for (const rpc::HttpPeer::Asked& asked : peer.Requests()) {
      if (asked.line() != line || asked.body.find(part) == std::string::npos) continue;
      found = asked;
      return absl::OkStatus();
    }
    return absl::NotFoundError("not asked yet");
  }));
  return found;
}

}  // namespace diego::compat
