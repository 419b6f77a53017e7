// Commands a second that the BBS's store makes durable: actual-LRP starts, one row each, committed
// in groups through SqlStore, leadership row and sealed payloads included. One thread, one
// connection, as the engine's committer works. `commit_bench --help` says what can be set.
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/base/clock.h"
#include "libs/crypto/key_ring.h"
#include "libs/sql/database.h"
#include "libs/testing/mariadb.h"
#include "services/bbs/store/sql_store.h"

namespace diego::bbs {
namespace {

constexpr char kHelp[] =
    "Usage: commit_bench [--store sqlite|mysql|both] [--seconds S] [--rows N]\n"
    "                    [--directory DIR] [--json]\n"
    "Commits starts of actual LRPs in groups of 1, 8, 64 and 256 for S seconds each, over N rows\n"
    "that are there already. mysql is a private, durable MariaDB; sqlite a file with\n"
    "synchronous=FULL; both in a fresh directory below DIR, /tmp unless given.\n";

constexpr int kGroupSizes[] = {1, 8, 64, 256};

struct Options {
  std::string store = "both";
  int seconds = 5;
  int rows = 20000;
  std::string directory = "/tmp";
  bool json = false;
};

bool ParseOptions(int argc, char** argv, Options* options) {
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    if (flag == "--json") {
      options->json = true;
      continue;
    }
    if (++i == argc) return false;
    const std::string value = argv[i];
    if (flag == "--store") {
      if (value != "sqlite" && value != "mysql" && value != "both") return false;
      options->store = value;
      continue;
    }
    if (flag == "--directory") {
      options->directory = value;
      continue;
    }
    int* number = flag == "--seconds" ? &options->seconds
                  : flag == "--rows"  ? &options->rows
                                      : nullptr;
    if (number == nullptr || !absl::SimpleAtoi(value, number) || *number < 1) return false;
  }
  return true;
}

Change Start(int number, uint32_t tag_index) {
  ActualLrp lrp;
  lrp.key = {ProcessGuid(absl::StrCat("5b1e4d8e-9e57-2d5b-1b0e-", 100000000000 + number / 5)),
             number % 5, Domain("bench")};
  lrp.instance = {InstanceGuid(absl::StrCat("4f0c4a38-5b1e-4d8e-9e57-", 100000000000 + number)),
                  CellId(absl::StrCat("cell-", number % 1000))};
  lrp.net_info = {
      "10.0.0.1", {{8080, 61000, 61001, 61443}}, "10.255.12.34", PreferredAddress::kUnknown, ""};
  lrp.state = ActualLrpState::kRunning;
  lrp.since = absl::FromUnixSeconds(1767225600);
  lrp.tag = {"4f0c4a38-5b1e-4d8e-9e57-2d5b1b0e8f6a", tag_index};
  lrp.metric_tags = {{"source_id", "5b1e4d8e-9e57-2d5b-1b0e-2d5b1b0e8f6a"}, {"instance_id", "0"}};
  lrp.routable = true;
  lrp.availability_zone = "z1";
  ActualLrpChange change;
  change.after = std::make_shared<const ActualLrp>(std::move(lrp));
  return change;
}

// Processor time that this process has used: what a command costs whatever else the machine does.
absl::Duration ProcessorTime() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return absl::DurationFromTimeval(usage.ru_utime) + absl::DurationFromTimeval(usage.ru_stime);
}

struct Rate {
  double per_second = 0;
  double processor_us = 0;  // of this process, for one
};

// Measures from its making to Of().
class Stopwatch {
 public:
  absl::Duration Passed() const { return RealClock().Monotonic() - started_; }
  Rate Of(double count) const {
    return {count / absl::ToDoubleSeconds(Passed()),
            absl::ToDoubleMicroseconds(ProcessorTime() - processor_) / count};
  }

 private:
  const absl::Duration started_ = RealClock().Monotonic();
  const absl::Duration processor_ = ProcessorTime();
};

// A store at the beginning of its term, and the fence of the batch it commits next.
class Bench {
 public:
  explicit Bench(sql::DatabaseOptions options) {
    auto database = sql::Database::Open(std::move(options));
    DIEGO_CHECK(database.ok()) << database.status().ToString();
    database_ = *std::move(database);
    auto keys = crypto::KeyRing::Make("key", {{"key", "passphrase"}});
    DIEGO_CHECK(keys.ok());
    keys_ = std::make_unique<crypto::KeyRing>(*std::move(keys));
    store_ = std::make_unique<SqlStore>(database_.get(), keys_.get(), log::Logger::Discard());
    const absl::Status prepared = store_->Prepare(fence_.epoch);
    DIEGO_CHECK(prepared.ok()) << prepared.ToString();
  }

  void Commit(const Changes& changes) {
    const CommitReply reply = store_->Commit(fence_, changes);
    DIEGO_CHECK(reply.result == CommitResult::kCommitted) << reply.detail.ToString();
    ++fence_.batch;
  }

  // Puts `rows` rows there, so that what is measured updates a table of some size.
  void Fill(int rows) {
    Changes changes;
    for (int i = 0; i < rows; ++i) {
      changes.push_back(Start(i, 0));
      if (changes.size() == 1024 || i + 1 == rows) Commit(std::exchange(changes, {}));
    }
  }

  // Commands in groups of `group`.
  Rate Measure(int group, int rows, absl::Duration duration) {
    const Stopwatch stopwatch;
    int committed = 0;
    while (stopwatch.Passed() < duration) {
      Changes changes;
      // Strides over the whole table, so that neighbours in a group are not neighbours on disk.
      for (int i = 0; i < group; ++i) {
        changes.push_back(Start(static_cast<int>(next_row_), ++tag_index_));
        next_row_ = (next_row_ + 7919) % rows;
      }
      Commit(changes);
      committed += group;
    }
    return stopwatch.Of(committed);
  }

  // Rows that a new master reads when it takes over.
  Rate MeasureLoad(int rows) {
    const Stopwatch stopwatch;
    const auto loaded = store_->Load(fence_.epoch + 1);
    DIEGO_CHECK(loaded.ok()) << loaded.status().ToString();
    DIEGO_CHECK(static_cast<int>(loaded->rows.size()) == rows);
    return stopwatch.Of(rows);
  }

 private:
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<crypto::KeyRing> keys_;
  std::unique_ptr<SqlStore> store_;
  Fence fence_{1, 1};
  int64_t next_row_ = 0;
  uint32_t tag_index_ = 0;
};

void Print(const Options& options, const std::string& store, const std::string& what,
           const Rate& rate) {
  if (options.json) {
    const nlohmann::ordered_json line = {{"bench", "commit"},
                                         {"store", store},
                                         {"what", what},
                                         {"rows", options.rows},
                                         {"per_second", rate.per_second},
                                         {"processor_us", rate.processor_us}};
    std::printf("%s\n", line.dump().c_str());
  } else {
    std::printf("%-8s %-16s %12.0f %16.1f\n", store.c_str(), what.c_str(), rate.per_second,
                rate.processor_us);
  }
  std::fflush(stdout);
}

void RunOn(const std::string& store, const Options& options, sql::DatabaseOptions database) {
  Bench bench(std::move(database));
  bench.Fill(options.rows);
  for (int group : kGroupSizes) {
    const Rate rate = bench.Measure(group, options.rows, absl::Seconds(options.seconds));
    Print(options, store, absl::StrCat("groups of ", group), rate);
  }
  Print(options, store, "load", bench.MeasureLoad(options.rows));
}

sql::DatabaseOptions SqliteIn(const std::string& directory) {
  sql::DatabaseOptions database;
  database.driver = "sqlite";
  database.connection_string = absl::StrCat(directory, "/bbs.db");
  return database;
}

void RunOnMariaDb(const Options& options, const std::string& directory) {
  testing::MariaDbOptions server_options;
  server_options.directory = absl::StrCat(directory, "/mariadb");
  const auto server = testing::MariaDb::Start(server_options);
  DIEGO_CHECK(server.ok()) << server.status().ToString();
  const absl::Status created = (*server)->CreateDatabase("bench");
  DIEGO_CHECK(created.ok()) << created.ToString();
  sql::DatabaseOptions database;
  database.driver = "mysql";
  database.connection_string = (*server)->ConnectionString("bench");
  RunOn("mysql", options, std::move(database));
}

int Main(int argc, char** argv) {
  Options options;
  if (!ParseOptions(argc, argv, &options)) {
    std::fputs(kHelp, stderr);
    return 2;
  }
  if (!options.json) std::printf("%-8s %-16s %12s %16s\n", "store", "", "a second", "processor us");
  std::string directory = absl::StrCat(options.directory, "/diego-commit-bench-XXXXXX");
  DIEGO_CHECK(mkdtemp(directory.data()) != nullptr) << "cannot write below " << options.directory;
  if (options.store != "mysql") RunOn("sqlite", options, SqliteIn(directory));
  if (options.store != "sqlite") RunOnMariaDb(options, directory);
  std::error_code ignored;
  std::filesystem::remove_all(directory, ignored);
  return 0;
}

}  // namespace
}  // namespace diego::bbs

int main(int argc, char** argv) { return diego::bbs::Main(argc, argv); }
