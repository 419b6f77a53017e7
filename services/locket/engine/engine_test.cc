// The engine's parts together: writes, reads and expiry over a store that several servers share.
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "libs/testing/fake_clock.h"
#include "services/locket/engine/expiry_loop.h"
#include "services/locket/engine/fake_lease_store.h"
#include "services/locket/engine/lease_engine.h"
#include "services/locket/engine/lease_reader.h"

namespace diego::locket {
namespace {

struct Answer {
  absl::Status status;
  int64_t token = 0;
};

// One Locket process without its doors.
struct TestServer {
  explicit TestServer(LeaseStore& store, FakeClock& clock, size_t queue_capacity = 100)
      : registry("locket"),
        metrics(registry),
        engine({.queue_capacity = queue_capacity, .patience = absl::ZeroDuration(), .seed = 1},
               store, watch, clock, metrics, log, [this](const absl::Status&) { ++given_up; }),
        reader({.patience = absl::ZeroDuration()}, store, log::Logger::Discard(),
               [this](const absl::Status&) { ++given_up; }),
        expiry({}, store, engine, watch, clock, metrics, log::Logger::Discard()) {}

  void Submit(LeaseRequest request, Answer* answer = nullptr) {
    engine.Submit(std::move(request), [answer](const absl::Status& status, int64_t token) {
      if (answer != nullptr) *answer = {status, token};
    });
  }
  Answer Do(LeaseRequest request) {
    Answer answer{absl::UnknownError("never answered"), 0};
    Submit(std::move(request), &answer);
    engine.Step();
    return answer;
  }
  Answer Acquire(const std::string& key, const std::string& owner) {
    return Do(AcquireLease{key, owner, "", LeaseType::kLock, 15});
  }
  void Expire() {
    expiry.Step();
    engine.Step();
  }
  std::string OwnerOf(const std::string& key) {
    std::string owner;
    reader.Fetch(key, [&](const absl::StatusOr<StoredLease>& row) {
      owner = row.ok() ? row->lease.owner : std::string(row.status().message());
    });
    reader.Step();
    return owner;
  }

  size_t LoggedTimes(const std::string& message) const {
    size_t times = 0;
    for (const std::string& line : lines) {
      times += line.find("\"locket." + message + "\"") != std::string::npos;
    }
    return times;
  }

  std::vector<std::string> lines;
  log::Logger log{{.component = "locket",
                   .level = log::Level::kDebug,
                   .sink = [this](absl::string_view line) { lines.emplace_back(line); }}};
  int given_up = 0;
  metrics::Registry registry;
  LocketMetrics metrics;
  Guarded<ExpiryWatch> watch;
  LeaseEngine engine;
  LeaseReader reader;
  ExpiryLoop expiry;
};

TEST_CASE("engine: requests that wait are committed in one transaction, answered in order",
          "[locket][engine]") {
  FakeLeaseStore store;
  FakeClock clock;
  TestServer server(store, clock);
  std::vector<Answer> answers(4);
  server.Submit(AcquireLease{"bbs", "a", "", LeaseType::kLock, 15}, &answers[0]);
  server.Submit(AcquireLease{"bbs", "b", "", LeaseType::kLock, 15}, &answers[1]);
  server.Submit(AcquireLease{"cell", "c", "", LeaseType::kPresence, 15}, &answers[2]);
  server.Submit(AcquireLease{"cell", "c", "", LeaseType::kPresence, 0}, &answers[3]);
  CHECK(answers[3].status == absl::InvalidArgumentError("invalid-ttl"));  // at the door
  CHECK(answers[0].token == 0);                                           // nothing before commit
  server.engine.Step();
  CHECK(store.transactions() == 1);
  CHECK(answers[0].token == 1);
  CHECK(answers[1].status == absl::AlreadyExistsError("lock-collision"));
  CHECK(answers[2].token == 1);
}

TEST_CASE("engine: past its bound the queue refuses at the door", "[locket][engine]") {
  FakeLeaseStore store;
  FakeClock clock;
  TestServer server(store, clock, 1);
  Answer first;
  Answer second;
  server.Submit(ReleaseLease{"a", "o"}, &first);
  server.Submit(ReleaseLease{"b", "o"}, &second);
  CHECK(absl::IsResourceExhausted(second.status));
  server.engine.Step();
  CHECK(first.status.ok());
}

TEST_CASE("engine: a row that the database refuses fails alone", "[locket][engine]") {
  FakeLeaseStore store;
  FakeClock clock;
  TestServer server(store, clock);
  store.RefuseKey("bad");
  std::vector<Answer> answers(3);
  server.Submit(AcquireLease{"a", "o", "", LeaseType::kLock, 15}, &answers[0]);
  server.Submit(AcquireLease{"bad", "o", "", LeaseType::kLock, 15}, &answers[1]);
  server.Submit(AcquireLease{"b", "o", "", LeaseType::kLock, 15}, &answers[2]);
  server.engine.Step();
  CHECK(answers[0].token == 1);
  CHECK(answers[1].status == absl::UnknownError("Incorrect string value"));
  CHECK(answers[2].token == 1);
  CHECK(server.given_up == 0);
}

TEST_CASE("engine: a store that lost its tables ends the server", "[locket][engine]") {
  FakeLeaseStore store;
  FakeClock clock;
  TestServer server(store, clock);
  store.FailWith(absl::InternalError("Unrecoverable Error: no such table"));
  CHECK(server.Acquire("a", "o").status ==
        absl::UnknownError("Unrecoverable Error: no such table"));
  CHECK(server.given_up == 1);
  server.OwnerOf("a");
  CHECK(server.given_up == 2);
}

TEST_CASE("engine: after closing everything is told so", "[locket][engine]") {
  FakeLeaseStore store;
  FakeClock clock;
  TestServer server(store, clock);
  Answer waiting;
  Answer late;
  server.Submit(ReleaseLease{"a", "o"}, &waiting);
  server.engine.Close();
  server.reader.Close();
  server.Submit(ReleaseLease{"a", "o"}, &late);
  CHECK(absl::IsUnavailable(waiting.status));
  CHECK(absl::IsUnavailable(late.status));
  CHECK(server.OwnerOf("a") == "locket is shutting down");
}

TEST_CASE("engine: what comes of a lease is logged as the original logs it", "[locket][engine]") {
  FakeLeaseStore store;
  FakeClock clock;
  TestServer server(store, clock);
  server.Acquire("bbs", "a");
  server.Acquire("bbs", "b");
  CHECK(server.LoggedTimes("acquired-lock") == 1);
  CHECK(server.LoggedTimes("fetch-failed-owner-mismatch") == 0);
  server.Do(ReleaseLease{"bbs", "b"});
  CHECK(server.LoggedTimes("fetch-failed-owner-mismatch") == 1);
  server.Do(ExpireLease{"bbs", "a", "another id", 1});
  CHECK(server.LoggedTimes("release-failed-index-mismatch") == 1);
  server.Do(ReleaseLease{"bbs", "a"});
  CHECK(server.LoggedTimes("released-lock") == 1);
  server.Do(ReleaseLease{"bbs", "a"});
  CHECK(server.lines.size() == 5);  // with the refusal of b, and nothing of what changed nothing
}

TEST_CASE("expiry: an owner that falls silent loses its lease after its TTL", "[locket][engine]") {
  FakeLeaseStore store;
  FakeClock clock;
  TestServer server(store, clock);
  server.Expire();
  CHECK(server.Acquire("bbs", "a").token == 1);
  for (int i = 0; i < 14; ++i) {
    clock.Advance(absl::Seconds(1));
    server.Expire();
  }
  CHECK(server.Acquire("bbs", "b").status == absl::AlreadyExistsError("lock-collision"));
  clock.Advance(absl::Seconds(1));
  server.Expire();
  CHECK(server.OwnerOf("bbs") == "resource-not-found");
  CHECK(server.Acquire("bbs", "b").token == 2);
}

TEST_CASE("expiry: an owner that refreshes keeps its lease, whichever server it asks",
          "[locket][engine]") {
  FakeLeaseStore store;
  FakeClock clock;
  TestServer one(store, clock);
  TestServer two(store, clock);
  CHECK(one.Acquire("bbs", "a").token == 1);
  for (int second = 1; second < 60; ++second) {
    clock.Advance(absl::Seconds(1));
    if (second % 5 == 0) CHECK((second % 2 == 0 ? one : two).Acquire("bbs", "a").token == 1);
    one.Expire();
    two.Expire();
  }
  CHECK(one.OwnerOf("bbs") == "a");
}

TEST_CASE("expiry: a lease written through another server runs out here as well",
          "[locket][engine]") {
  FakeLeaseStore store;
  FakeClock clock;
  TestServer survivor(store, clock);
  {
    TestServer dead(store, clock);
    CHECK(dead.Acquire("bbs", "a").token == 1);
  }
  survivor.Expire();  // the scan sees it
  for (int second = 0; second < 20; ++second) {
    clock.Advance(absl::Seconds(1));
    survivor.Expire();
  }
  CHECK(survivor.OwnerOf("bbs") == "resource-not-found");
}

TEST_CASE("expiry: an outage of the store takes nobody's lease", "[locket][engine]") {
  FakeLeaseStore store;
  FakeClock clock;
  TestServer server(store, clock);
  server.Expire();
  server.Acquire("cell-1", "a");
  store.FailWith(absl::UnavailableError("connection refused"));
  for (int second = 0; second < 40; ++second) {
    clock.Advance(absl::Seconds(1));
    if (second % 5 == 0) {
      CHECK(server.Acquire("cell-1", "a").status == absl::UnknownError("connection refused"));
    }
    server.Expire();
  }
  store.FailWith(absl::OkStatus());
  for (int second = 0; second < 10; ++second) {
    clock.Advance(absl::Seconds(1));
    server.Expire();
  }
  CHECK(server.OwnerOf("cell-1") == "a");
  for (int second = 0; second < 15; ++second) {
    clock.Advance(absl::Seconds(1));
    server.Expire();
  }
  CHECK(server.OwnerOf("cell-1") == "resource-not-found");
}

TEST_CASE("expiry: a server that was paused gives its leases a new TTL", "[locket][engine]") {
  FakeLeaseStore store;
  FakeClock clock;
  TestServer server(store, clock);
  server.Expire();
  server.Acquire("cell-1", "a");
  server.Expire();
  clock.Advance(absl::Minutes(1));
  server.Expire();
  CHECK(server.OwnerOf("cell-1") == "a");
}

TEST_CASE("expiry: a refresh that waits beside an expiry wins", "[locket][engine]") {
  FakeLeaseStore store;
  FakeClock clock;
  TestServer server(store, clock);
  server.Acquire("bbs", "a");
  const Lease lease = store.Table().leases.at("bbs");
  Answer expired;
  Answer refreshed;
  server.Submit(ExpireLease{"bbs", "a", lease.modified_id, 1}, &expired);
  server.Submit(AcquireLease{"bbs", "a", "", LeaseType::kLock, 15}, &refreshed);
  server.engine.Step();
  CHECK(refreshed.token == 1);
  CHECK(server.OwnerOf("bbs") == "a");
}

TEST_CASE("reader: a list holds what is held, by type, in order of keys", "[locket][engine]") {
  FakeLeaseStore store;
  FakeClock clock;
  TestServer server(store, clock);
  server.Do(AcquireLease{"cell-2", "b", "two", LeaseType::kPresence, 15});
  server.Do(AcquireLease{"cell-1", "a", "one", LeaseType::kPresence, 15});
  server.Do(AcquireLease{"bbs", "c", "", LeaseType::kLock, 15});
  LeaseChange unowned;
  unowned.key = "cell-0";
  unowned.after.emplace().key = "cell-0";
  unowned.after->type = LeaseType::kPresence;
  store.Write(unowned);
  std::vector<std::string> seen;
  server.reader.FetchAll(LeaseType::kPresence, [&](const absl::StatusOr<LeaseReader::Leases>& all) {
    for (const StoredLease& one : **all) seen.push_back(one.lease.key + "=" + one.lease.value);
  });
  server.reader.Step();
  CHECK(seen == std::vector<std::string>{"cell-1=one", "cell-2=two"});
  CHECK(server.OwnerOf("cell-0") == "resource-not-found");

  absl::Status refused;
  server.reader.FetchAll(LeaseType::kUnknown, [&](const absl::StatusOr<LeaseReader::Leases>& all) {
    refused = all.status();
  });
  CHECK(refused == absl::NotFoundError("invalid-type"));
}

}  // namespace
}  // namespace diego::locket
