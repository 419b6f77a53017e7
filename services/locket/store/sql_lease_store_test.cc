// The contract of LeaseStore over real databases. With MariaDB several stores share one database.
#include "services/locket/store/sql_lease_store.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "libs/base/random.h"
#include "libs/sync/guarded.h"
#include "libs/sync/worker.h"
#include "libs/testing/test_databases.h"
#include "services/locket/core/lease_table.h"
#include "services/locket/store/schema.h"

namespace diego::locket {
namespace {

AcquireLease Acquire(const std::string& key, const std::string& owner) {
  return {key, owner, "value of " + owner, LeaseType::kPresence, 15};
}

std::vector<Decision> Run(LeaseStore& store, const std::vector<SeededRequest>& requests) {
  std::set<std::string> keys;
  for (const SeededRequest& one : requests) keys.insert(KeyOf(one.request));
  std::vector<Decision> decisions;
  const absl::Status status = store.Transact(keys, [&](LeaseTable table) {
    GroupDecision group = DecideGroup(std::move(table), requests);
    decisions = std::move(group.decisions);
    return std::move(group.changes);
  });
  INFO(status.ToString());
  REQUIRE(status.ok());
  return decisions;
}

void CheckContract(LeaseStore& store) {
  std::vector<Decision> granted =
      Run(store, {{Acquire("cell-1", "a"), 1}, {Acquire("Cell-1", "b"), 2}});
  CHECK(granted[0].fencing_token == 1);
  CHECK(granted[1].kind == Decision::Kind::kGranted);  // keys compare byte by byte

  CHECK(Run(store, {{Acquire("cell-1", "b"), 3}})[0].kind == Decision::Kind::kRefused);
  const Decision refreshed = Run(store, {{Acquire("cell-1", "a"), 4}})[0];
  CHECK(refreshed.kind == Decision::Kind::kRefreshed);
  CHECK(refreshed.fencing_token == 1);
  CHECK(refreshed.change->after->modified_index == 2);

  const auto read = store.Read({"cell-1", "nobody"});
  REQUIRE(read.ok());
  REQUIRE(read->size() == 1);
  CHECK((*read)[0].lease == *refreshed.change->after);
  CHECK((*read)[0].fencing_token == 1);

  Run(store, {{ReleaseLease{"cell-1", "a"}, 5}});
  CHECK(store.Read({"cell-1"})->empty());
  CHECK(Run(store, {{Acquire("cell-1", "b"), 6}})[0].fencing_token == 2);

  // Granted and released in one group: the token is spent all the same.
  Run(store, {{Acquire("brief", "a"), 7}, {ReleaseLease{"brief", "a"}, 8}});
  CHECK(Run(store, {{Acquire("brief", "a"), 9}})[0].fencing_token == 2);
}

void CheckLargeGroups(LeaseStore& store) {
  std::vector<SeededRequest> requests;
  for (int i = 0; i < 777; ++i) {
    requests.push_back(
        {Acquire("many-" + std::to_string(1000 + i), "a"), static_cast<uint64_t>(i)});
  }
  Run(store, requests);
  const std::vector<Decision> refreshed = Run(store, requests);
  for (const Decision& one : refreshed) {
    REQUIRE(one.kind == Decision::Kind::kRefreshed);
    REQUIRE(one.fencing_token == 1);
  }
  const auto all = store.ReadAll();
  const auto scanned = store.Scan();
  REQUIRE(all.ok());
  REQUIRE(scanned.ok());
  CHECK(all->size() >= 777);
  REQUIRE(scanned->size() == all->size());
  for (size_t i = 0; i < all->size(); ++i) {
    CHECK((*scanned)[i].value.empty());
    CHECK((*scanned)[i].modified_index == (*all)[i].lease.modified_index);
  }
  for (SeededRequest& one : requests) one.request = ReleaseLease{KeyOf(one.request), "a"};
  Run(store, requests);
  CHECK(store.Read({"many-1000", "many-1776"})->empty());
}

// Servers that fight over few keys: tokens never repeat, and each grant has one owner.
void CheckRaces(const std::vector<LeaseStore*>& stores) {
  struct Seen {
    std::map<std::pair<std::string, int64_t>, std::string> owner_of_token;
    int grants = 0;
    int failures = 0;
    int repeated = 0;
  };
  Guarded<Seen> seen;
  constexpr int kRounds = 60;
  std::atomic<int> running{0};
  std::vector<std::unique_ptr<Worker>> workers;
  for (size_t w = 0; w < stores.size(); ++w) {
    ++running;
    const std::string owner = "owner-" + std::to_string(w);
    auto random = std::make_shared<Random>(w);
    auto round = std::make_shared<int>(0);
    workers.push_back(std::make_unique<Worker>(owner, [=, &seen, &running, &stores] {
      if (++*round > kRounds) {
        if (*round == kRounds + 1) --running;
        return absl::InfiniteDuration();
      }
      std::set<std::string> keys;
      std::vector<SeededRequest> requests;
      for (int i = 0; i < 3; ++i) {
        const std::string key = "race-" + std::to_string(random->Below(8));
        keys.insert(key);
        if (random->Below(3) == 0) {
          requests.push_back({ReleaseLease{key, owner}, random->Next()});
        } else {
          requests.push_back({Acquire(key, owner), random->Next()});
        }
      }
      std::vector<Decision> decisions;
      const absl::Status status = stores[w]->Transact(keys, [&](LeaseTable table) {
        GroupDecision group = DecideGroup(std::move(table), requests);
        decisions = std::move(group.decisions);
        return std::move(group.changes);
      });
      seen.With([&](Seen& all) {
        if (!status.ok()) {
          ++all.failures;
          return;
        }
        for (size_t i = 0; i < requests.size(); ++i) {
          if (decisions[i].fencing_token == 0) continue;
          const bool granted = decisions[i].kind == Decision::Kind::kGranted;
          const auto [known, is_new] = all.owner_of_token.try_emplace(
              {KeyOf(requests[i].request), decisions[i].fencing_token}, owner);
          all.grants += granted;
          all.repeated += known->second != owner || (granted && !is_new);
        }
      });
      return absl::ZeroDuration();
    }));
  }
  for (auto& worker : workers) {
    while (running > 0) worker->Wake();
  }
  workers.clear();
  seen.With([](const Seen& all) {
    CHECK(all.repeated == 0);
    CHECK(all.failures == 0);
    CHECK(all.grants > 10);
  });
}

std::unique_ptr<sql::Database> Open(const testing::TestDatabase& place) {
  sql::DatabaseOptions options = place.options();
  options.max_tries = 20;
  options.retry_pause = absl::Milliseconds(5);
  auto database = sql::Database::Open(options);
  REQUIRE(database.ok());
  const absl::Status created = CreateTables(**database);
  INFO(created.ToString());
  REQUIRE(created.ok());
  REQUIRE(CreateTables(**database).ok());  // again: nothing to do
  return *std::move(database);
}

TEST_CASE("store: leases and fences in SQLite", "[locket][store]") {
  const auto place = testing::FreshSqlite();
  const auto database = Open(*place);
  SqlLeaseStore store(*database);
  CheckContract(store);
  CheckLargeGroups(store);
  CheckRaces({&store, &store});
  REQUIRE(database->ExecuteSchema("DROP TABLE locks").ok());
  const absl::Status lost = store.Read({"a"}).status();
  CHECK(absl::IsUnknown(lost));
  CHECK(store.HasLostItsTables(lost));
}

TEST_CASE("store: leases and fences in MySQL, shared by several servers", "[locket][store]") {
  const auto place = testing::FreshMariaDb();
  const auto first = Open(*place);
  const auto second = Open(*place);
  const auto third = Open(*place);
  SqlLeaseStore one(*first);
  SqlLeaseStore two(*second);
  SqlLeaseStore three(*third);
  CheckContract(one);
  CheckLargeGroups(two);
  CheckRaces({&one, &two, &three});
}

}  // namespace
}  // namespace diego::locket
