#include "services/rep/containers/runtime_fixture.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/rep/containers/file_io.h"
#include "services/rep/containers/spawn.h"

namespace diego::rep {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(20);

void MakeImage(const std::string& image) {
  for (const char* part : {"/bin", "/etc", "/www", "/root", "/home/vcap"}) {
    REQUIRE(MakeDirectories(image + part).ok());
  }
  std::filesystem::copy_file("/bin/busybox", image + "/bin/busybox");
  for (const char* tool :
       {"sh",   "cat",   "id",    "httpd", "sleep", "dd",   "env", "ls",   "kill",
        "trap", "pwd",   "wget",  "tail",  "head",  "true", "ps",  "echo", "hostname",
        "ip",   "touch", "mount", "stat",  "find",  "tr",   "nc"}) {
    REQUIRE(symlink("busybox", absl::StrCat(image, "/bin/", tool).c_str()) == 0);
  }
  REQUIRE(WriteWholeFile(image + "/etc/passwd",
                         "root:x:0:0:root:/root:/bin/sh\nvcap:x:2000:2000::/home/vcap:/bin/sh\n",
                         0644)
              .ok());
  REQUIRE(chown((image + "/home/vcap").c_str(), 2000, 2000) == 0);
  REQUIRE(WriteWholeFile(image + "/www/index.html", "hello from a container\n", 0644).ok());
}

std::vector<std::string> LinesWith(const std::string& program,
                                   const std::vector<std::string>& arguments,
                                   const std::string& word) {
  SpawnSpec spec;
  spec.argv = {program};
  spec.argv.insert(spec.argv.end(), arguments.begin(), arguments.end());
  const auto result = RunCommand(spec, "", absl::Seconds(20));
  REQUIRE(result.ok());
  std::vector<std::string> found;
  for (absl::string_view line : absl::StrSplit(result->standard_output, '\n')) {
    if (absl::StrContains(line, word)) found.emplace_back(line);
  }
  return found;
}

}  // namespace

CellFixture::CellFixture() {
  // A test that is skipped tells nothing, so a machine that cannot make containers fails it.
  INFO("these tests need root, runc, containernetworking-plugins, iptables and busybox-static");
  REQUIRE(geteuid() == 0);
  REQUIRE(access("/bin/busybox", X_OK) == 0);
  char path[] = "/tmp/diego-cell-XXXXXX";
  REQUIRE(mkdtemp(path) != nullptr);
  dir_ = path;
  name_ = absl::StrCat("dt", getpid());
  MakeImage(dir_ + "/image");
  loop_ = std::make_unique<EventLoop>(RealClock());
  loop_->Start();
  StartRuntime();
}

CellFixture::~CellFixture() {
  if (runtime_ == nullptr) StartRuntime();
  const absl::Status gone = runtime_->Shutdown();
  if (!gone.ok()) FAIL_CHECK(gone.ToString());
  loop_->Stop();
  runtime_.reset();
  (void)RemoveTree(dir_);
}

RuncConfig CellFixture::ConfigIn(const std::string& dir, pid_t owner) {
  RuncConfig config;
  config.work_dir = dir + "/cell";
  config.network.network_name = absl::StrCat("dt", owner);
  config.network.bridge = config.network.network_name;
  config.network.subnet = absl::StrCat("10.", 200 + owner / 256 % 50, ".", owner % 256, ".0/24");
  config.images = {{"busybox", dir + "/image"}};
  config.first_host_port = 20000 + owner % 1000 * 10;
  config.host_port_count = 10;
  return config;
}

void CellFixture::StartRuntime() {
  runtime_ = std::make_unique<RuncRuntime>(Config(), *loop_, log::Logger::Discard());
  const absl::Status started = runtime_->Start();
  INFO(started.ToString());
  REQUIRE(started.ok());
}

void CellFixture::Forget() { runtime_.reset(); }

std::vector<std::string> CellFixture::Leftovers() const {
  std::vector<std::string> left = MountPointsBelow(dir_);
  const auto add = [&](const std::vector<std::string>& more) {
    left.insert(left.end(), more.begin(), more.end());
  };
  add(LinesWith("ip", {"link"}, name_));
  add(LinesWith("iptables-save", {"-t", "nat"}, name_));
  add(LinesWith("find", {"/sys/fs/cgroup", "-type", "d", "-name", name_}, name_));
  add(ListDirectory(dir_ + "/cell/runc"));
  add(ListDirectory(dir_ + "/cell/containers"));
  add(ListDirectory(dir_ + "/cell/cni/netns"));
  return left;
}

ProcessCallbacks Recorder::Callbacks() {
  ProcessCallbacks callbacks;
  callbacks.on_line = [state = state_](Stream stream, absl::string_view line) {
    state->With([&](State& s) { s.lines.emplace_back(stream, std::string(line)); });
  };
  callbacks.on_exit = [state = state_](ProcessExit exit) {
    state->With([&](State& s) { s.exits.push_back(exit); });
  };
  return callbacks;
}

ProcessExit Recorder::AwaitExit() {
  return state_->When([](const State& s) { return !s.exits.empty(); }, kPatience,
                      [](State& s, bool) {
                        REQUIRE(s.exits.size() == 1);
                        return s.exits[0];
                      });
}

void Recorder::AwaitLine(const std::string& line) {
  const bool came = state_->When(
      [&](const State& s) {
        for (const auto& [stream, text] : s.lines) {
          if (text == line) return true;
        }
        return false;
      },
      kPatience, [](State&, bool held) { return held; });
  INFO("waiting for the line: " << line);
  REQUIRE(came);
}

std::vector<std::string> Recorder::Lines(Stream stream) const {
  return state_->With([&](const State& s) {
    std::vector<std::string> lines;
    for (const auto& [from, text] : s.lines) {
      if (from == stream) lines.push_back(text);
    }
    return lines;
  });
}

ProcessSpec Shell(const std::string& script) {
  ProcessSpec spec;
  spec.path = "/bin/sh";
  spec.args = {"-c", script};
  spec.user = "root";
  return spec;
}

}  // namespace diego::rep
