#include "libs/log/redaction.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "libs/log/log.h"

namespace diego::log {
namespace {

// The line that a logger with these patterns writes of the data.
std::string LineOf(const std::vector<std::string>& patterns, const Fields& data) {
  std::string written;
  Options options;
  options.component = "bbs";
  options.sink =
      RedactingSink(patterns, [&written](absl::string_view line) { written = std::string(line); });
  Logger(options).Info("m", data);
  return written;
}

TEST_CASE("redaction: texts that a pattern finds are hidden as a whole", "[log]") {
  struct Case {
    std::vector<std::string> patterns;
    std::string text;
    bool hidden;
  };
  const std::string key = "x\n-----BEGIN RSA PRIVATE KEY-----\nabc";
  const Case cases[] = {
      {{}, "s3cret", false},
      {{"^s3.*$"}, "s3cret", true},
      {{"^s3.*$"}, "as3cret", false},
      {{"nothing", "AKIA[A-Z0-9]{16}"}, "key AKIAABCDEFGHIJKLMNOP of aws", true},
      {{"(?i)bearer"}, "Authorization: BEARER x", true},
      {{}, key, true},
      {{"("}, "(", false},
      {{"\\d{4}"}, "caf\xc3\xa9 1234", true},
      {{"\\d{4}"}, "bad \xff bytes", false},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    const std::string line = LineOf(c.patterns, {{"text", c.text}, {"n", 4242}});
    CHECK((line.find(R"("text":"*REDACTED*")") != std::string::npos) == c.hidden);
    CHECK_THAT(line, Catch::Contains(R"("n":4242)"));
  }
}

TEST_CASE("redaction: lists are looked into; all but the data stays as it was", "[log]") {
  const std::string line =
      LineOf({"bbs", "e"}, {{"texts", std::vector<std::string>{"one", "two"}}, {"flag", true}});
  CHECK_THAT(line, Catch::StartsWith(R"({"timestamp":")"));
  CHECK_THAT(line, Catch::EndsWith(R"("source":"bbs","message":"bbs.m","log_level":1,)"
                                   R"("data":{"flag":true,"texts":["*REDACTED*","two"]}})"));
}

TEST_CASE("redaction: what is wrong with a pattern is said", "[log]") {
  CHECK(CheckPattern("^s3.*$").ok());
  const absl::Status status = CheckPattern("a(b");
  CHECK(absl::IsInvalidArgument(status));
  CHECK_THAT(std::string(status.message()),
             Catch::StartsWith(R"("a(b" is no regular expression: )"));
}

}  // namespace
}  // namespace diego::log
