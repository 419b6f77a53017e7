// What the cases of the suite share: a deployment in a fresh directory, builders, and what is
// waited for.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "integration/harness/cluster.h"
#include "libs/models/desired_lrp.h"
#include "libs/models/task.h"
#include "libs/sql/database.h"

namespace diego::suite {

// How long anything may take that is certain to come.
constexpr absl::Duration kPatience = absl::Seconds(120);

std::string StoreName(harness::Store store);

// A small LRP of domain "suite" whose action is `sleep`; nothing places it unless there are cells.
// Any thread may call it.
DesiredLrp MakeLrp(const std::string& process_guid, int instances, const std::string& annotation);

// The same, with port 8080, and `/bin/sh -c script` as its action.
DesiredLrp MakeScript(const std::string& process_guid, int instances, const std::string& script);

// A web server that answers on port 8080 of its container, routed from `hostname`; it runs once its
// health check has passed. Its page is "here".
DesiredLrp MakeWebApp(const std::string& process_guid, const std::string& hostname, int instances);

// A task of domain "suite" that runs the script; its result is what that leaves in /tmp/result.
Task MakeTask(const std::string& task_guid, const std::string& script = "sleep 1000000");

// REQUIREs that these members start, in this order, and become ready.
void Start(harness::Cluster& cluster, const std::vector<std::string>& names);

// Replaces keys in a member's configuration file; call before it is started. A null value removes
// the key.
void Reconfigure(harness::Cluster& cluster, const std::string& name, const std::string& json_patch);

// Waits until exactly `count` instances of the process run and the router sends the traffic of
// `hostname` to just those.
absl::StatusOr<std::vector<ActualLrp>> WaitRouted(harness::Cluster& cluster,
                                                  const ProcessGuid& process_guid,
                                                  const std::string& hostname, int count);
// "address:port" of an instance's first port; "" when it has none.
std::string EndpointOf(const ActualLrp& lrp);

// What a member says of a metric without labels.
absl::StatusOr<double> ReadMetric(harness::Cluster& cluster, const std::string& member,
                                  const std::string& metric);

// A cluster in a fresh directory of /tmp, which is removed when the case has passed and kept, with
// its logs, when it has not.
class Deployment {
 public:
  struct Options {
    harness::Store store = harness::Store::kSqlite;
    int bbs_count = 1;
    int cell_count = 1;
  };
  explicit Deployment(const Options& options);
  ~Deployment();

  harness::Cluster& cluster() { return *cluster_; }
  // How its clients of the BBS connect, as operators unless told otherwise.
  clients::ConnectionOptions Connection(rpc::Role role = rpc::Role::kOperator,
                                        const CellId& cell_id = CellId());
  // A fresh operator's client.
  struct Reconnected {
    std::unique_ptr<clients::BbsClient> bbs;
  };
  Reconnected Reconnect();
  // Where a program of ours is.
  std::string Binary(const std::string& name) const { return bin_dir_ + "/" + name; }
  // The BBS's database, beside the BBS.
  std::unique_ptr<sql::Database> OpenDatabase();
  // Runs cfdot as an operator; what it printed.
  absl::StatusOr<std::string> Cfdot(const std::vector<std::string>& arguments);

 private:
  std::string directory_;
  std::string bin_dir_;
  std::unique_ptr<harness::Cluster> cluster_;
  int exceptions_before_ = 0;
};

}  // namespace diego::suite

// REQUIRE that a status is OK, showing it when it is not. Like all of Catch's assertions for the
// test's own thread only: two threads that assert at once corrupt the heap.
#define REQUIRE_OK(expression)                        \
  do {                                                \
    const absl::Status& diego_ok = (expression);      \
    INFO(#expression << ": " << diego_ok.ToString()); \
    REQUIRE(diego_ok.ok());                           \
  } while (false)
