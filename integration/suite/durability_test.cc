// Nothing acknowledged is ever lost: writers write while every process that a write rests on is
// killed in turn, and what was acknowledged is there in the end.
#include <signal.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "integration/harness/cluster.h"
#include "integration/harness/eventually.h"
#include "integration/suite/suite.h"
#include "libs/sync/guarded.h"
#include "libs/sync/worker.h"

namespace diego::suite {
namespace {

constexpr int kWriters = 4;

// What one writer knows of one of its LRPs: the annotation is a version number.
struct Written {
  int acknowledged = -1;  // -1: not even its creation
  int attempted = -1;
  bool removal_attempted = false;
  bool removal_acknowledged = false;
};
using Ledger = std::map<std::string, Written>;
using Faults = std::vector<std::string>;

// Writes one LRP through its life, step by step, for ever; a call that gets no answer is made again
// under the same request id, so that its outcome becomes known or stays open in the ledger. Nobody
// else writes it: no call may meet what another attempt of it has left behind.
class Writer {
 public:
  Writer(clients::BbsClient* bbs, int number) : bbs_(bbs), number_(number) {}

  absl::Duration Step() {
    const std::string guid = absl::StrCat("writer-", number_, "-lrp-", lrp_);
    const bool create = version_ == 0;
    const bool remove = version_ == 4 && lrp_ % 3 == 0;
    const std::string call = absl::StrCat(guid, "-", version_);
    ledger_.With([&](Ledger& ledger) {
      Written& written = ledger[guid];
      written.attempted = version_;
      written.removal_attempted |= remove;
    });
    absl::Status status;
    if (create) {
      status = bbs_->DesireLrp(MakeLrp(guid, 2, absl::StrCat(version_)), call);
    } else if (remove) {
      status = bbs_->RemoveDesiredLrp(ProcessGuid(guid), {call});
    } else {
      DesiredLrpUpdate update;
      update.annotation = absl::StrCat(version_);
      status = bbs_->UpdateDesiredLrp(ProcessGuid(guid), update, {call});
    }
    if (!status.ok()) {
      if (absl::IsAlreadyExists(status) || absl::IsNotFound(status)) {
        faults_.With(
            [&](Faults& faults) { faults.push_back(absl::StrCat(call, ": ", status.ToString())); });
      }
      return absl::Milliseconds(10);
    }
    ledger_.With([&](Ledger& ledger) {
      ledger[guid].acknowledged = version_;
      ledger[guid].removal_acknowledged = remove;
    });
    acknowledged_.fetch_add(1);
    if (++version_ == 5) {
      version_ = 0;
      ++lrp_;
    }
    return absl::ZeroDuration();
  }

  Ledger ledger() const {
    return ledger_.With([](const Ledger& ledger) { return ledger; });
  }
  int acknowledged() const { return acknowledged_.load(); }
  // Calls that were refused for what they themselves had done.
  std::vector<std::string> faults() const {
    return faults_.With([](const Faults& faults) { return faults; });
  }

 private:
  clients::BbsClient* const bbs_;
  const int number_;
  int lrp_ = 0;
  int version_ = 0;
  Guarded<Ledger> ledger_;
  Guarded<Faults> faults_;
  std::atomic<int> acknowledged_ = 0;
};

void CheckLedger(clients::BbsClient& bbs, const Ledger& ledger) {
  for (const auto& [guid, written] : ledger) {
    INFO(guid);
    const auto found = bbs.DesiredLrpByProcessGuid(ProcessGuid(guid));
    if (absl::IsNotFound(found.status())) {
      CHECK((written.acknowledged < 0 || written.removal_attempted));
      continue;
    }
    REQUIRE(found.ok());
    CHECK_FALSE(written.removal_acknowledged);
    int version = -1;
    REQUIRE(absl::SimpleAtoi(found->annotation, &version));
    CHECK(version >= std::min(written.acknowledged, 3));
    CHECK(version <= written.attempted);
    // The instances came into being in the same commit.
    clients::ActualLrpFilter filter;
    filter.process_guid = ProcessGuid(guid);
    const auto actual = bbs.ActualLrps(filter);
    REQUIRE(actual.ok());
    CHECK(actual->records.size() == 2);
  }
}

TEST_CASE("durability: no acknowledged write is lost when any process is killed", "[suite]") {
  const harness::Store store = GENERATE(harness::Store::kSqlite, harness::Store::kMysql);
  INFO(StoreName(store));
  Deployment deployment({.store = store, .bbs_count = 2, .cell_count = 0});
  harness::Cluster& cluster = deployment.cluster();
  for (const char* name : {"locket", "bbs-1", "bbs-2"}) REQUIRE_OK(cluster.Start(name));
  const auto served = [&] {
    return harness::Eventually("a BBS to serve", absl::Seconds(60),
                               [&] { return cluster.ActiveBbs().status(); });
  };
  REQUIRE_OK(served());

  std::vector<std::unique_ptr<Writer>> writers;
  for (int i = 0; i < kWriters; ++i) writers.push_back(std::make_unique<Writer>(&cluster.bbs(), i));
  const auto total = [&] {
    int sum = 0;
    for (const auto& writer : writers) sum += writer->acknowledged();
    return sum;
  };
  const auto progress = [&] {
    const int before = total();
    return harness::Eventually("writes to go on", absl::Seconds(60), [&] {
      return total() >= before + 50 ? absl::OkStatus()
                                    : absl::NotFoundError(absl::StrCat(total() - before));
    });
  };
  {
    std::vector<std::unique_ptr<Worker>> threads;
    for (auto& writer : writers) {
      threads.push_back(std::make_unique<Worker>("writer", [&writer] { return writer->Step(); }));
    }
    REQUIRE_OK(progress());
    for (int round = 0; round < 2; ++round) {
      // The active BBS, in the midst of writes.
      const auto active = cluster.ActiveBbs();
      REQUIRE_OK(active.status());
      REQUIRE_OK(cluster.KillHard(*active));
      REQUIRE_OK(progress());
      REQUIRE_OK(cluster.Start(*active));
      // Locket: the active BBS goes on without it.
      REQUIRE_OK(cluster.KillHard("locket"));
      REQUIRE_OK(progress());
      REQUIRE_OK(cluster.Start("locket"));
      // The database.
      if (cluster.mariadb() != nullptr) {
        REQUIRE_OK(cluster.mariadb()->Kill());
        REQUIRE_OK(cluster.mariadb()->Restart());
        REQUIRE_OK(served());
        REQUIRE_OK(progress());
      }
      // Both BBSs at once: nobody stands by.
      REQUIRE_OK(cluster.KillHard("bbs-1"));
      REQUIRE_OK(cluster.KillHard("bbs-2"));
      REQUIRE_OK(cluster.Start("bbs-1"));
      REQUIRE_OK(cluster.Start("bbs-2"));
      REQUIRE_OK(served());
      REQUIRE_OK(progress());
    }
    cluster.bbs().Cancel();
  }
  Deployment::Reconnected reader = deployment.Reconnect();
  for (const auto& writer : writers) {
    CHECK(writer->faults() == Faults());
    CheckLedger(*reader.bbs, writer->ledger());
  }
  REQUIRE_OK(cluster.StopAll());
}

}  // namespace
}  // namespace diego::suite
