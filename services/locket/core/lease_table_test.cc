#include "services/locket/core/lease_table.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/base/random.h"

namespace diego::locket {
namespace {

using Kind = Decision::Kind;

AcquireLease Acquire(const std::string& key, const std::string& owner, int64_t ttl = 15) {
  return {key, owner, "value of " + owner, LeaseType::kLock, ttl};
}

Lease Held(const std::string& key, const std::string& owner, int64_t index = 1,
           const std::string& id = "grant-1") {
  return {key, owner, "old value", LeaseType::kLock, index, id, 15};
}

LeaseTable TableWith(const Lease& lease, const Fence& fence) {
  LeaseTable table;
  table.leases[lease.key] = lease;
  table.fences[lease.key] = fence;
  return table;
}

TEST_CASE("lease: what is wrong with a request by itself is refused in the reference's order",
          "[locket][lease]") {
  struct Row {
    AcquireLease request;
    absl::Status want;
  };
  const std::string wide(kMaxValueCharacters, 'v');
  const std::vector<Row> rows = {
      {{"k", "o", "", LeaseType::kLock, 1}, absl::OkStatus()},
      {{"k", "o", wide, LeaseType::kPresence, 1}, absl::OkStatus()},
      {{"", "", "", LeaseType::kUnknown, 0}, absl::NotFoundError("invalid-type")},
      {{"", "", "", LeaseType::kLock, 0}, absl::InvalidArgumentError("invalid-ttl")},
      {{"k", "o", "", LeaseType::kLock, -1}, absl::InvalidArgumentError("invalid-ttl")},
      {{"", "", "", LeaseType::kLock, 1}, absl::InvalidArgumentError("invalid-owner")},
      {{"", "o", "", LeaseType::kLock, 1}, absl::OkStatus()},
      {{std::string(256, 'k'), "o", "", LeaseType::kLock, 1},
       absl::UnknownError(
           "Error 1406: Data too long for column 'path' at row 1: 256 characters, at "
           "most 255 fit")},
      {{"k", std::string(256, 'o'), "", LeaseType::kLock, 1},
       absl::UnknownError(
           "Error 1406: Data too long for column 'owner' at row 1: 256 characters, at "
           "most 255 fit")},
      {{"k", "o", wide + "v", LeaseType::kLock, 1},
       absl::UnknownError(
           "Error 1406: Data too long for column 'value' at row 1: 4097 characters, at "
           "most 4096 fit")},
  };
  for (const Row& row : rows) CHECK(Validate(row.request) == row.want);
  // Widths are in characters, not bytes.
  std::string accented;
  for (int i = 0; i < kMaxKeyCharacters; ++i) accented += "\xc3\xa9";
  CHECK(Validate(AcquireLease{accented, "o", "", LeaseType::kLock, 1}).ok());
  CHECK(Validate(ReleaseLease{}).ok());
}

TEST_CASE("acquire: a key that nobody holds is granted with a new id and the first token",
          "[locket][lease]") {
  const Decision decision = Decide({}, Acquire("bbs", "a"), 7);
  CHECK(decision.kind == Kind::kGranted);
  CHECK(decision.fencing_token == 1);
  const std::string id = Random(7).Uuid();
  CHECK(decision.change->after == Lease{"bbs", "a", "value of a", LeaseType::kLock, 1, id, 15});
  CHECK_FALSE(decision.change->before);
  CHECK(decision.change->fence_after == Fence{1, id});
}

TEST_CASE("acquire: a row without owner counts as free", "[locket][lease]") {
  const LeaseTable table = TableWith(Held("bbs", "", 9), {4, "grant-1"});
  const Decision decision = Decide(table, Acquire("bbs", "a"), 7);
  CHECK(decision.kind == Kind::kGranted);
  CHECK(decision.fencing_token == 5);
  CHECK(decision.change->before == Held("bbs", "", 9));
  CHECK(decision.change->after->modified_index == 1);
}

TEST_CASE("acquire: the same owner refreshes value, type and TTL, and keeps id and token",
          "[locket][lease]") {
  const LeaseTable table = TableWith(Held("bbs", "a", 3), {4, "grant-1"});
  AcquireLease request = Acquire("bbs", "a", 30);
  request.type = LeaseType::kPresence;
  const Decision decision = Decide(table, request, 7);
  CHECK(decision.kind == Kind::kRefreshed);
  CHECK(decision.fencing_token == 4);
  CHECK(decision.change->after ==
        Lease{"bbs", "a", "value of a", LeaseType::kPresence, 4, "grant-1", 30});
  CHECK_FALSE(decision.change->fence_after);
}

TEST_CASE("acquire: another owner collides and changes nothing", "[locket][lease]") {
  const LeaseTable table = TableWith(Held("bbs", "a"), {4, "grant-1"});
  const Decision decision = Decide(table, Acquire("bbs", "b"), 7);
  CHECK(decision.kind == Kind::kRefused);
  CHECK(decision.status == absl::AlreadyExistsError("lock-collision"));
  CHECK_FALSE(decision.change);
}

TEST_CASE("acquire: a lease granted by a server without fences gets a later token when refreshed",
          "[locket][lease]") {
  LeaseTable table = TableWith(Held("bbs", "a", 2, "granted-elsewhere"), {4, "grant-1"});
  const Decision refreshed = Decide(table, Acquire("bbs", "a"), 7);
  CHECK(refreshed.kind == Kind::kRefreshed);
  CHECK(refreshed.fencing_token == 5);
  CHECK(refreshed.change->fence_after == Fence{5, "granted-elsewhere"});

  table.fences.clear();
  CHECK(Decide(table, Acquire("bbs", "a"), 7).fencing_token == 1);
}

TEST_CASE("acquire: the token is at least the one asked for", "[locket][lease]") {
  const auto ask = [](const LeaseTable& table, int64_t least) {
    AcquireLease request = Acquire("bbs", "a");
    request.min_fencing_token = least;
    return Decide(table, request, 7);
  };
  CHECK(ask({}, 38).fencing_token == 38);  // the table was lost
  const LeaseTable held = TableWith(Held("bbs", "a"), {4, "grant-1"});
  CHECK(ask(held, 4).fencing_token == 4);
  CHECK_FALSE(ask(held, 4).change->fence_after);
  CHECK(ask(held, 38).kind == Kind::kRefreshed);
  CHECK(ask(held, 38).change->fence_after == Fence{38, "grant-1"});
  LeaseTable free = held;
  free.leases.clear();
  CHECK(ask(free, 4).fencing_token == 5);  // another grant, whatever is asked
  CHECK(ask(free, 38).fencing_token == 38);
  AcquireLease outrageous = Acquire("bbs", "a");
  outrageous.min_fencing_token = kMaxMinFencingToken + 1;
  CHECK(absl::IsInvalidArgument(Validate(outrageous)));
  outrageous.min_fencing_token = -1;
  CHECK(absl::IsInvalidArgument(Validate(outrageous)));
}

TEST_CASE("release: by the owner removes the lease, by another collides, of nothing is fine",
          "[locket][lease]") {
  const LeaseTable table = TableWith(Held("bbs", "a"), {4, "grant-1"});
  const Decision own = Decide(table, ReleaseLease{"bbs", "a"}, 7);
  CHECK(own.kind == Kind::kReleased);
  CHECK(own.change->before);
  CHECK_FALSE(own.change->after);
  CHECK_FALSE(own.change->fence_after);
  CHECK(Decide(table, ReleaseLease{"bbs", "b"}, 7).status ==
        absl::AlreadyExistsError("lock-collision"));
  const Decision none = Decide(table, ReleaseLease{"other", "b"}, 7);
  CHECK(none.kind == Kind::kNothing);
  CHECK(none.status.ok());
  CHECK_FALSE(none.change);
}

TEST_CASE("expire: only exactly the lease that was watched goes", "[locket][lease]") {
  const LeaseTable table = TableWith(Held("bbs", "a", 3), {4, "grant-1"});
  const std::vector<std::pair<ExpireLease, Kind>> rows = {
      {{"bbs", "a", "grant-1", 3}, Kind::kExpired},
      {{"bbs", "a", "grant-1", 2}, Kind::kNothing},  // refreshed since
      {{"bbs", "a", "grant-2", 3}, Kind::kNothing},  // granted anew
      {{"bbs", "b", "grant-1", 3}, Kind::kNothing},
      {{"gone", "a", "grant-1", 3}, Kind::kNothing},
  };
  for (const auto& [request, kind] : rows) {
    const Decision decision = Decide(table, request, 7);
    CHECK(decision.kind == kind);
    CHECK(decision.change.has_value() == (kind == Kind::kExpired));
  }
}

TEST_CASE("group: each request sees what those before it came to", "[locket][lease]") {
  const GroupDecision group = DecideGroup({}, {{Acquire("bbs", "a"), 1},
                                               {Acquire("bbs", "b"), 2},
                                               {Acquire("cell", "c"), 3},
                                               {ReleaseLease{"bbs", "a"}, 4},
                                               {Acquire("bbs", "b"), 5},
                                               {Acquire("bbs", "b"), 6}});
  std::vector<Kind> kinds;
  for (const Decision& decision : group.decisions) kinds.push_back(decision.kind);
  CHECK(kinds == std::vector<Kind>{Kind::kGranted, Kind::kRefused, Kind::kGranted, Kind::kReleased,
                                   Kind::kGranted, Kind::kRefreshed});
  REQUIRE(group.changes.size() == 2);
  CHECK(group.changes[0].key == "bbs");
  CHECK_FALSE(group.changes[0].before);
  CHECK(group.changes[0].after->owner == "b");
  CHECK(group.changes[0].after->modified_index == 2);
  CHECK(group.changes[0].fence_after == Fence{2, Random(5).Uuid()});
  CHECK(group.decisions[5].fencing_token == 2);
  CHECK(group.changes[1].key == "cell");
}

TEST_CASE("group: a lease granted and released within it still costs its token",
          "[locket][lease]") {
  const GroupDecision group =
      DecideGroup({}, {{Acquire("bbs", "a"), 1}, {ReleaseLease{"bbs", "a"}, 2}});
  REQUIRE(group.changes.size() == 1);
  CHECK_FALSE(group.changes[0].after);
  CHECK(group.changes[0].fence_after->token == 1);
}

// The promise that elections rest on: over any history no token is given to two grants, tokens of
// a key only grow, and a key has one owner at a time.
TEST_CASE("property: tokens only grow and never repeat over random histories", "[locket][lease]") {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    LeaseTable table;
    std::map<std::string, int64_t> newest;
    std::map<std::pair<std::string, int64_t>, std::string> owner_of_token;
    for (int step = 0; step < 60; ++step) {
      std::vector<SeededRequest> requests;
      for (uint64_t n = random.Below(4) + 1; n > 0; --n) {
        const std::string key = random.Below(2) == 0 ? "k1" : "k2";
        const std::string owner = "owner-" + std::to_string(random.Below(3));
        const auto held = table.leases.find(key);
        switch (random.Below(4)) {
          case 0: requests.push_back({ReleaseLease{key, owner}, random.Next()}); break;
          case 1:
            if (held == table.leases.end()) break;
            requests.push_back({ExpireLease{key, held->second.owner, held->second.modified_id,
                                            held->second.modified_index},
                                random.Next()});
            break;
          default: requests.push_back({Acquire(key, owner), random.Next()});
        }
      }
      const GroupDecision group = DecideGroup(table, requests);
      for (size_t i = 0; i < requests.size(); ++i) {
        const Decision& decision = group.decisions[i];
        if (decision.kind != Kind::kGranted && decision.kind != Kind::kRefreshed) continue;
        const auto& acquire = std::get<AcquireLease>(requests[i].request);
        REQUIRE(decision.fencing_token >= newest[acquire.key]);
        if (decision.kind == Kind::kGranted) {
          REQUIRE(decision.fencing_token > newest[acquire.key]);
        }
        newest[acquire.key] = decision.fencing_token;
        const auto [known, is_new] =
            owner_of_token.try_emplace({acquire.key, decision.fencing_token}, acquire.owner);
        REQUIRE(known->second == acquire.owner);
      }
      for (const LeaseChange& change : group.changes) Apply(change, table);
    }
  }
}

}  // namespace
}  // namespace diego::locket
