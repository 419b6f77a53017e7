// What readers see.
#include "services/bbs/engine/testing_world.h"

namespace diego::bbs {
namespace {

using testing::Desire;
using testing::World;

TEST_CASE("listings stand at one revision while later changes commit", "[bbs][engine]") {
  World world;
  for (int i = 0; i < 500; ++i) {
    world.Submit(Desire(absl::StrCat("app-", i)));
    if (i % 50 == 49) world.Run();
  }
  auto before = world.term->view().ActualLrps({});
  REQUIRE(before.ok());
  for (int i = 0; i < 500; i += 2) {
    world.Submit(RemoveDesiredLrp{ProcessGuid(absl::StrCat("app-", i))});
    if (i % 50 == 48) world.Run();
  }
  for (int i = 0; i < 8; ++i) world.Run();
  size_t seen = 0;
  ActualLrpSlot last;
  while (const ActualLrp* lrp = before->Next()) {
    CHECK(last < SlotOf(*lrp));
    last = SlotOf(*lrp);
    ++seen;
  }
  CHECK(seen == 500);
  CHECK(world.ActualCount() == 250);
}

TEST_CASE("lists are filtered by process, cell, index and domain", "[bbs][engine]") {
  World world;
  world.Submit(Desire("app", 3));
  world.Submit(Desire("apple", 1));
  world.Submit(ClaimActualLrp{ProcessGuid("app"), 1, {InstanceGuid("i1"), CellId("cell-1")}});
  world.Run();
  const auto count = [&](const ActualLrpFilter& filter) {
    auto listing = world.term->view().ActualLrps(filter);
    size_t n = 0;
    while (listing->Next() != nullptr) ++n;
    return n;
  };
  CHECK(count({}) == 4);
  CHECK(count({{}, {}, ProcessGuid("app"), {}}) == 3);
  CHECK(count({{}, {}, ProcessGuid("app"), 2}) == 1);
  CHECK(count({{}, CellId("cell-1"), {}, {}}) == 1);
  CHECK(count({Domain("other"), {}, {}, {}}) == 0);
  DesiredLrpFilter prefix;
  prefix.app_guids = {"appl"};
  auto listing = world.term->view().DesiredLrps(prefix);
  REQUIRE(listing->Next() != nullptr);
  CHECK(listing->Next() == nullptr);
  CHECK(world.term->view().FindDesiredLrp(ProcessGuid("app")).ok());
  CHECK(IsDiegoError(world.term->view().FindDesiredLrp(ProcessGuid("ap")).status(),
                     ErrorType::kResourceNotFound));
}

TEST_CASE("a process that is named twice has its rows listed once", "[bbs][engine]") {
  World world;
  world.Submit(Desire("app", 2));
  world.Submit(Desire("other", 1));
  world.Run();
  const ProcessGuid app("app");
  auto listing = world.term->view().ActualLrpsOf({app, ProcessGuid("none"), app});
  int rows = 0;
  while (listing->Next() != nullptr) ++rows;
  CHECK(rows == 2);
}

TEST_CASE("a domain is shown fresh for as long as it counts as fresh", "[bbs][engine]") {
  World world;
  const absl::Time start = world.clock.Now();
  world.clock.Advance(absl::Milliseconds(290));
  world.Submit(UpsertDomain{Domain("apps"), absl::Seconds(60)});
  world.Run();
  const auto fresh_at = [&](absl::Duration after) {
    world.clock.Advance(start + after - world.clock.Now());
    world.Submit(UpsertDomain{Domain("other"), absl::Hours(1)});  // the database's word is fresh
    world.Run();
    return world.term->view().FindDomain(Domain("apps"))->fresh;
  };
  // It expires at 60.29 s; now is rounded to the second.
  CHECK(fresh_at(absl::Milliseconds(60499)));
  CHECK_FALSE(fresh_at(absl::Milliseconds(60500)));
}

}  // namespace
}  // namespace diego::bbs
