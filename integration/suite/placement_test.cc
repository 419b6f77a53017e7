// Work that fits nowhere: what the auctioneer counted is read from the BBS, by cfdot, over either
// store and after a failover; and an update that fits finds the place.
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "integration/harness/eventually.h"
#include "integration/suite/suite.h"
#include "libs/wire/desired_lrp.h"
#include "libs/wire/json.h"
#include "proto/diego/bbs.pb.h"
#include "proto/models/desired_lrp.pb.h"

namespace diego::suite {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(120);
constexpr int kMemoryMb = 100000;  // a cell has 1024

models::DesiredLRP Message(const std::string& process_guid, const std::string& definition_id,
                           int memory_mb) {
  auto message = wire::ToProto(MakeLrp(process_guid, 1, ""));
  REQUIRE_OK(message.status());
  message->set_definition_id(definition_id);
  message->set_memory_mb(memory_mb);
  return *std::move(message);
}

void Desire(harness::Cluster& cluster, const models::DesiredLRP& message) {
  const auto lrp = wire::FromProto(message);
  REQUIRE_OK(lrp.status());
  REQUIRE_OK(cluster.bbs().DesireLrp(*lrp));
}

// Waits until cfdot says of the only index that it waits for this and was refused for that.
InstanceExplanation Explained(Deployment& deployment, const std::string& process_guid,
                              InstanceExplanation::Waiting waiting,
                              models::PlacementRefusal::Reason reason) {
  InstanceExplanation told;
  REQUIRE_OK(harness::Eventually(
      absl::StrCat(process_guid, " to be explained"), kPatience, [&]() -> absl::Status {
        const auto line = deployment.Cfdot({"explain", process_guid, "0"});
        if (!line.ok()) return line.status();
        if (absl::Status read = wire::FromJson(*line, &told); !read.ok()) return read;
        if (told.waiting() == waiting && told.instance().placement_refusal().reason() == reason) {
          return absl::OkStatus();
        }
        return absl::NotFoundError(*line);
      }));
  return told;
}

void CheckNoRoom(const InstanceExplanation& told) {
  CHECK(told.instance().placement_error() == "insufficient resources: memory");
  const models::PlacementRefusal& refusal = told.instance().placement_refusal();
  CHECK(refusal.cells_considered() == 2);
  CHECK(refusal.cells_short_of_memory() == 2);
  CHECK(refusal.cells_short_of_disk() == 0);
  CHECK(refusal.memory_needed_mb() == kMemoryMb);
  CHECK(refusal.memory_short_mb() == kMemoryMb - 1024);
}

TEST_CASE("placement: what fits nowhere says in numbers why, until an update fits", "[suite]") {
  const harness::Store store = GENERATE(harness::Store::kSqlite, harness::Store::kMysql);
  INFO(StoreName(store));
  Deployment deployment({.store = store, .bbs_count = 2, .cell_count = 2});
  harness::Cluster& cluster = deployment.cluster();
  REQUIRE_OK(cluster.StartAll());
  REQUIRE_OK(cluster.bbs().UpsertDomain(Domain("suite"), absl::InfiniteDuration()));
  Desire(cluster, Message("huge", "v1", kMemoryMb));
  models::DesiredLRP strange = Message("strange", "v1", 16);
  strange.set_root_fs("preloaded:strange");
  Desire(cluster, strange);

  CheckNoRoom(Explained(deployment, "huge", InstanceExplanation::FOR_PLACE,
                        models::PlacementRefusal::NO_ROOM));
  const auto told = Explained(deployment, "strange", InstanceExplanation::FOR_PLACE,
                              models::PlacementRefusal::ROOT_FS);
  CHECK(told.instance().placement_refusal().cells_considered() == 2);
  CHECK(told.instance().placement_refusal().cells_without_root_fs() == 2);
  const auto table = deployment.Cfdot({"explain", "strange", "-o", "table"});
  REQUIRE_OK(table.status());
  INFO(*table);
  CHECK(absl::StrContains(*table, "of 2 cells, 2 lack the rootfs"));

  // The auctioneer may not say it again before the check: what is read was loaded from the store.
  REQUIRE_OK(cluster.KillHard("auctioneer"));
  const auto active = cluster.ActiveBbs();
  REQUIRE_OK(active.status());
  REQUIRE_OK(cluster.KillHard(*active));
  CheckNoRoom(Explained(deployment, "huge", InstanceExplanation::FOR_PLACE,
                        models::PlacementRefusal::NO_ROOM));
  REQUIRE_OK(cluster.Start(*active));
  REQUIRE_OK(cluster.Start("auctioneer"));

  const auto smaller = wire::DefinitionFromProto(Message("huge", "v2", 16));
  REQUIRE_OK(smaller.status());
  DesiredLrpUpdate update;
  update.definition = *smaller;
  REQUIRE_OK(cluster.bbs().UpdateDesiredLrp(ProcessGuid("huge"), update));
  const auto runs = Explained(deployment, "huge", InstanceExplanation::NOTHING,
                              models::PlacementRefusal::UNKNOWN);
  CHECK_FALSE(runs.instance().has_placement_refusal());
  CHECK(runs.instance().placement_error().empty());
  REQUIRE_OK(cluster.StopAll());
}

}  // namespace
}  // namespace diego::suite
