#include "services/locket/core/expiry_watch.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace diego::locket {
namespace {

constexpr size_t kMany = 100;

absl::Duration At(int seconds) { return absl::Seconds(seconds); }

Lease Seen(const std::string& key, int64_t index, const std::string& id = "grant-1") {
  return {key, "owner", "", LeaseType::kPresence, index, id, 15};
}

std::vector<std::string> Keys(const std::vector<ExpireLease>& due) {
  std::vector<std::string> keys;
  for (const ExpireLease& one : due) keys.push_back(one.key);
  return keys;
}

TEST_CASE("watch: a lease runs out a TTL after it was seen, once", "[locket][expiry]") {
  ExpiryWatch watch;
  CHECK(watch.NextDeadline() == absl::InfiniteDuration());
  watch.Observe(Seen("cell-1", 1), At(100));
  CHECK(watch.NextDeadline() == At(115));
  CHECK(watch.TakeDue(At(114), kMany).empty());
  const std::vector<ExpireLease> due = watch.TakeDue(At(115), kMany);
  REQUIRE(due.size() == 1);
  CHECK(due[0].key == "cell-1");
  CHECK(due[0].owner == "owner");
  CHECK(due[0].modified_id == "grant-1");
  CHECK(due[0].modified_index == 1);
  CHECK(watch.TakeDue(At(200), kMany).empty());
  CHECK(watch.size() == 0);
}

TEST_CASE("watch: only a later index of the same grant moves it", "[locket][expiry]") {
  ExpiryWatch watch;
  watch.Observe(Seen("cell-1", 5), At(100));
  watch.Observe(Seen("cell-1", 5), At(105));  // a scan read the same row again
  CHECK(watch.NextDeadline() == At(115));
  watch.Observe(Seen("cell-1", 4), At(106));  // a stale reading
  CHECK(watch.NextDeadline() == At(115));
  watch.Observe(Seen("cell-1", 6), At(107));
  CHECK(watch.NextDeadline() == At(122));
  CHECK(watch.size() == 1);
}

TEST_CASE("watch: a new grant of a key is watched beside the old one", "[locket][expiry]") {
  ExpiryWatch watch;
  watch.Observe(Seen("bbs", 9, "grant-1"), At(100));
  watch.Observe(Seen("bbs", 1, "grant-2"), At(105));
  CHECK(watch.size() == 2);
  CHECK(watch.TakeDue(At(116), kMany).at(0).modified_id == "grant-1");
  CHECK(watch.TakeDue(At(120), kMany).at(0).modified_id == "grant-2");
}

TEST_CASE("watch: what is free or forgotten never runs out", "[locket][expiry]") {
  ExpiryWatch watch;
  Lease free = Seen("free", 1);
  free.owner.clear();
  watch.Observe(free, At(100));
  watch.Observe(Seen("bbs", 1), At(100));
  watch.Forget("bbs", "another-grant");
  CHECK(watch.size() == 1);
  watch.Forget("bbs", "grant-1");
  CHECK(watch.size() == 0);
  CHECK(watch.NextDeadline() == absl::InfiniteDuration());
}

TEST_CASE("watch: due leases come in order of deadline, no more than asked for",
          "[locket][expiry]") {
  ExpiryWatch watch;
  watch.Observe(Seen("c", 1), At(103));
  watch.Observe(Seen("a", 1), At(101));
  watch.Observe(Seen("b", 1), At(102));
  watch.Observe(Seen("late", 1), At(110));
  CHECK(Keys(watch.TakeDue(At(118), 2)) == std::vector<std::string>{"a", "b"});
  CHECK(Keys(watch.TakeDue(At(118), 2)) == std::vector<std::string>{"c"});
}

TEST_CASE("watch: after an outage every lease has a whole TTL again", "[locket][expiry]") {
  ExpiryWatch watch;
  watch.Observe(Seen("a", 1), At(100));
  watch.Observe(Seen("b", 1), At(110));
  watch.GrantGrace(At(112));
  watch.GrantGrace(At(111));  // an earlier end of an outage takes nothing back
  CHECK(watch.TakeDue(At(126), kMany).empty());
  CHECK(Keys(watch.TakeDue(At(127), kMany)) == std::vector<std::string>{"a", "b"});
  watch.Observe(Seen("c", 1), At(130));
  CHECK(Keys(watch.TakeDue(At(145), kMany)) == std::vector<std::string>{"c"});
}

}  // namespace
}  // namespace diego::locket
