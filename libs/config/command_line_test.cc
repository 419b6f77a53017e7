#include "libs/config/command_line.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace diego::config {
namespace {

struct Sample {
  std::string name = "nobody";
  std::string password;
  bool loud = false;
  int32_t count = 1;
};
Table<Sample> SampleTable() {
  Table<Sample> table("sample");
  table.Key("name", &Sample::name, "who");
  table.Key("password", &Sample::password, "credential").Secret();
  table.Key("loud", &Sample::loud, "shout");
  table.Key("count", &Sample::count, "how many").Required();
  table.Ignored({"consul_cluster"}, "there is no Consul");
  return table;
}

struct Ran {
  Sample config;
  Start start;
  std::string out;
  std::string err;
};
Ran Run(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "sample");
  Ran ran;
  std::ostringstream out;
  std::ostringstream err;
  ran.start = FromCommandLine(SampleTable(), static_cast<int>(arguments.size()), arguments.data(),
                              out, err, &ran.config);
  ran.out = out.str();
  ran.err = err.str();
  return ran;
}

class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text) {
    char name[] = "/tmp/diego-config-XXXXXX";
    close(mkstemp(name));
    path_ = name;
    std::ofstream(path_) << text;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  const char* path() const { return path_.c_str(); }

 private:
  std::string path_;
};

TEST_CASE("command line: file and flags together start the program", "[config]") {
  const TemporaryFile file(R"({"name":"file","count":2,"consul_cluster":"x"})");
  const Ran ran = Run({"-config", file.path(), "--count=3", "--loud"});
  CHECK_FALSE(ran.start.exit_code.has_value());
  CHECK(ran.config.name == "file");
  CHECK(ran.config.count == 3);
  CHECK(ran.config.loud);
  REQUIRE(ran.start.notices.size() == 1);
  CHECK(ran.start.notices[0].kind == Notice::Kind::kIgnored);
  CHECK(ran.start.notices[0].key == "consul_cluster");
  CHECK(ran.start.notices[0].text == "there is no Consul");
}

TEST_CASE("command line: a flag of a truth takes the word behind it only when it is one",
          "[config]") {
  CHECK_FALSE(Run({"--loud", "false", "--count", "1"}).config.loud);
  CHECK(Run({"--loud", "true", "--count", "1"}).config.loud);
  CHECK(Run({"--loud", "--count", "1"}).config.loud);
}

TEST_CASE("command line: help, version, check and print end the program well", "[config]") {
  const Ran help = Run({"--help"});
  CHECK(help.start.exit_code == 0);
  CHECK(help.out.find("count (integer, required)\n      how many") != std::string::npos);
  CHECK(help.out.find("name (text, default nobody)") != std::string::npos);
  CHECK(Run({"--version"}).out.find("sample ") == 0);
  const Ran check = Run({"--check-config", "--count", "1"});
  CHECK(check.start.exit_code == 0);
  CHECK(check.out == "sample: configuration is good\n");
  const Ran print = Run({"--print-config", "--count", "1", "--password", "hush"});
  CHECK(print.start.exit_code == 0);
  CHECK(print.out.find("hush") == std::string::npos);
  CHECK(print.out.find("\"count\": 1") != std::string::npos);
}

TEST_CASE("command line: what is wrong ends the program with 2 and the reason", "[config]") {
  const auto [arguments, expected] = GENERATE(table<std::vector<std::string>, std::string>({
      {{"--count"}, "--count has no value"},
      {{"stray"}, "\"stray\" is not a flag"},
      {{"--config", "/no/such"}, "\"/no/such\" cannot be read: No such file or directory"},
      {{"--config", "/tmp"}, "cannot be read: Is a directory"},
      {std::vector<std::string>{}, "count: is missing"},
      {{"--check-config"}, "count: is missing"},
      {{"--cuont", "1"}, "did you mean count?"},
  }));
  std::vector<const char*> pointers;
  for (const std::string& argument : arguments) pointers.push_back(argument.c_str());
  const Ran ran = Run(pointers);
  CHECK(ran.start.exit_code == 2);
  INFO(ran.err);
  CHECK(ran.err.find(expected) != std::string::npos);
}

TEST_CASE("command line: an empty file is a fault", "[config]") {
  const TemporaryFile empty("");
  const Ran ran = Run({"--config", empty.path()});
  CHECK(ran.start.exit_code == 2);
  CHECK(ran.err.find("the file: is not JSON") != std::string::npos);
  CHECK(ran.err.find("count: is missing") == std::string::npos);  // nobody knows
}

}  // namespace
}  // namespace diego::config
