// From the lock to a term that serves.
#include "services/bbs/office.h"

#include <catch2/catch.hpp>
#include <set>
#include <utility>
#include <vector>

#include "libs/base/clock.h"
#include "libs/leadership/fake_lease.h"
#include "libs/metrics/metrics.h"
#include "libs/testing/fake_clock.h"
#include "services/bbs/effects/cell_directory.h"
#include "services/bbs/engine/testing_world.h"

namespace diego::bbs {
namespace {

using testing::World;

// Reads the presences once more as soon as a term says which cells ought to be there: as the
// directory's thread may, long before the term serves.
class HastyCells final : public LiveCells {
 public:
  explicit HastyCells(CellDirectory& directory) : directory_(directory) {}
  Seen Get() const override { return directory_.Get(); }
  void Expect(const std::set<CellId>& cells) override {
    directory_.Expect(cells);
    directory_.Step();
  }

 private:
  CellDirectory& directory_;
};

TEST_CASE("a cell found missing while a term loads is acted on as soon as it serves",
          "[bbs][office]") {
  World world;
  world.Submit(testing::Desire("app"));
  InstanceFacts facts;
  facts.key = {ProcessGuid("app"), 0, Domain("cf-apps")};
  facts.instance = {InstanceGuid("i"), CellId("gone")};
  world.Submit(StartActualLrp{facts});
  world.Run();
  world.term.reset();

  metrics::Registry registry("bbs");
  BbsMetrics metrics(registry);
  ActiveTerm active;
  CellPresence there;
  there.cell_id = CellId("there");
  CellDirectory directory(
      {}, world.clock, log::Logger::Discard(),
      [&]() -> absl::StatusOr<std::vector<CellPresence>> { return std::vector{there}; },
      [&] { active.ConvergeNow(); }, &metrics);
  directory.Step();
  HastyCells cells(directory);

  leadership::FakeLocket locket(world.clock);
  leadership::FakeLease lease(locket, "a");
  leadership::LockKeeper keeper(
      {}, lease, world.clock, log::Logger::Discard(), [] { return true; }, nullptr);
  keeper.Step();
  keeper.Resign(7);  // the database knows of an earlier term
  keeper.Step();
  Office::Options options;
  options.ports = {&world.clock, &world.store,    &world.recorder,
                   &cells,       &world.recorder, log::Logger::Discard()};
  options.prepare = [](uint64_t) { return absl::OkStatus(); };
  options.serving = [](bool) {};
  Office office(std::move(options), &keeper, &active, &metrics);
  office.Step();
  const auto term = active.Get();
  REQUIRE(term.ok());

  // The clock stands still: no pass is due.
  const auto replaced = [&] {
    auto listing = (*term)->view().ActualLrps({});
    if (!listing.ok()) return false;
    while (const ActualLrp* lrp = listing->Next()) {
      if (lrp->presence == Presence::kSuspect) return true;
    }
    return false;
  };
  const absl::Duration deadline = RealClock().Monotonic() + absl::Seconds(10);
  bool done = replaced();
  while (!done && RealClock().Monotonic() < deadline) {
    (void)(*term)->WaitUntilOver(absl::Milliseconds(5));
    done = replaced();
  }
  CHECK(done);
}

}  // namespace
}  // namespace diego::bbs
