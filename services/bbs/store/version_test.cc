#include "services/bbs/store/version.h"

#include <catch2/catch.hpp>
#include <optional>

namespace diego::bbs {
namespace {

TEST_CASE("version row: the reference's form, with and without a target", "[bbs][store]") {
  CHECK(VersionJson(17) == "{\"CurrentVersion\":17}");
  CHECK(*ParseVersion(VersionJson(17)) == StoredVersion{17, std::nullopt});
  CHECK(*ParseVersion(R"( {"CurrentVersion": 17, "TargetVersion": 18} )") == StoredVersion{17, 18});
  for (const char* bad : {"", "17", "{}", "{\"CurrentVersion\":}", "{\"CurrentVersion\":\"x\"}",
                          "{\"TargetVersion\":18}"}) {
    INFO(bad);
    CHECK_FALSE(ParseVersion(bad).ok());
  }
}

// reference/design-notes.md section 2; the program is built for version 20.
TEST_CASE("version: which databases a program may run on", "[bbs][store]") {
  struct Case {
    int64_t current;
    std::optional<int64_t> target;
    bool may_run;
  };
  const Case cases[] = {
      {0, std::nullopt, true}, {10, 10, true},  {10, 20, true},           {10, 30, true},
      {20, 10, false},         {20, 20, true},  {20, 30, true},           {30, std::nullopt, false},
      {30, 10, false},         {30, 30, false}, {20, std::nullopt, true},
  };
  for (const Case& c : cases) {
    INFO(c.current << " bound for " << c.target.value_or(-1));
    CHECK(MayRunOn({c.current, c.target}, 20).ok() == c.may_run);
  }
  CHECK(MayRunOn({30, std::nullopt}, 20).message() ==
        "Existing DB version (30) exceeds bbs version (20)");
}

}  // namespace
}  // namespace diego::bbs
