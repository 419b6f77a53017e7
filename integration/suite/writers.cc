#include "integration/suite/writers.h"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "integration/harness/eventually.h"
#include "integration/suite/suite.h"
#include "libs/sync/guarded.h"

namespace diego::suite {
namespace {

// What one writer knows of one of its LRPs: the annotation is a version number.
struct Written {
  int acknowledged = -1;  // -1: not even its creation
  int attempted = -1;
  bool removal_attempted = false;
  bool removal_acknowledged = false;
};
using Ledger = std::map<std::string, Written>;
using Faults = std::vector<std::string>;

}  // namespace

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

namespace {

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

}  // namespace

Writers::Writers(std::unique_ptr<clients::BbsClient> bbs, int count) : bbs_(std::move(bbs)) {
  for (int i = 0; i < count; ++i) writers_.push_back(std::make_unique<Writer>(bbs_.get(), i));
  for (auto& writer : writers_) {
    threads_.push_back(std::make_unique<Worker>("writer", [&writer] { return writer->Step(); }));
  }
}

Writers::~Writers() { Stop(); }

void Writers::Stop() {
  bbs_->Cancel();
  threads_.clear();
}

int Writers::acknowledged() const {
  int sum = 0;
  for (const auto& writer : writers_) sum += writer->acknowledged();
  return sum;
}

absl::Status Writers::Progress() {
  const int before = acknowledged();
  return harness::Eventually("writes to go on", absl::Seconds(60), [&] {
    const int more = acknowledged() - before;
    return more >= 50 ? absl::OkStatus() : absl::NotFoundError(absl::StrCat(more, " more"));
  });
}

void Writers::Check(clients::BbsClient& reader) {
  Stop();
  for (const auto& writer : writers_) {
    CHECK(writer->faults() == Faults());
    CheckLedger(reader, writer->ledger());
  }
}

}  // namespace diego::suite
