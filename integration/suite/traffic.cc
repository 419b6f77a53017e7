#include "integration/suite/traffic.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "integration/harness/http.h"

namespace diego::suite {

Traffic::Traffic(const harness::Router& router, std::string hostname, int clients)
    : router_(router), hostname_(std::move(hostname)) {
  for (int i = 0; i < clients; ++i) {
    workers_.push_back(std::make_unique<Worker>("traffic", [this] { return Ask(); }));
  }
}

absl::Duration Traffic::Ask() {
  const std::set<std::string> routed = router_.Endpoints(hostname_);
  const std::vector<std::string> endpoints(routed.begin(), routed.end());
  std::string lost = absl::StrCat(endpoints.size(), " endpoints");
  const size_t first = next_.fetch_add(1);
  for (size_t i = 0; i < endpoints.size(); ++i) {
    const std::string& endpoint = endpoints[(first + i) % endpoints.size()];
    const auto page = harness::HttpGet(absl::StrCat("http://", endpoint, "/"), absl::Seconds(2));
    if (page.ok() && *page == "here") {
      answered_.fetch_add(1);
      return absl::Milliseconds(5);
    }
    absl::StrAppend(&lost, "; ", endpoint, ": ", page.ok() ? *page : page.status().ToString());
  }
  lost_.With([&](auto& all) { all.push_back(lost); });
  return absl::Milliseconds(5);
}

}  // namespace diego::suite
