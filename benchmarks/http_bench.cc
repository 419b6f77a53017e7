// What it costs a BBS to be followed by thousands over HTTP: opens event streams and idle clients
// against a real BBS, watches its memory, and times how soon all followers have heard of a change.
#include <sys/resource.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "integration/harness/cluster.h"
#include "integration/harness/eventually.h"
#include "libs/base/clock.h"
#include "libs/base/status_util.h"
#include "libs/http/testing/raw_client.h"
#include "proto/models/domain.pb.h"
#include "proto/models/task.pb.h"

namespace diego::bench {
namespace {

using Clients = std::vector<std::unique_ptr<http::RawClient>>;

struct Options {
  int streams = 5000;
  int idle = 2000;
};

std::string Post(absl::string_view path, absl::string_view body) {
  return absl::StrCat("POST ", path, " HTTP/1.1\r\nHost: bbs\r\nContent-Length: ", body.size(),
                      "\r\n\r\n", body);
}

// Resident megabytes of the process.
double ResidentMb(int pid) {
  std::ifstream status(absl::StrCat("/proc/", pid, "/status"));
  std::string line;
  while (std::getline(status, line)) {
    absl::string_view text = line;
    int64_t kilobytes = 0;
    if (absl::ConsumePrefix(&text, "VmRSS:") && absl::ConsumeSuffix(&text, "kB") &&
        absl::SimpleAtoi(text, &kilobytes)) {
      return static_cast<double>(kilobytes) / 1024;
    }
  }
  return 0;
}

int Threads(int pid) {
  int count = 0;
  std::error_code error;
  for (const auto& task :
       std::filesystem::directory_iterator(absl::StrCat("/proc/", pid, "/task"), error)) {
    static_cast<void>(task);
    ++count;
  }
  return count;
}

absl::StatusOr<std::unique_ptr<http::RawClient>> Connect(int port, const rpc::TlsFiles& tls,
                                                         const std::string& first) {
  DIEGO_ASSIGN_OR_RETURN(auto client, http::RawClient::Secure(port, {.files = tls}));
  DIEGO_RETURN_IF_ERROR(client->Send(first));
  return client;
}

absl::Status Measure(const Options& options, harness::Cluster* cluster) {
  for (const char* name : {"locket", "bbs-1"}) DIEGO_RETURN_IF_ERROR(cluster->Start(name));
  DIEGO_RETURN_IF_ERROR(harness::Eventually("the BBS to serve", absl::Seconds(60),
                                            [&] { return cluster->ActiveBbs().status(); }));
  harness::Member& bbs = cluster->Find("bbs-1");
  int port = 0;
  if (!absl::SimpleAtoi(bbs.http_address.substr(bbs.http_address.rfind(':') + 1), &port)) {
    return absl::InternalError("no port");
  }
  DIEGO_ASSIGN_OR_RETURN(const rpc::TlsFiles tls, cluster->TlsFor(rpc::Role::kOperator));
  const int pid = bbs.process->pid();
  std::printf("%-40s %10.1f MB, %d threads\n", "before", ResidentMb(pid), Threads(pid));

  Clients streams;
  absl::Duration began = RealClock().Monotonic();
  for (int i = 0; i < options.streams; ++i) {
    DIEGO_ASSIGN_OR_RETURN(auto client, Connect(port, tls, Post("/v1/events/tasks.r1", "")));
    DIEGO_RETURN_IF_ERROR(client->ReadUntil("\r\n\r\n", absl::Seconds(60)).status());
    streams.push_back(std::move(client));
  }
  std::printf("%-40s %10.1f MB, %d threads, opened in %s\n",
              absl::StrCat(options.streams, " event streams").c_str(), ResidentMb(pid),
              Threads(pid), absl::FormatDuration(RealClock().Monotonic() - began).c_str());

  Clients idle;
  for (int i = 0; i < options.idle; ++i) {
    DIEGO_ASSIGN_OR_RETURN(auto client, Connect(port, tls, Post("/v1/ping", "")));
    DIEGO_RETURN_IF_ERROR(client->ReadReply(absl::Seconds(60)).status());
    idle.push_back(std::move(client));
  }
  std::printf("%-40s %10.1f MB, %d threads\n",
              absl::StrCat("and ", options.idle, " idle clients").c_str(), ResidentMb(pid),
              Threads(pid));

  for (int round = 0; round < 5; ++round) {
    models::DesireTaskRequest task;
    task.set_task_guid(absl::StrCat("task-", round));
    task.set_domain("bench");
    task.mutable_task_definition()->set_root_fs("preloaded:none");
    task.mutable_task_definition()->mutable_action()->mutable_run_action()->set_path("/bin/true");
    task.mutable_task_definition()->mutable_action()->mutable_run_action()->set_user("vcap");
    began = RealClock().Monotonic();
    DIEGO_RETURN_IF_ERROR(idle[0]->Send(Post("/v1/tasks/desire.r2", task.SerializeAsString())));
    DIEGO_RETURN_IF_ERROR(idle[0]->ReadReply(absl::Seconds(60)).status());
    for (const auto& stream : streams) {
      DIEGO_RETURN_IF_ERROR(stream->ReadUntil("\n\n\r\n", absl::Seconds(60)).status());
    }
    std::printf("%-40s %10.3f s\n", "all followers have heard of a task after",
                absl::ToDoubleSeconds(RealClock().Monotonic() - began));
  }
  for (const auto& client : idle) {
    DIEGO_RETURN_IF_ERROR(client->Send(Post("/v1/ping", "")));
    DIEGO_RETURN_IF_ERROR(client->ReadReply(absl::Seconds(60)).status());
  }
  std::printf("%-40s %10.1f MB, %d threads\n", "in the end, all still connected", ResidentMb(pid),
              Threads(pid));
  return absl::OkStatus();
}

int Run(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    const bool known =
        (absl::ConsumePrefix(&argument, "--streams=") &&
         absl::SimpleAtoi(argument, &options.streams)) ||
        (absl::ConsumePrefix(&argument, "--idle=") && absl::SimpleAtoi(argument, &options.idle));
    if (!known || options.idle < 1) {
      std::fprintf(stderr, "Usage: http_bench [--streams=5000] [--idle=2000]\n");
      return 2;
    }
  }
  // The BBS inherits it.
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  char pattern[] = "/tmp/diego-http-bench-XXXXXX";
  harness::ClusterOptions cluster_options;
  cluster_options.directory = mkdtemp(pattern);
  cluster_options.bin_dir = std::filesystem::canonical("/proc/self/exe").parent_path();
  cluster_options.bbs_count = 1;
  cluster_options.cell_count = 0;
  auto cluster = harness::Cluster::Create(cluster_options);
  absl::Status status = cluster.status();
  if (status.ok()) status = Measure(options, cluster->get());
  if (cluster.ok()) cluster->reset();
  std::error_code ignored;
  std::filesystem::remove_all(cluster_options.directory, ignored);
  if (status.ok()) return 0;
  std::fprintf(stderr, "http_bench: %s\n", status.ToString().c_str());
  return 1;
}

}  // namespace
}  // namespace diego::bench

int main(int argc, char** argv) { return diego::bench::Run(argc, argv); }
