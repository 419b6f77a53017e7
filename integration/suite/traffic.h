// Traffic: clients of an app that ask for its page again and again, by way of a router: wherever it
// has a route to, and at the next endpoint when one does not answer.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "integration/harness/router.h"
#include "libs/sync/guarded.h"
#include "libs/sync/worker.h"

namespace diego::suite {

class Traffic {
 public:
  // `router` outlives it.
  Traffic(const harness::Router& router, std::string hostname, int clients = 2);

  int answered() const { return answered_.load(); }
  // Requests that no endpoint answered, in words.
  std::vector<std::string> lost() const {
    return lost_.With([](const auto& lost) { return lost; });
  }

 private:
  absl::Duration Ask();

  const harness::Router& router_;
  const std::string hostname_;
  std::atomic<size_t> next_ = 0;
  std::atomic<int> answered_ = 0;
  Guarded<std::vector<std::string>> lost_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace diego::suite
