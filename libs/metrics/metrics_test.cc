#include "libs/metrics/metrics.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

namespace diego::metrics {
namespace {

std::string Get(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  REQUIRE(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  const std::string request = "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  REQUIRE(write(fd, request.data(), request.size()) == static_cast<ssize_t>(request.size()));
  std::string answer;
  char buffer[4096];
  for (ssize_t got; (got = read(fd, buffer, sizeof buffer)) > 0;) answer.append(buffer, got);
  close(fd);
  return answer;
}

enum class Outcome { kAccepted, kRefused };

TEST_CASE("metrics: values appear in the text under their full names", "[metrics]") {
  Registry registry("bbs");
  Counter batches = registry.AddCounter("committed_batches_total", "Batches committed.");
  Gauge held = registry.AddGauge("lock_held_state", "1 while held.");
  Histogram took = registry.AddHistogram("commit_duration_seconds", "Time of a commit.");
  auto commands =
      registry.AddCounters("commands_total", "Commands.", "outcome", {"accepted", "refused"});
  batches.Increment();
  batches.Increment(2);
  held.Set(1);
  took.Observe(absl::Milliseconds(2));
  commands[Outcome::kRefused].Increment(5);
  const std::string text = registry.Text();
  INFO(text);
  CHECK(text.find("diego_bbs_committed_batches_total 3") != std::string::npos);
  CHECK(text.find("diego_bbs_lock_held_state 1") != std::string::npos);
  CHECK(text.find("diego_bbs_commit_duration_seconds_count 1") != std::string::npos);
  CHECK(text.find("diego_bbs_commands_total{outcome=\"refused\"} 5") != std::string::npos);
  CHECK(text.find("diego_bbs_commands_total{outcome=\"accepted\"} 0") != std::string::npos);
}

TEST_CASE("metrics: the text is served on any free port", "[metrics]") {
  Registry registry("locket");
  registry.AddCounter("requests_total", "Requests.").Increment();
  auto exposition = Exposition::Start("127.0.0.1:0", registry);
  REQUIRE(exposition.ok());
  REQUIRE((*exposition)->port() > 0);
  const std::string answer = Get((*exposition)->port());
  CHECK(answer.find("200 OK") != std::string::npos);
  CHECK(answer.find("diego_locket_requests_total 1") != std::string::npos);
}

TEST_CASE("metrics: a port in use is an error that names the address", "[metrics]") {
  Registry registry("locket");
  auto first = Exposition::Start("127.0.0.1:0", registry);
  REQUIRE(first.ok());
  const std::string address = absl::StrCat("127.0.0.1:", (*first)->port());
  const auto second = Exposition::Start(address, registry);
  REQUIRE_FALSE(second.ok());
  CHECK(absl::IsUnavailable(second.status()));
  CHECK(std::string(second.status().message()).find(address) != std::string::npos);
}

}  // namespace
}  // namespace diego::metrics
