// Real containers on this machine.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/clock.h"
#include "services/rep/containers/file_io.h"
#include "services/rep/containers/rooted_path.h"
#include "services/rep/containers/runtime_fixture.h"
#include "services/rep/containers/spawn.h"

namespace diego::rep {
namespace {

using Lines = std::vector<std::string>;

ContainerSpec Busybox(const std::string& handle) {
  ContainerSpec spec;
  spec.handle = handle;
  spec.root_fs = "preloaded:busybox";
  spec.memory_mb = 64;
  return spec;
}

NetworkInfo MustCreate(CellFixture& cell, const ContainerSpec& spec) {
  const auto network = cell.runtime().Create(spec);
  INFO(network.status().ToString());
  REQUIRE(network.ok());
  return *network;
}

std::shared_ptr<Process> MustRun(CellFixture& cell, const std::string& handle,
                                 const ProcessSpec& spec, Recorder& recorder) {
  auto process = cell.runtime().Run(handle, spec, recorder.Callbacks());
  INFO(process.status().ToString());
  REQUIRE(process.ok());
  return *process;
}

// What an HTTP server at the address answers to GET /.
std::string Fetch(const std::string& ip, uint16_t port) {
  UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  inet_pton(AF_INET, ip.c_str(), &address.sin_addr);
  const timeval patience = {5, 0};
  setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return "";
  const std::string request = "GET / HTTP/1.0\r\n\r\n";
  if (write(fd.get(), request.data(), request.size()) < 0) return "";
  std::string reply;
  char buffer[4096];
  ssize_t n = 0;
  while ((n = read(fd.get(), buffer, sizeof buffer)) > 0) reply.append(buffer, n);
  return reply;
}

}  // namespace

TEST_CASE("a process runs with its user, environment, directory and limits", "[integration]") {
  CellFixture cell;
  ContainerSpec spec = Busybox("env");
  spec.env = {{"FROM_CONTAINER", "c"}, {"SHARED", "container"}};
  MustCreate(cell, spec);

  Recorder recorder;
  ProcessSpec process = Shell(
      "id -u; echo $FROM_CONTAINER $SHARED $OWN $HOME $USER; pwd; ulimit -n; hostname; echo oops "
      ">&2; exit 7");
  process.user = "vcap";
  process.dir = "/home/vcap/app";
  process.nofile = 321;
  process.env = {{"SHARED", "process"}, {"OWN", "o"}};
  MustRun(cell, "env", process, recorder);
  CHECK(recorder.AwaitExit() == ProcessExit{7, false});
  CHECK(recorder.Lines(Stream::kStdout) ==
        Lines{"2000", "c process o /home/vcap vcap", "/home/vcap/app", "321", "env"});
  CHECK(recorder.Lines(Stream::kStderr) == Lines{"oops"});
}

TEST_CASE("what cannot be started is refused with the reason", "[integration]") {
  CellFixture cell;
  MustCreate(cell, Busybox("refused"));
  Recorder recorder;

  ProcessSpec nobody = Shell("true");
  nobody.user = "nobody-here";
  const auto unknown_user = cell.runtime().Run("refused", nobody, recorder.Callbacks());
  CHECK(unknown_user.status().message() ==
        "unable to find user nobody-here: no matching entries in passwd file");

  ProcessSpec missing = Shell("true");
  missing.path = "/bin/no-such-program";
  const auto no_program = cell.runtime().Run("refused", missing, recorder.Callbacks());
  CHECK(absl::IsInvalidArgument(no_program.status()));
  CHECK(absl::StrContains(no_program.status().message(), "no such file or directory"));
  CHECK_FALSE(absl::StrContains(no_program.status().message(), "level="));

  CHECK(absl::IsNotFound(cell.runtime().Run("other", Shell("true"), {}).status()));
  CHECK(absl::IsAlreadyExists(cell.runtime().Create(Busybox("refused")).status()));
  ContainerSpec unknown_image = Busybox("image");
  unknown_image.root_fs = "preloaded:elsewhere";
  CHECK(absl::IsInvalidArgument(cell.runtime().Create(unknown_image).status()));
  ContainerSpec bad_handle = Busybox("../escape");
  CHECK(absl::IsInvalidArgument(cell.runtime().Create(bad_handle).status()));
}

TEST_CASE("a port is reached from the host and at the container's own address", "[integration]") {
  CellFixture cell;
  ContainerSpec spec = Busybox("web");
  spec.ports = {8080, 8081};
  const NetworkInfo network = MustCreate(cell, spec);
  REQUIRE(network.ports.size() == 2);
  CHECK(network.ports[0].container_port == 8080);
  CHECK(network.ports[0].host_port != network.ports[1].host_port);

  Recorder recorder;
  const auto server =
      MustRun(cell, "web",
              Shell("httpd -p 8080 -h /www; while ! wget -q -O - http://127.0.0.1:8080/ >/dev/null;"
                    "do :; done; echo up; exec sleep 1000"),
              recorder);
  recorder.AwaitLine("up");
  CHECK(absl::EndsWith(Fetch(network.container_ip, 8080), "hello from a container\n"));
  CHECK(absl::EndsWith(Fetch("127.0.0.1", network.ports[0].host_port), "hello from a container\n"));
  REQUIRE(server->Signal(SIGTERM).ok());
  CHECK(recorder.AwaitExit().status == 128 + SIGTERM);
  CHECK(absl::IsNotFound(server->Signal(SIGTERM)));
}

TEST_CASE("each container writes to a filesystem of its own", "[integration]") {
  CellFixture cell;
  MustCreate(cell, Busybox("one"));
  MustCreate(cell, Busybox("two"));
  Recorder writer;
  MustRun(cell, "one", Shell("echo mine > /etc/mark && ln -s /etc/shadow-of-host /etc/out"),
          writer);
  CHECK(writer.AwaitExit().status == 0);
  Recorder reader;
  MustRun(cell, "two", Shell("ls /etc/mark"), reader);
  CHECK(reader.AwaitExit().status != 0);

  const auto files = cell.runtime().Files("one");
  REQUIRE(files.ok());
  CHECK(ReadFileInRoot((*files)->root_fd(), "/etc/mark", 100).value_or("") == "mine\n");
  CHECK(ReadFileInRoot((*files)->root_fd(), "/../../etc/mark", 100).value_or("") == "mine\n");
  CHECK(absl::IsNotFound(ReadFileInRoot((*files)->root_fd(), "/etc/out", 100).status()));
  CHECK(absl::IsResourceExhausted(ReadFileInRoot((*files)->root_fd(), "/etc/mark", 4).status()));

  const auto metrics = cell.runtime().Metrics("one");
  REQUIRE(metrics.ok());
  CHECK(metrics->memory_limit_bytes == 64u << 20);
  CHECK(metrics->disk_bytes > 0);
  CHECK(metrics->cpu_time > absl::ZeroDuration());
}

TEST_CASE("memory and process limits hold, and running out of memory is told", "[integration]") {
  CellFixture cell;
  ContainerSpec spec = Busybox("limits");
  spec.memory_mb = 16;
  spec.max_pids = 8;
  MustCreate(cell, spec);

  Recorder hungry;
  MustRun(cell, "limits", Shell("exec tail -c 100000000 /dev/zero"), hungry);
  CHECK(hungry.AwaitExit() == ProcessExit{128 + SIGKILL, true});

  Recorder breeder;
  MustRun(cell, "limits",
          Shell("i=0; while [ $i -lt 20 ]; do sleep 1000 & i=$((i+1)); done; echo all"), breeder);
  breeder.AwaitExit();
  CHECK(breeder.Lines(Stream::kStdout).empty());

  CHECK(cell.runtime().Destroy("limits").ok());
}

TEST_CASE("killing reaches the whole group and destroying reaches everything", "[integration]") {
  CellFixture cell;
  MustCreate(cell, Busybox("stubborn"));
  Recorder recorder;
  const auto process = MustRun(
      cell, "stubborn",
      Shell("trap 'echo got TERM' TERM; echo ready; while true; do sleep 0.05; done"), recorder);
  recorder.AwaitLine("ready");
  REQUIRE(process->Signal(SIGTERM).ok());
  recorder.AwaitLine("got TERM");
  REQUIRE(process->Signal(SIGKILL).ok());
  CHECK(recorder.AwaitExit().status == 128 + SIGKILL);

  Recorder other;
  MustRun(cell, "stubborn", Shell("trap '' TERM; echo ready; while true; do sleep 1; done"), other);
  other.AwaitLine("ready");
  CHECK(cell.runtime().Destroy("stubborn").ok());
  CHECK(other.AwaitExit().status == 128 + SIGKILL);
  CHECK(cell.runtime().List().empty());
  CHECK(cell.runtime().Destroy("stubborn").ok());
}

TEST_CASE("an unprivileged container cannot reach into the host", "[integration]") {
  CellFixture cell;
  MustCreate(cell, Busybox("confined"));
  const auto [script, allowed] = GENERATE(table<std::string, bool>({
      {"mount -t tmpfs none /tmp", false},
      {"echo 1 > /proc/sys/kernel/printk", false},
      {"cat /proc/kcore | head -c 1 | grep .", false},
      {"ip link set eth0 down", false},
      {"touch /tmp/fine", true},
      {"ip addr | cat", true},
  }));
  Recorder recorder;
  MustRun(cell, "confined", Shell(script), recorder);
  INFO(script);
  CHECK((recorder.AwaitExit().status == 0) == allowed);
}

TEST_CASE("nothing is left after a shutdown", "[integration]") {
  CellFixture cell;
  ContainerSpec spec = Busybox("short");
  spec.ports = {8080};
  MustCreate(cell, spec);
  CHECK_FALSE(cell.Leftovers().empty());
  const absl::Status gone = cell.runtime().Shutdown();
  INFO(gone.ToString());
  CHECK(gone.ok());
  CHECK(cell.Leftovers() == Lines{});
}

TEST_CASE("a new process removes what a killed one left", "[integration]") {
  CellFixture cell;
  ContainerSpec spec = Busybox("orphan");
  spec.ports = {8080};
  MustCreate(cell, spec);
  Recorder recorder;
  MustRun(cell, "orphan", Shell("sleep 1000"), recorder);
  cell.Forget();
  cell.StartRuntime();
  CHECK(recorder.AwaitExit().status == 128 + SIGKILL);
  CHECK(cell.runtime().List().empty());
  MustCreate(cell, spec);  // the handle and the ports are free again
  CHECK(cell.runtime().Shutdown().ok());
  CHECK(cell.Leftovers() == Lines{});
}

TEST_CASE("a new process runs containers from the archive that it finds", "[integration]") {
  CellFixture cell;
  const std::string image = cell.dir() + "/image";
  const std::string tree = cell.dir() + "/tree";
  std::filesystem::rename(image, tree);
  const auto archive = [&](const std::string& version) {
    REQUIRE(WriteWholeFile(tree + "/etc/version", version, 0644).ok());
    SpawnSpec tar;
    tar.argv = {"tar", "-c", "-f", image + ".new", "-C", tree, "."};
    REQUIRE(RunToSuccess(tar, "", absl::Seconds(20)).ok());
    std::filesystem::rename(image + ".new", image);
  };
  const auto run = [&](const std::string& handle) {
    MustCreate(cell, Busybox(handle));
    Recorder recorder;
    MustRun(cell, handle, Shell("cat /etc/version; exec sleep 1000"), recorder);
    return recorder;
  };
  archive("old\n");
  cell.Forget();
  cell.StartRuntime();
  Recorder old = run("old");
  old.AwaitLine("old");
  archive("new\n");
  cell.Forget();
  // What the old one has mounted is not removed under its feet: it has ended before.
  cell.StartRuntime();
  CHECK(old.AwaitExit().status == 128 + SIGKILL);
  run("new").AwaitLine("new");
  CHECK(ListDirectory(cell.dir() + "/cell/images").size() == 1);
  CHECK(cell.runtime().Shutdown().ok());
  CHECK(cell.Leftovers() == Lines{});
}

// Not a test by itself: the process that the next one kills. Makes and removes containers for ever.
TEST_CASE("victim of a crash", "[.victim]") {
  const char* const dir = getenv("DIEGO_TEST_DIR");
  const char* const owner = getenv("DIEGO_TEST_OWNER");
  REQUIRE(dir != nullptr);
  REQUIRE(owner != nullptr);
  EventLoop loop(RealClock());
  loop.Start();
  RuncRuntime runtime(CellFixture::ConfigIn(dir, std::atoi(owner)), loop, log::Logger::Discard());
  REQUIRE(runtime.Start().ok());
  for (int i = 0;; ++i) {
    ContainerSpec spec = Busybox(absl::StrCat("victim-", i));
    spec.ports = {8080};
    REQUIRE(runtime.Create(spec).ok());
    REQUIRE(runtime.Run(spec.handle, Shell("sleep 1000"), {}).ok());
    if (i % 2 == 1) REQUIRE(runtime.Destroy(spec.handle).ok());
  }
}

TEST_CASE("a process killed at any moment leaves nothing that the next cannot remove",
          "[integration]") {
  CellFixture cell;
  for (int milliseconds = 40; milliseconds <= 1500; milliseconds += 97) {
    INFO("killed after " << milliseconds << " ms");
    cell.Forget();
    SpawnSpec spec;
    spec.argv = {"/proc/self/exe", "[.victim]"};
    spec.env = {absl::StrCat("DIEGO_TEST_DIR=", cell.dir()),
                absl::StrCat("DIEGO_TEST_OWNER=", getpid())};
    const auto victim = Spawn(spec);
    REQUIRE(victim.ok());
    CHECK(absl::IsDeadlineExceeded(
        WaitFor(*victim, absl::Milliseconds(milliseconds)).status()));  // killed by WaitFor
    cell.StartRuntime();
    REQUIRE(cell.runtime().Shutdown().ok());
    REQUIRE(cell.Leftovers() == Lines{});
  }
}

TEST_CASE("a work directory belongs to one process at a time", "[integration]") {
  CellFixture cell;
  RuncRuntime second(cell.Config(), cell.loop(), log::Logger::Discard());
  CHECK(absl::IsFailedPrecondition(second.Start()));
}

}  // namespace diego::rep
