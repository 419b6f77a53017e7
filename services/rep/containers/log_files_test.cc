#include "services/rep/containers/log_files.h"

#include <stdlib.h>

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "services/rep/containers/file_io.h"

namespace diego::rep {
namespace {

struct World {
  World() {
    char name[] = "/tmp/diego-logs-XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    dir = name;
  }
  ~World() { (void)RemoveTree(dir); }
  LogFilesConfig Config() {
    return {.dir = dir, .max_file_bytes = 200, .max_closed_containers = 2};
  }
  std::string dir;
};

LogLine Line(const std::string& text) {
  return {absl::UnixEpoch() + absl::Seconds(1), Stream::kStderr, "APP", text};
}

}  // namespace

TEST_CASE("lines come back as they were written", "[rep][logs]") {
  World world;
  LogFiles logs(world.Config());
  REQUIRE(logs.Start().ok());
  CHECK(absl::IsNotFound(logs.Tail("g", 10).status()));
  CHECK(absl::IsInvalidArgument(logs.Tail("../../etc/passwd", 10).status()));
  logs.Write({"g", {}}, Line("with\ttabs"));
  logs.Write({"g", {}}, Line("second"));
  CHECK(logs.Tail("g", 10).value() == std::vector<LogLine>{Line("with\ttabs"), Line("second")});
  CHECK(logs.Tail("g", 1).value() == std::vector<LogLine>{Line("second")});
}

TEST_CASE("files are turned over and old ones go", "[rep][logs]") {
  World world;
  LogFiles logs(world.Config());
  REQUIRE(logs.Start().ok());
  for (int i = 0; i < 100; ++i) logs.Write({"g", {}}, Line(absl::StrCat("line ", i)));
  const auto lines = logs.Tail("g", 1000).value();
  CHECK(lines.size() < 20);
  CHECK(lines.back().text == "line 99");
  CHECK(ListDirectory(world.dir) == std::vector<std::string>{"g.log", "g.log.1"});

  for (const char* guid : {"a", "b", "c"}) logs.Write({guid, {}}, Line("x"));
  for (const char* guid : {"g", "a", "b"}) logs.Close(guid);
  CHECK(ListDirectory(world.dir) == std::vector<std::string>{"a.log", "b.log", "c.log"});
}

TEST_CASE("a follower hears later lines until it goes", "[rep][logs]") {
  World world;
  LogFiles logs(world.Config());
  REQUIRE(logs.Start().ok());
  std::vector<std::string> heard;
  logs.Write({"g", {}}, Line("before"));
  auto following = logs.Follow("g", [&](const LogLine& line) { heard.push_back(line.text); });
  logs.Write({"g", {}}, Line("during"));
  logs.Write({"other", {}}, Line("other"));
  following.reset();
  logs.Write({"g", {}}, Line("after"));
  CHECK(heard == std::vector<std::string>{"during"});
}

}  // namespace diego::rep
