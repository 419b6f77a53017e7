// The steps of `./dev demo`: the whole control plane shown at work, on a real deployment.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "integration/demo/console.h"
#include "integration/harness/cluster.h"

namespace diego::demo {

struct DemoOptions {
  std::string bin_dir;
  std::string examples_dir;  // where web.json and task.json are
  std::string directory;     // empty: a fresh one in /tmp
  harness::Store store = harness::Store::kSqlite;
  bool keep = false;
};

// Not thread-safe.
class Demo {
 public:
  explicit Demo(const DemoOptions& options) : options_(options) {}
  // Runs all steps; the first that fails ends it.
  absl::Status Run();
  // Where the logs are; empty before the first step.
  const std::string& directory() const { return directory_; }

 private:
  absl::Status RunSteps();
  absl::Status BringUp();
  absl::Status ServeAssets();
  absl::Status DesireWebApp();
  absl::Status FetchPages();
  absl::Status ShowRoutes();
  absl::Status Scale(int instances);
  absl::Status KillContainer();
  absl::Status KillCell();
  absl::Status ReturnCell();
  absl::Status KillActiveBbs();
  absl::Status RunTask();
  absl::Status RemoveEverything();
  absl::Status ShutDown();
  void ExplainKeep();

  // The running instances, and their pages fetched through every mapped port.
  absl::Status CheckPages(const std::vector<ActualLrp>& instances);
  void ShowInstances(const std::vector<ActualLrp>& instances);

  const DemoOptions options_;
  Console console_;
  std::string directory_;
  std::string asset_url_port_;
  std::unique_ptr<harness::Process> assets_;
  std::unique_ptr<harness::Cluster> cluster_;
};

}  // namespace diego::demo
