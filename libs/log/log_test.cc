#include "libs/log/log.h"
#include "absl/strings/string_view.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "libs/log/file_sink.h"
#include "libs/testing/fake_clock.h"

namespace diego::log {
namespace {

struct Lines {
  std::vector<nlohmann::json> all;
  FakeClock clock;
  Logger Make(Options options = {}) {
    options.component = "bbs";
    options.clock = &clock;
    options.sink = [this](absl::string_view line) { all.push_back(nlohmann::json::parse(line)); };
    return Logger(options);
  }
};

TEST_CASE("log: a line has time, source, dotted message, level and data", "[log]") {
  Lines lines;
  const Logger log = lines.Make();
  log.Session("term", {{"epoch", 7}}).Info("term-started", {{"cells", 2}});
  REQUIRE(lines.all.size() == 1);
  const auto& line = lines.all[0];
  CHECK(line["timestamp"] == "1767225600.000000000");
  CHECK(line["source"] == "bbs");
  CHECK(line["message"] == "bbs.term.term-started");
  CHECK(line["log_level"] == 1);
  CHECK(line["data"] == nlohmann::json{{"session", "1"}, {"epoch", 7}, {"cells", 2}});
}

TEST_CASE("log: sessions nest and are numbered below their parent", "[log]") {
  Lines lines;
  const Logger log = lines.Make();
  const Logger first = log.Session("a");
  const Logger second = log.Session("b");
  second.Session("c").Session("d").Info("m");
  CHECK(lines.all[0]["message"] == "bbs.b.c.d.m");
  CHECK(lines.all[0]["data"]["session"] == "2.1.1");
}

TEST_CASE("log: values of secret keys never reach the sink", "[log]") {
  Lines lines;
  lines.Make().Info("m", {{"image_password", "hunter2"}, {"fencing_token", 3}});
  CHECK(lines.all[0]["data"]["image_password"] == "*REDACTED*");
  CHECK(lines.all[0]["data"]["fencing_token"] == 3);
}

TEST_CASE("log: lines below the level are dropped until the level changes", "[log]") {
  Lines lines;
  const Logger log = lines.Make();
  log.Debug("hidden");
  log.SetLevel(Level::kDebug);
  log.Session("s").Debug("shown");
  REQUIRE(lines.all.size() == 1);
  CHECK(lines.all[0]["message"] == "bbs.s.shown");
}

TEST_CASE("log: long strings are cut and bytes that are not UTF-8 do no harm", "[log]") {
  Lines lines;
  const Logger log = lines.Make();
  log.Info("m", {{"long", std::string(700, 'x')}, {"bytes", std::string("\xff\xfe")}});
  CHECK(lines.all[0]["data"]["long"] == std::string(640, 'x') + "-(truncated)");
}

TEST_CASE("log: a wrong level name says which are right", "[log]") {
  Level level = Level::kInfo;
  CHECK(ParseLevel("error", &level).ok());
  CHECK(level == Level::kError);
  CHECK(ParseLevel("loud", &level).message() ==
        "'loud' is not a log level; use debug, info, error or fatal");
}

TEST_CASE("log: a file is added to, whoever shortens it meanwhile", "[log]") {
  char directory[] = "/tmp/diego-log-XXXXXX";
  REQUIRE(mkdtemp(directory) != nullptr);
  const std::string path = std::string(directory) + "/access.log";
  const auto text = [&] {
    std::ifstream in(path);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  for (const char* line : {"first", "second"}) {
    const auto sink = FileSink(path);
    REQUIRE(sink.ok());
    (*sink)(line);
  }
  CHECK(text() == "first\nsecond\n");
  CHECK((std::filesystem::status(path).permissions() & std::filesystem::perms(077)) ==
        std::filesystem::perms::none);
  const auto sink = FileSink(path);
  (*sink)("third");
  std::filesystem::resize_file(path, 0);
  (*sink)("fourth");
  CHECK(text() == "fourth\n");
  const absl::Status missing = FileSink(path + "/no").status();
  CHECK(absl::IsUnavailable(missing));
  CHECK(missing.message().find(path + "/no") != absl::string_view::npos);
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace diego::log
