// The pure parts around containers.
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/rep/containers/environment.h"
#include "services/rep/containers/executor.h"
#include "services/rep/containers/health.h"
#include "services/rep/containers/line_splitter.h"
#include "services/rep/containers/log_rate.h"
#include "services/rep/containers/nat_rules.h"
#include "services/rep/containers/runtime.h"
#include "services/rep/containers/texts.h"
#include "services/rep/containers/user_database.h"

namespace diego::rep {

TEST_CASE("durations are written as Go writes them", "[rep][texts]") {
  const auto [duration, text] = GENERATE(table<absl::Duration, std::string>({
      {absl::ZeroDuration(), "0s"},
      {absl::Nanoseconds(15), "15ns"},
      {absl::Microseconds(1500), "1.5ms"},
      {absl::Milliseconds(100), "100ms"},
      {absl::Seconds(10), "10s"},
      {absl::Milliseconds(1500), "1.5s"},
      {absl::Minutes(1), "1m0s"},
      {absl::Seconds(3601), "1h0m1s"},
      {absl::Seconds(-2), "-2s"},
  }));
  CHECK(DurationText(duration) == text);
}

TEST_CASE("an exit is told in the log and as a reason", "[rep][texts]") {
  CHECK(ExitLogLine({0, false}, absl::ZeroDuration()) == "Exit status 0");
  CHECK(ExitLogLine({137, true}, absl::Seconds(10)) ==
        "Exit status 137 (exceeded 10s graceful shutdown interval) (out of memory)");
  CHECK(ExitReason("APP", {1, false}) == "APP: Exited with status 1");
  CHECK(ExitReason("APP", {137, true}) == "APP: Exited with status 137 (out of memory)");
  CHECK(TimeoutReason(absl::Milliseconds(5), "") == "exceeded 5ms timeout");
  CHECK(TimeoutReason(absl::Seconds(60), "inner") == "exceeded 1m0s timeout; inner");
  CHECK(JoinReasons({"a", "", "b"}) == "a; b");
}

TEST_CASE("a long reason loses its middle", "[rep][texts]") {
  CHECK(CutMiddle("short", 10) == "short");
  const std::string cut = CutMiddle(std::string(20, 'a') + std::string(20, 'b'), 31);
  CHECK(cut.size() == 31);
  CHECK(cut == "aaaaaaaaaa(truncated)bbbbbbbbbb");
}

TEST_CASE("reasons, lines and results are as long as the reference's at most", "[rep][texts]") {
  CHECK(kMaxFailureReasonBytes == 10000);
  CHECK(CutMiddle(std::string(10000, 'a'), kMaxFailureReasonBytes) == std::string(10000, 'a'));
  CHECK(CutMiddle(std::string(10001, 'a'), kMaxFailureReasonBytes).size() == 10000);
  CHECK(kMaxResultFileBytes == 51200);
  CHECK(kMaxLogLineBytes == 61440);
  std::vector<size_t> lengths;
  LineSplitter splitter(kMaxLogLineBytes,
                        [&](absl::string_view line) { lengths.push_back(line.size()); });
  splitter.Add(absl::StrCat(std::string(61440, 'x'), "\n", std::string(61441, 'y'), "\n"));
  CHECK(lengths == std::vector<size_t>{61440, 61440, 1});
}

TEST_CASE("an LRP's variables come before its own", "[rep][environment]") {
  CHECK(LrpEnvironment("guid", 3, {{"A", "b"}}) == Environment{{"INSTANCE_GUID", "guid"},
                                                               {"INSTANCE_INDEX", "3"},
                                                               {"CF_INSTANCE_GUID", "guid"},
                                                               {"CF_INSTANCE_INDEX", "3"},
                                                               {"A", "b"}});
  CHECK(ContainerEnvironment({{"A", "b"}}, "/certs") ==
        Environment{{"A", "b"}, {"CF_SYSTEM_CERT_PATH", "/certs"}});
  CHECK(ContainerEnvironment({{"A", "b"}}, "") == Environment{{"A", "b"}});
}

TEST_CASE("a process learns its addresses", "[rep][environment]") {
  using Ports = std::vector<PortMapping>;
  const auto [ports, expected] = GENERATE(table<Ports, Environment>({
      {{{8080, 61001}, {22, 61002}},
       {{"CF_INSTANCE_PORT", "61001"},
        {"CF_INSTANCE_ADDR", "1.2.3.4:61001"},
        {"CF_INSTANCE_PORTS",
         R"([{"external":61001,"internal":8080},{"external":61002,"internal":22}])"}}},
      {{}, {{"CF_INSTANCE_PORT", ""}, {"CF_INSTANCE_ADDR", ""}, {"CF_INSTANCE_PORTS", "[]"}}},
      {{{8080, 0}}, {{"CF_INSTANCE_PORTS", R"([{"internal":8080}])"}}},
  }));
  Environment all = {
      {"OWN", "1"}, {"CF_INSTANCE_IP", "1.2.3.4"}, {"CF_INSTANCE_INTERNAL_IP", "10.0.0.2"}};
  all.insert(all.end(), expected.begin(), expected.end());
  CHECK(ProcessEnvironment({{"OWN", "1"}}, "1.2.3.4", {"10.0.0.2", ports}) == all);
}

TEST_CASE("health: what a check's answer leads to", "[rep][health]") {
  using Kind = HealthVerdict::Kind;
  struct Row {
    const char* name;
    bool was_healthy;
    bool passed;
    int at_second;
    Kind kind;
    const char* log_line;
    const char* reason;
    std::optional<absl::Duration> next;
  };
  const std::vector<Row> rows = {
      {"not up yet", false, false, 3, Kind::kCheckAgain, "", "", absl::Seconds(2)},
      {"nearly out of time", false, false, 59, Kind::kCheckAgain, "", "", absl::Seconds(1)},
      {"out of time", false, false, 60, Kind::kFailed,
       "Failed after 1m0s: startup health check never passed.",
       "Instance never healthy after 1m0s: no answer", std::nullopt},
      {"up", false, true, 3, Kind::kBecameHealthy, "Container became healthy", "", std::nullopt},
      {"up at the last look", false, true, 60, Kind::kBecameHealthy, "Container became healthy", "",
       std::nullopt},
      {"still up", true, true, 99, Kind::kCheckAgain, "", "", std::nullopt},
      {"down", true, false, 99, Kind::kFailed, "Container became unhealthy",
       "Instance became unhealthy: no answer", std::nullopt},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    HealthTracker tracker({.start_timeout = absl::Minutes(1)}, absl::ZeroDuration());
    if (row.was_healthy) tracker.OnCheck(true, "", absl::Seconds(1));
    const HealthVerdict verdict =
        tracker.OnCheck(row.passed, "no answer", absl::Seconds(row.at_second));
    CHECK(verdict.kind == row.kind);
    CHECK(verdict.log_line == row.log_line);
    CHECK(verdict.failure_reason == row.reason);
    CHECK(verdict.next_check == row.next);
  }
}

TEST_CASE("health: without a start timeout it is waited for", "[rep][health]") {
  HealthTracker tracker({}, absl::ZeroDuration());
  CHECK(tracker.OnCheck(false, "x", absl::Hours(99)).next_check == absl::Seconds(2));
}

TEST_CASE("output is cut into lines at LF, CR and the longest length", "[rep][logs]") {
  std::vector<std::string> lines;
  LineSplitter splitter(8, [&](absl::string_view line) { lines.emplace_back(line); });
  for (absl::string_view piece : {"one\r\ntw", "o\n\n", "12345678", "9\nexactly8\nla", "st"}) {
    splitter.Add(piece);
  }
  splitter.Flush();
  CHECK(lines == std::vector<std::string>{"one", "two", "12345678", "9", "exactly8", "last"});
}

TEST_CASE("log limits let through so much a second and complain once", "[rep][logs]") {
  LogRate bytes({.bytes_per_second = 10});
  CHECK(bytes.OnLine(10, absl::Seconds(1)).write);
  const LogRate::Answer over = bytes.OnLine(1, absl::Seconds(1));
  CHECK_FALSE(over.write);
  CHECK(over.complaint == "app instance exceeded log rate limit (10 bytes/sec)");
  CHECK(bytes.OnLine(1, absl::Seconds(1)).complaint.empty());
  CHECK(bytes.OnLine(1, absl::Seconds(2)).write);

  LogRate lines({.lines_per_second = 1});
  CHECK(lines.OnLine(1, absl::Seconds(1)).write);
  CHECK(lines.OnLine(1, absl::Seconds(1)).complaint ==
        "app instance exceeded log rate limit (1 log-lines/sec) set by platform operator");

  LogRate nothing({.bytes_per_second = 0});
  CHECK_FALSE(nothing.OnLine(1, absl::Seconds(1)).write);
  CHECK(nothing.OnLine(1, absl::Seconds(1)).complaint.empty());
}

TEST_CASE("users are found by name and by number", "[rep][users]") {
  const std::string passwd = "root:x:0:0:root:/root:/bin/sh\nvcap:x:2000:2001::/home/vcap:\nbad\n";
  const std::string group = "staff:x:50:other,vcap\nvcap:x:2001:vcap\n";
  const auto vcap = FindUser("vcap", passwd, group);
  REQUIRE(vcap.ok());
  CHECK(vcap->uid == 2000);
  CHECK(vcap->gid == 2001);
  CHECK(vcap->home == "/home/vcap");
  CHECK(vcap->groups == std::vector<uint32_t>{50});
  CHECK(FindUser("2000", passwd, group)->name == "vcap");
  CHECK(FindUser("2000:7", passwd, group)->gid == 7);
  CHECK(FindUser("4711", passwd, group)->uid == 4711);
  CHECK(FindUser("root", "", "")->home == "/root");
  CHECK(absl::IsNotFound(FindUser("eve", passwd, group).status()));
}

TEST_CASE("the rules of one network are removed and those of others stay", "[rep][network]") {
  const std::string saved =
      "*nat\n:CNI-HOSTPORT-DNAT - [0:0]\n:CNI-HOSTPORT-MASQ - [0:0]\n:CNI-DN-1 - [0:0]\n"
      "-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT\n"
      "-A POSTROUTING -s 10.1.0.2/32 -m comment --comment \"name: \\\"mine\\\" id: \\\"c\\\"\" -j "
      "CNI-abc\n"
      "-A CNI-abc ! -d 224.0.0.0/4 -m comment --comment \"name: \\\"mine\\\" id: \\\"c\\\"\" -j "
      "MASQUERADE\n"
      "-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment \"dnat name: \\\"mine\\\" id: "
      "\\\"c\\\"\" -j CNI-DN-1\n"
      "-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment \"dnat name: \\\"mine2\\\" id: "
      "\\\"d\\\"\" -j CNI-DN-2\n";
  const std::string removal = RemovalOfNetwork(saved, "mine");
  CHECK(absl::StrContains(removal, "-D POSTROUTING -s 10.1.0.2/32"));
  CHECK(absl::StrContains(removal, "-F CNI-DN-1\n"));
  CHECK(absl::StrContains(removal, "-X CNI-abc\n"));
  CHECK_FALSE(absl::StrContains(removal, "mine2"));
  CHECK_FALSE(absl::StrContains(removal, "-X CNI-HOSTPORT"));
  CHECK(RemovalOfNetwork(saved, "other").empty());

  CHECK(RemovalOfSharedChains(saved).empty());
  const std::string unused =
      "*nat\n:CNI-HOSTPORT-DNAT - [0:0]\n-A PREROUTING -j CNI-HOSTPORT-DNAT\n";
  CHECK(RemovalOfSharedChains(unused) ==
        "*nat\n-D PREROUTING -j CNI-HOSTPORT-DNAT\n-F CNI-HOSTPORT-DNAT\n-X "
        "CNI-HOSTPORT-DNAT\nCOMMIT\n");
  CHECK(RemovalOfSharedChains("*nat\nCOMMIT\n").empty());
}

}  // namespace diego::rep
