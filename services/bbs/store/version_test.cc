#include "services/bbs/store/version.h"

#include <catch2/catch.hpp>
#include <optional>

namespace diego::bbs {
namespace {

TEST_CASE("version row: the reference's form, with and without a target", "[bbs][store]") {
  CHECK(VersionJson({17, std::nullopt}) == "{\"CurrentVersion\":17}");
  CHECK(VersionJson({17, 18}) == "{\"CurrentVersion\":17,\"TargetVersion\":18}");
  for (const StoredVersion& stored : {StoredVersion{17, std::nullopt}, StoredVersion{17, 18}}) {
    CHECK(*ParseVersion(VersionJson(stored)) == stored);
  }
  CHECK(*ParseVersion(R"( {"CurrentVersion": 17, "TargetVersion": 18} )") == StoredVersion{17, 18});
  for (const char* bad : {"", "17", "{}", "{\"CurrentVersion\":}", "{\"CurrentVersion\":\"x\"}",
                          "{\"TargetVersion\":18}"}) {
    INFO(bad);
    CHECK_FALSE(ParseVersion(bad).ok());
  }
}

// reference/design-notes.md section 2, row by row; the program is built for version 20. A target
// that is absent counts as the current version.
TEST_CASE("version: what a program does with the database it finds", "[bbs][store]") {
  struct Case {
    const char* row;
    std::optional<StoredVersion> stored;
    VersionAction action;
  };
  const Case cases[] = {
      {"absent, absent", std::nullopt, VersionAction::kCreate},
      {"< B, < B", StoredVersion{10, std::nullopt}, VersionAction::kBegin},
      {"< B, < B", StoredVersion{0, std::nullopt}, VersionAction::kBegin},
      {"< B, < B", StoredVersion{10, 15}, VersionAction::kBegin},
      {"< B, < B, going down", StoredVersion{10, 5}, VersionAction::kBegin},
      {"< B, = B", StoredVersion{10, 20}, VersionAction::kContinue},
      {"< B, > B", StoredVersion{10, 30}, VersionAction::kContinue},
      {"= B, < B", StoredVersion{20, 10}, VersionAction::kShutDown},
      {"= B, = B", StoredVersion{20, 20}, VersionAction::kServe},
      {"= B, = B", StoredVersion{20, std::nullopt}, VersionAction::kServe},
      {"= B, > B", StoredVersion{20, 30}, VersionAction::kServe},
      {"> B, any", StoredVersion{30, std::nullopt}, VersionAction::kShutDown},
      {"> B, any", StoredVersion{30, 10}, VersionAction::kShutDown},
      {"> B, any", StoredVersion{30, 20}, VersionAction::kShutDown},
      {"> B, any", StoredVersion{30, 40}, VersionAction::kShutDown},
  };
  for (const Case& c : cases) {
    INFO(c.row << ": " << (c.stored ? VersionJson(*c.stored) : "absent"));
    CHECK(ActionFor(c.stored, 20) == c.action);
    CHECK(MayRunOn(c.stored, 20).ok() == (c.action != VersionAction::kShutDown));
  }
}

TEST_CASE("version: a refusal says why, and what an operator may do", "[bbs][store]") {
  CHECK(MayRunOn(StoredVersion{30, std::nullopt}, 20).message() ==
        "Existing DB version (30) exceeds bbs version (20)");
  CHECK(MayRunOn(StoredVersion{20, 10}, 20).message() ==
        "Existing DB version (20) is bound for version (10), below bbs version (20): a migration "
        "down was begun; end it with `bbs migrate --to 10`, or call it off with `bbs migrate --to "
        "20`");
}

}  // namespace
}  // namespace diego::bbs
