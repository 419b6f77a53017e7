#include "integration/harness/process.h"

#include <signal.h>

#include <catch2/catch.hpp>

#include "integration/harness/eventually.h"

namespace diego::harness {
namespace {

TEST_CASE("process: the exit status is reported, and a signal as 128 + its number", "[harness]") {
  auto process = Process::Start({.name = "sh",
                                 .argv = {"sh", "-c", "exit 7"},
                                 .extra_env = {},
                                 .log_file = "",
                                 .working_dir = ""});
  REQUIRE(process.ok());
  CHECK((*process)->Wait(absl::Seconds(10)) == 7);
  auto sleeper = Process::Start(
      {.name = "sh", .argv = {"sleep", "100"}, .extra_env = {}, .log_file = "", .working_dir = ""});
  REQUIRE(sleeper.ok());
  CHECK((*sleeper)->Running());
  CHECK((*sleeper)->Stop(absl::Seconds(10)) == 128 + SIGTERM);
}

TEST_CASE("process: RunCommand gives stdout, and stderr with a failure", "[harness]") {
  CHECK(*RunCommand({"echo", "hello"}, absl::Seconds(10)) == "hello\n");
  CHECK(*RunCommand({"sh", "-c", "echo $X"}, absl::Seconds(10), {"X=1"}) == "1\n");
  const auto failed = RunCommand({"sh", "-c", "echo oops >&2; exit 3"}, absl::Seconds(10));
  CHECK(failed.status().message() == "sh ended with status 3: oops\n");
  CHECK(RunCommand({"sleep", "100"}, absl::Milliseconds(50)).status().code() ==
        absl::StatusCode::kDeadlineExceeded);
}

TEST_CASE("eventually: gives up at the deadline and says what it saw last", "[harness]") {
  int looks = 0;
  CHECK(Eventually("third look", absl::Seconds(10), [&] {
          return ++looks == 3 ? absl::OkStatus() : absl::NotFoundError("not yet");
        }).ok());
  CHECK(Eventually("never", absl::ZeroDuration(), [] {
          return absl::NotFoundError("nothing");
        }).message() == "never: not within 0; last seen: nothing");
}

TEST_CASE("process: free ports differ", "[harness]") { CHECK(FreePort() != FreePort()); }

}  // namespace
}  // namespace diego::harness
