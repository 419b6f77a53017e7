// The schema goes down and up again by the real program, which is killed on its way and run again;
// nothing is lost, and whoever calls meanwhile is told. Every single statement has its turn to be
// killed at in services/bbs/store/migration_kills_test.cc.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "integration/harness/eventually.h"
#include "integration/suite/suite.h"
#include "libs/base/status_util.h"

namespace diego::suite {
namespace {

using Catch::Contains;

constexpr char kOld[] = "1643660541";  // of the year 2022

class Program {
 public:
  explicit Program(Deployment* deployment) : deployment_(*deployment) {}

  // What `bbs migrate --to VERSION` prints; REQUIREs that it succeeds.
  std::string Run(const std::string& to, const std::vector<std::string>& flags = {}) {
    const auto printed = harness::RunCommand(Arguments(to, flags), absl::Seconds(60));
    REQUIRE_OK(printed.status());
    return *printed;
  }

  // Kills it as soon as it has told of so many steps. False: it was over before.
  bool RunAndKill(const std::string& to, int steps) {
    const std::string fifo = deployment_.cluster().directory() + "/progress";
    REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
    const int fd = open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    REQUIRE(fd >= 0);
    auto process = harness::Process::Start({.name = "migrate",
                                            .argv = Arguments(to, {}),
                                            .extra_env = {},
                                            .log_file = fifo,
                                            .working_dir = ""});
    REQUIRE_OK(process.status());
    ReadUntil(fd, "steps done)", steps);
    (*process)->Signal(SIGKILL);
    const int status = *(*process)->Wait(absl::InfiniteDuration());
    close(fd);
    unlink(fifo.c_str());
    CHECK((status == 0 || status == 128 + SIGKILL));
    return status != 0;
  }

 private:
  std::vector<std::string> Arguments(const std::string& to, const std::vector<std::string>& flags) {
    std::vector<std::string> argv = {deployment_.Binary("bbs"),
                                     "migrate",
                                     "--to",
                                     to,
                                     "--config",
                                     deployment_.cluster().Find("bbs-1").argv.back()};
    argv.insert(argv.end(), flags.begin(), flags.end());
    return argv;
  }

  // Until the text has come so often, or the writer has ended.
  static void ReadUntil(int fd, const std::string& text, int times) {
    std::string all;
    char buffer[4096];
    while (static_cast<int>(std::vector<std::string>(absl::StrSplit(all, text)).size()) <= times) {
      pollfd readable{fd, POLLIN, 0};
      if (poll(&readable, 1, 60000) <= 0) return;
      const ssize_t got = read(fd, buffer, sizeof(buffer));
      if (got <= 0) return;
      all.append(buffer, static_cast<size_t>(got));
    }
  }

  Deployment& deployment_;
};

struct Everything {
  std::map<std::string, DesiredLrp> desired;
  std::map<std::string, Task> tasks;
  std::set<std::string> instances;

  friend bool operator==(const Everything&, const Everything&) = default;
};

Everything ReadAll(harness::Cluster& cluster) {
  Everything all;
  const auto desired = cluster.bbs().DesiredLrps({});
  REQUIRE_OK(desired.status());
  for (const DesiredLrp& lrp : desired->records) all.desired[lrp.process_guid.value()] = lrp;
  const auto tasks = cluster.bbs().Tasks({});
  REQUIRE_OK(tasks.status());
  for (const Task& task : tasks->records) all.tasks[task.task_guid.value()] = task;
  const auto instances = cluster.bbs().ActualLrps({});
  REQUIRE_OK(instances.status());
  for (const ActualLrp& lrp : instances->records) {
    all.instances.insert(absl::StrCat(lrp.key.process_guid.value(), "/", lrp.key.index, " ",
                                      ActualLrpStateName(lrp.state)));
  }
  return all;
}

// What bbs-1 says to one who calls it now.
absl::Status Ping(Deployment& deployment) {
  clients::ConnectionOptions options = deployment.Connection();
  options.rounds = 1;
  options.timeout = absl::Seconds(1);
  DIEGO_ASSIGN_OR_RETURN(const auto client, clients::BbsClient::Create(options));
  return client->Ping();
}

// Keeps MySQL from changing the table while `meanwhile` runs.
void WhileTableIsRead(sql::Database& database, const std::string& table,
                      const std::function<absl::Status()>& meanwhile) {
  REQUIRE_OK(database
                 .TransactOnce(
                     [&](sql::Transaction& tx) -> absl::Status {
                       DIEGO_RETURN_IF_ERROR(
                           tx.Query(absl::StrCat("SELECT COUNT(*) FROM ", table), {},
                                    [](const sql::Row&) { return absl::OkStatus(); }));
                       return meanwhile();
                     },
                     sql::TransactionMode::kRead)
                 .status);
}

// bbs-1 stands in the middle of a migration, says so, and dies of it.
void MeetMigrating(Deployment& deployment) {
  harness::Cluster& cluster = deployment.cluster();
  absl::Status told;
  absl::StatusOr<double> steps_left = absl::UnknownError("not read");
  WhileTableIsRead(*deployment.OpenDatabase(), "tasks", [&]() -> absl::Status {
    DIEGO_RETURN_IF_ERROR(cluster.Start("bbs-1"));
    DIEGO_RETURN_IF_ERROR(
        harness::Eventually("bbs-1 to migrate", absl::Seconds(30), [&]() -> absl::Status {
          told = Ping(deployment);
          return absl::StrContains(told.message(), "migrating")
                     ? absl::OkStatus()
                     : absl::NotFoundError(told.ToString());
        }));
    steps_left = ReadMetric(cluster, "bbs-1", "diego_bbs_migration_steps_left_count");
    return cluster.KillHard("bbs-1");
  });
  CHECK(absl::IsUnavailable(told));
  CHECK_THAT(std::string(told.message()),
             Contains(absl::StrCat("migrating the database from version ", kOld)) &&
                 Contains("steps done); try again"));
  REQUIRE_OK(steps_left.status());
  CHECK(*steps_left > 0);
}

TEST_CASE("migration: down and up, killed on the way and run again, nothing is lost", "[suite]") {
  const harness::Store store = GENERATE(harness::Store::kSqlite, harness::Store::kMysql);
  INFO(StoreName(store));
  Deployment deployment({.store = store, .bbs_count = 1, .cell_count = 0});
  harness::Cluster& cluster = deployment.cluster();
  Start(cluster, {"locket", "bbs-1"});
  for (int i = 0; i < 5; ++i) {
    REQUIRE_OK(cluster.bbs().DesireLrp(MakeLrp(absl::StrCat("lrp-", i), i, "kept")));
    REQUIRE_OK(cluster.bbs().DesireTask(MakeTask(absl::StrCat("task-", i))));
  }
  const Everything before = ReadAll(cluster);
  REQUIRE(before.desired.size() == 5);
  REQUIRE(before.tasks.size() == 5);
  REQUIRE(before.instances.size() == 10);
  REQUIRE(cluster.Find("bbs-1").process->Stop(absl::Seconds(30)) == 0);

  // A plan tells, and changes nothing.
  Program bbs(&deployment);
  const std::string plan = bbs.Run(kOld, {"--plan"});
  CHECK_THAT(plan, Contains("LOSES desired_lrps.update_strategy") &&
                       Contains("down, our own addition") && Contains("1686692176"));
  CHECK_THAT(bbs.Run("latest", {"--plan"}), Contains("nothing to do"));

  int kills = 0;
  const auto run_and_kill = [&](const std::string& to, int steps) {
    if (!bbs.RunAndKill(to, steps)) return false;
    ++kills;
    const std::string stands = bbs.Run("latest", {"--plan"});
    CHECK_THAT(stands, Contains("not finished") || Contains("database: version"));
    return true;
  };
  // Called off half-way, then gone through with.
  run_and_kill(kOld, 3);
  CHECK_THAT(bbs.Run("latest"), Contains("done: the database is at version"));
  CHECK_THAT(bbs.Run("latest", {"--plan"}), Contains("nothing to do"));
  for (int steps = 1; run_and_kill(kOld, steps); ++steps) {
  }
  CHECK_THAT(bbs.Run(kOld), Contains(absl::StrCat("done: the database is at version ", kOld)));
  CHECK_THAT(bbs.Run("latest", {"--plan"}),
             Contains(absl::StrCat("database: version ", kOld, "\n")));

  // Up, by the BBS itself; who calls meanwhile is told.
  if (store == harness::Store::kMysql) MeetMigrating(deployment);
  run_and_kill("latest", 2);
  run_and_kill("latest", 2);
  CHECK(kills >= 3);
  Start(cluster, {"bbs-1"});
  CHECK(ReadAll(cluster) == before);
  CHECK(cluster.Find("bbs-1").process->Stop(absl::Seconds(30)) == 0);
  CHECK_THAT(bbs.Run("latest", {"--plan"}), Contains("nothing to do"));
  REQUIRE_OK(cluster.StopAll());
}

}  // namespace
}  // namespace diego::suite
