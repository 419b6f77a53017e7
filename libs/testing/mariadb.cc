#include "libs/testing/mariadb.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/status_util.h"
#include "libs/sql/database.h"
#include "libs/sync/guarded.h"

extern char** environ;

namespace diego::testing {
namespace {

constexpr absl::Duration kStartLimit = absl::Seconds(60);
constexpr absl::Duration kPollPause = absl::Milliseconds(50);

void Pause() {
  Guarded<bool> never;
  never.When([](bool) { return false; }, kPollPause, [](bool, bool) {});
}

// Starts a program with both outputs appended to `log`; its pid.
absl::StatusOr<int> Launch(const std::vector<std::string>& arguments, const std::string& log) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    return absl::InternalError(
        absl::StrCat("cannot start ", arguments[0], ": ", std::strerror(error)));
  }
  return static_cast<int>(pid);
}

// A port that nobody listens on just now.
absl::StatusOr<int> FreePort() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  const bool bound =
      listener >= 0 && bind(listener, raw, size) == 0 && getsockname(listener, raw, &size) == 0;
  if (listener >= 0) close(listener);
  if (!bound) return absl::InternalError("no free port on 127.0.0.1");
  return ntohs(address.sin_port);
}

// Where nothing needs to survive the machine, memory spares the wait for the disk that MariaDB
// makes at every statement of a schema.
absl::StatusOr<std::string> FreshDirectory(bool durable) {
  constexpr uintmax_t kRoomBytes = uintmax_t{1} << 30;
  std::error_code error;
  const auto memory = std::filesystem::space("/dev/shm", error);
  const bool in_memory = !durable && !error && memory.available > kRoomBytes;
  for (const char* parent : {"/dev/shm", "/tmp"}) {
    if (!in_memory && absl::string_view(parent) != "/tmp") continue;
    std::string pattern = absl::StrCat(parent, "/diego-mariadb-XXXXXX");
    if (mkdtemp(pattern.data()) != nullptr) return pattern;
  }
  return absl::InternalError(absl::StrCat("no directory for MariaDB: ", std::strerror(errno)));
}

std::string TailOf(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  const std::string all = text.str();
  return all.size() > 2000 ? all.substr(all.size() - 2000) : all;
}

}  // namespace

MariaDb::MariaDb(MariaDbOptions options) : options_(std::move(options)) {}

absl::StatusOr<std::unique_ptr<MariaDb>> MariaDb::Start(MariaDbOptions options) {
  auto server = std::unique_ptr<MariaDb>(new MariaDb(std::move(options)));
  DIEGO_RETURN_IF_ERROR(Annotate(server->Install(), "making a MariaDB data directory"));
  DIEGO_RETURN_IF_ERROR(Annotate(server->Spawn(), "starting MariaDB"));
  DIEGO_RETURN_IF_ERROR(server->Administer("CREATE USER diego@'%' IDENTIFIED BY 'diego'"));
  DIEGO_RETURN_IF_ERROR(server->Administer("GRANT ALL ON *.* TO diego@'%'"));
  return server;
}

MariaDb::~MariaDb() {
  StopAndWait(SIGTERM);
  std::error_code ignored;
  if (owns_directory_) std::filesystem::remove_all(directory_, ignored);
}

absl::Status MariaDb::Install() {
  directory_ = options_.directory;
  if (directory_.empty()) {
    DIEGO_ASSIGN_OR_RETURN(directory_, FreshDirectory(options_.durable));
    owns_directory_ = true;
  }
  std::error_code error;
  std::filesystem::create_directories(directory_, error);
  socket_ = absl::StrCat(directory_, "/mysqld.sock");
  DIEGO_ASSIGN_OR_RETURN(port_, FreePort());
  // A server that starts removes every temporary table from its folder for them, others' too.
  std::filesystem::create_directories(absl::StrCat(directory_, "/tmp"), error);
  const std::string log = absl::StrCat(directory_, "/install.log");
  DIEGO_ASSIGN_OR_RETURN(
      const int pid, Launch({"mariadb-install-db", "--no-defaults", "--user=root", "--skip-test-db",
                             "--auth-root-authentication-method=normal",
                             absl::StrCat("--datadir=", directory_, "/data"),
                             absl::StrCat("--tmpdir=", directory_, "/tmp")},
                            log));
  int wait_status = 0;
  waitpid(pid, &wait_status, 0);
  if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("mariadb-install-db failed: ", TailOf(log)));
}

absl::Status MariaDb::Spawn() {
  std::vector<std::string> arguments = {
      "mariadbd",
      "--no-defaults",
      "--user=root",
      absl::StrCat("--datadir=", directory_, "/data"),
      absl::StrCat("--tmpdir=", directory_, "/tmp"),
      absl::StrCat("--socket=", socket_),
      absl::StrCat("--pid-file=", directory_, "/mysqld.pid"),
      absl::StrCat("--port=", port_),
      "--bind-address=127.0.0.1",
      "--skip-name-resolve",
      "--innodb-buffer-pool-size=128M",
      absl::StrCat("--innodb-log-file-size=", options_.durable ? "96M" : "16M"),
      absl::StrCat("--innodb-flush-log-at-trx-commit=", options_.durable ? 1 : 2),
  };
  arguments.insert(arguments.end(), options_.extra_arguments.begin(),
                   options_.extra_arguments.end());
  DIEGO_ASSIGN_OR_RETURN(pid_, Launch(arguments, absl::StrCat(directory_, "/mariadbd.log")));
  return WaitUntilReady();
}

absl::Status MariaDb::WaitUntilReady() {
  const absl::Duration deadline = RealClock().Monotonic() + kStartLimit;
  absl::Status last;
  while (RealClock().Monotonic() < deadline) {
    int wait_status = 0;
    if (waitpid(pid_, &wait_status, WNOHANG) == pid_) {
      pid_ = -1;
      return absl::InternalError(
          absl::StrCat("mariadbd ended: ", TailOf(absl::StrCat(directory_, "/mariadbd.log"))));
    }
    last = Administer("DO 1");
    if (last.ok()) return last;
    Pause();
  }
  return Annotate(last, "mariadbd does not answer");
}

absl::Status MariaDb::Administer(absl::string_view statement) {
  sql::DatabaseOptions options;
  options.driver = "mysql";
  options.connection_string = absl::StrCat("root@unix(", socket_, ")/mysql");
  DIEGO_ASSIGN_OR_RETURN(const auto database, sql::Database::Open(options));
  return database->ExecuteSchema(statement);
}

absl::Status MariaDb::CreateDatabase(absl::string_view name) {
  return Administer(absl::StrCat("CREATE DATABASE ", name));
}

std::string MariaDb::ConnectionString(absl::string_view database) const {
  return absl::StrCat("diego:diego@tcp(127.0.0.1:", port_, ")/", database);
}

absl::Status MariaDb::Kill() {
  if (pid_ < 0) return absl::FailedPreconditionError("MariaDB is not running");
  StopAndWait(SIGKILL);
  return absl::OkStatus();
}

absl::Status MariaDb::Restart() {
  StopAndWait(SIGTERM);
  return Spawn();
}

void MariaDb::StopAndWait(int signal_number) {
  if (pid_ < 0) return;
  kill(pid_, signal_number);
  int wait_status = 0;
  waitpid(pid_, &wait_status, 0);
  pid_ = -1;
}

}  // namespace diego::testing
