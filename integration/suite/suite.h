// What the cases of the suite share: a deployment in a fresh directory, and builders.
#pragma once

#include <memory>
#include <string>

#include "integration/harness/cluster.h"
#include "libs/models/desired_lrp.h"

// REQUIRE that a status is OK, showing it when it is not. Like all of Catch's assertions for the
// test's own thread only: two threads that assert at once corrupt the heap.
#define REQUIRE_OK(expression)                        \
  do {                                                \
    const absl::Status& diego_ok = (expression);      \
    INFO(#expression << ": " << diego_ok.ToString()); \
    REQUIRE(diego_ok.ok());                           \
  } while (false)

namespace diego::suite {

std::string StoreName(harness::Store store);

// A small LRP of domain "suite" whose action is `sleep`; nothing places it unless there are cells.
// Any thread may call it.
DesiredLrp MakeLrp(const std::string& process_guid, int instances, const std::string& annotation);

// A web server that answers on port 8080 of its container, routed from `hostname`; it runs once its
// health check has passed.
DesiredLrp MakeWebApp(const std::string& process_guid, const std::string& hostname, int instances);

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
  // A fresh operator's client.
  struct Reconnected {
    std::unique_ptr<clients::BbsClient> bbs;
  };
  Reconnected Reconnect();

 private:
  std::string directory_;
  std::unique_ptr<harness::Cluster> cluster_;
  int exceptions_before_ = 0;
};

}  // namespace diego::suite
