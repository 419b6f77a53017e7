#include "services/auctioneer/core/score.h"

#include <catch2/catch.hpp>
#include <vector>

#include "services/auctioneer/core/refusal.h"

namespace diego::auctioneer {
namespace {

double AsDouble(Score score) { return static_cast<double>(score) / static_cast<double>(kScoreOne); }

TEST_CASE("score: usage is the mean of the used fractions after placing", "[auctioneer][score]") {
  struct Row {
    Resources available;
    Resources total;
    Need need;
    double usage;
  };
  const std::vector<Row> rows = {
      {{100, 200, 10}, {100, 200, 10}, {0, 0}, 0.1 / 3},
      {{100, 200, 10}, {100, 200, 10}, {50, 50}, (0.5 + 0.25 + 0.1) / 3},
      {{50, 100, 5}, {100, 200, 10}, {25, 100}, (0.75 + 1.0 + 0.6) / 3},
      {{0, 0, 0}, {100, 200, 10}, {0, 0}, (1 + 1 + 1.1) / 3},
      {{0, 10, 10}, {0, 10, 10}, {0, 0}, (1 + 0 + 0.1) / 3},  // a cell without any disk or memory
      {{150, 10, 10}, {100, 10, 10}, {0, 0}, 0.1 / 3},        // more left than there is
  };
  for (const Row& row : rows) {
    const Score score = UsageOf(row.available, row.total) + UsageIncrease(row.total, row.need);
    CHECK(AsDouble(score) == Approx(row.usage).margin(1e-8));
  }
}

TEST_CASE("score: counts are weighted", "[auctioneer][score]") {
  CHECK(AsDouble(Weighted(3, 0.25)) == 0.75);
  CHECK(Weighted(3, 0) == 0);
  CHECK(AsDouble(kLocality * 2) == 2000);
}

TEST_CASE("refusal: texts are the reference's", "[auctioneer][score]") {
  using Reason = Refusal::Reason;
  struct Row {
    Refusal refusal;
    std::string text;
  };
  const auto tags = [](std::vector<std::string> wanted) {
    return Refusal{Reason::kPlacementTags, {}, std::move(wanted), {}};
  };
  const auto room = [](bool containers, bool disk, bool memory) {
    return Refusal{Reason::kNoRoom, {}, {}, {containers, disk, memory}};
  };
  const std::vector<Row> rows = {
      {{Reason::kNoCells, {}, {}, {}}, "unable to communicate to compatible cells"},
      {{Reason::kInFlightLimit, {}, {}, {}},
       "waiting to start instance: reached in-flight start limit"},
      {{Reason::kRootFs, {}, {}, {}}, "found no compatible cell for required rootfs"},
      {{Reason::kVolumeDrivers, {}, {}, {}},
       "found no compatible cell with required volume drivers"},
      {tags({}), "found no compatible cell with no placement tags"},
      {tags({"x"}), "found no compatible cell with placement tag \"x\""},
      {tags({"a", "b"}), "found no compatible cell with placement tags \"a\" and \"b\""},
      {tags({"a", "b", "c"}),
       "found no compatible cell with placement tags \"a\", \"b\" and \"c\""},
      {room(true, true, true), "insufficient resources: containers, disk, memory"},
      {room(false, false, true), "insufficient resources: memory"},
      {room(true, false, true), "insufficient resources: containers, memory"},
      {room(false, false, false), "insufficient resources"},
  };
  for (const Row& row : rows) CHECK(PlacementErrorText(row.refusal) == row.text);
}

}  // namespace
}  // namespace diego::auctioneer
