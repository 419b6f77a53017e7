#include "integration/demo/demo.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "integration/harness/eventually.h"
#include "integration/harness/http.h"
#include "libs/base/status_util.h"
#include "libs/wire/desired_lrp.h"
#include "libs/wire/json.h"
#include "libs/wire/task.h"
#include "proto/models/desired_lrp.pb.h"
#include "proto/models/task.pb.h"

namespace diego::demo {
namespace {

using harness::Eventually;
using harness::RunCommand;

const ProcessGuid kWeb("web");
constexpr char kHostname[] = "web.demo.example";
// Longest wait for anything that involves detecting a death: a presence has to expire first.
constexpr absl::Duration kPatience = absl::Seconds(60);

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::set<std::string> GuidsOf(const std::vector<ActualLrp>& instances) {
  std::set<std::string> guids;
  for (const ActualLrp& lrp : instances) guids.insert(lrp.instance.instance_guid.value());
  return guids;
}

std::string Endpoint(const ActualLrp& lrp, const PortMapping& port) {
  return absl::StrCat(lrp.net_info.address, ":", port.host_port);
}

}  // namespace

absl::Status Demo::Run() {
  const absl::Status done = RunSteps();
  if (options_.keep && cluster_ != nullptr) ExplainKeep();
  return done;
}

absl::Status Demo::RunSteps() {
  using Step = absl::Status (Demo::*)();
  const std::pair<const char*, Step> steps[] = {
      {"Bring up NATS, locket, two BBSs, an auctioneer, two cells and a route-emitter",
       &Demo::BringUp},
      {"Serve an asset for the app to download", &Demo::ServeAssets},
      {"Desire a web app of three instances from deploy/examples/web.json", &Demo::DesireWebApp},
      {"Fetch its page through every mapped port", &Demo::FetchPages},
      {"Show the route messages that a router received", &Demo::ShowRoutes},
      {"Kill one container; it returns", &Demo::KillContainer},
      {"Kill a cell's rep hard; its instances are replaced on the other cell", &Demo::KillCell},
      {"Start the cell again; it cleans up after its former self and is present",
       &Demo::ReturnCell},
      {"Kill the active BBS hard; the standby serves, with nothing lost", &Demo::KillActiveBbs},
      {"Run a task and print its result", &Demo::RunTask},
  };
  for (const auto& [title, step] : steps) {
    if (absl::StartsWith(title, "Kill one container")) {
      DIEGO_RETURN_IF_ERROR(console_.Step("Scale to five", [this] { return Scale(5); }));
    }
    DIEGO_RETURN_IF_ERROR(console_.Step(title, [this, step = step] { return (this->*step)(); }));
  }
  if (options_.keep) return absl::OkStatus();
  DIEGO_RETURN_IF_ERROR(console_.Step("Remove everything", [this] { return RemoveEverything(); }));
  return console_.Step("Stop; no process, namespace, rule or mount is left",
                       [this] { return ShutDown(); });
}

absl::Status Demo::BringUp() {
  if (options_.directory.empty()) {
    char pattern[] = "/tmp/diego-demo-XXXXXX";
    if (mkdtemp(pattern) == nullptr) return absl::InternalError("cannot make a directory in /tmp");
    directory_ = pattern;
  } else {
    directory_ = options_.directory;
  }
  console_.Note(
      absl::StrCat("directory ", directory_, " (certificates, configuration, logs, data)"));
  harness::ClusterOptions cluster;
  cluster.directory = directory_;
  cluster.bin_dir = options_.bin_dir;
  cluster.store = options_.store;
  cluster.outlive_parent = options_.keep;
  DIEGO_ASSIGN_OR_RETURN(cluster_, harness::Cluster::Create(cluster));
  if (cluster_->mariadb() != nullptr) {
    console_.Note(absl::StrCat("mariadb    127.0.0.1:", cluster_->mariadb()->port()));
  }
  return cluster_->StartAll([this](const std::string& name) {
    const harness::Member& member = cluster_->Find(name);
    std::string padded = name;
    padded.resize(14, ' ');
    console_.Note(absl::StrCat(padded, " ", member.address, "  pid ", member.process->pid()));
  });
}

absl::Status Demo::ServeAssets() {
  const std::string assets = directory_ + "/assets";
  const std::string site = directory_ + "/site";
  std::filesystem::create_directories(site + "/cgi-bin");
  std::ofstream(site + "/index.html") << "<h1>Hello from Diego in C++</h1>\n";
  std::ofstream(site + "/cgi-bin/instance")
      << "#!/bin/sh\n"
         "printf 'Content-Type: text/plain\\r\\n\\r\\n'\n"
         "echo \"$GREETING, I am instance $INSTANCE_INDEX at $CF_INSTANCE_ADDR\"\n";
  DIEGO_RETURN_IF_ERROR(
      RunCommand({"chmod", "755", site + "/cgi-bin/instance"}, absl::Seconds(5)).status());
  DIEGO_RETURN_IF_ERROR(
      RunCommand({"tar", "-czf", assets + "/site.tgz", "-C", site, "."}, absl::Seconds(10))
          .status());
  asset_url_port_ = absl::StrCat(harness::FreePort());
  DIEGO_ASSIGN_OR_RETURN(
      assets_, harness::Process::Start({.name = "assets",
                                        .argv = {"/bin/busybox", "httpd", "-f", "-p",
                                                 "127.0.0.1:" + asset_url_port_, "-h", assets},
                                        .extra_env = {},
                                        .log_file = directory_ + "/logs/assets.log",
                                        .working_dir = "",
                                        .outlive_parent = options_.keep}));
  const std::string url = absl::StrCat("http://127.0.0.1:", asset_url_port_, "/site.tgz");
  console_.Note(url);
  return Eventually("the asset", absl::Seconds(10),
                    [&] { return harness::HttpGet(url, absl::Seconds(2)).status(); });
}

absl::Status Demo::DesireWebApp() {
  DIEGO_ASSIGN_OR_RETURN(std::string text, ReadFile(options_.examples_dir + "/web.json"));
  absl::StrReplaceAll({{"${ASSET_PORT}", asset_url_port_}}, &text);
  models::DesiredLRP message;
  DIEGO_RETURN_IF_ERROR(wire::FromJson(text, &message, wire::UnknownKeys::kRefuse));
  DIEGO_ASSIGN_OR_RETURN(const DesiredLrp lrp, wire::FromProto(std::move(message)));
  DIEGO_RETURN_IF_ERROR(cluster_->bbs().UpsertDomain(Domain("demo"), absl::InfiniteDuration()));
  DIEGO_RETURN_IF_ERROR(cluster_->bbs().DesireLrp(lrp));
  DIEGO_ASSIGN_OR_RETURN(const auto running, cluster_->WaitRunning(kWeb, 3, kPatience));
  ShowInstances(running);
  return absl::OkStatus();
}

void Demo::ShowInstances(const std::vector<ActualLrp>& instances) {
  for (const ActualLrp& lrp : instances) {
    std::vector<std::string> ports;
    for (const PortMapping& port : lrp.net_info.ports) {
      ports.push_back(absl::StrCat(Endpoint(lrp, port), " -> ", lrp.net_info.instance_address, ":",
                                   port.container_port));
    }
    console_.Note(absl::StrCat("web/", lrp.key.index, "  RUNNING on ", lrp.instance.cell_id.value(),
                               "  ", absl::StrJoin(ports, ", "), "  ",
                               lrp.instance.instance_guid.value()));
  }
}

absl::Status Demo::CheckPages(const std::vector<ActualLrp>& instances) {
  for (const ActualLrp& lrp : instances) {
    if (lrp.net_info.ports.empty()) return absl::InternalError("an instance without a mapped port");
    for (const PortMapping& port : lrp.net_info.ports) {
      const std::string url = absl::StrCat("http://", Endpoint(lrp, port), "/cgi-bin/instance");
      DIEGO_ASSIGN_OR_RETURN(const std::string page, harness::HttpGet(url, absl::Seconds(10)));
      const std::string want =
          absl::StrCat("I am instance ", lrp.key.index, " at ", Endpoint(lrp, port));
      if (!absl::StrContains(page, want)) {
        return absl::InternalError(absl::StrCat(url, " says '", page, "', not '", want, "'"));
      }
      console_.Note(absl::StrCat("GET ", url, "  ", page.substr(0, page.find('\n'))));
    }
  }
  return absl::OkStatus();
}

absl::Status Demo::FetchPages() {
  DIEGO_ASSIGN_OR_RETURN(const auto running, cluster_->WaitRunning(kWeb, 3, kPatience));
  return CheckPages(running);
}

absl::Status Demo::ShowRoutes() {
  DIEGO_ASSIGN_OR_RETURN(const auto running, cluster_->WaitRunning(kWeb, 3, kPatience));
  std::set<std::string> want;
  for (const ActualLrp& lrp : running) want.insert(Endpoint(lrp, lrp.net_info.ports.front()));
  DIEGO_RETURN_IF_ERROR(Eventually("the router's table to hold every instance", kPatience, [&] {
    const auto have = cluster_->router().Endpoints(kHostname);
    return have == want ? absl::OkStatus() : absl::NotFoundError(absl::StrJoin(have, ", "));
  }));
  std::set<std::string> shown;
  for (const harness::RouterMessage& message : cluster_->router().Messages()) {
    if (shown.size() < 3 && shown.insert(message.json).second) {
      console_.Note(absl::StrCat(message.subject, " ", message.json));
    }
  }
  return absl::OkStatus();
}

absl::Status Demo::Scale(int instances) {
  DesiredLrpUpdate update;
  update.instances = instances;
  DIEGO_RETURN_IF_ERROR(cluster_->bbs().UpdateDesiredLrp(kWeb, update));
  DIEGO_ASSIGN_OR_RETURN(const auto running, cluster_->WaitRunning(kWeb, instances, kPatience));
  ShowInstances(running);
  return CheckPages(running);
}

absl::Status Demo::KillContainer() {
  DIEGO_ASSIGN_OR_RETURN(const auto before, cluster_->WaitRunning(kWeb, 5, kPatience));
  const ActualLrp& victim = before.front();
  const std::string guid = victim.instance.instance_guid.value();
  const std::string state_dir =
      absl::StrCat(directory_, "/data/", victim.instance.cell_id.value(), "/runc");
  DIEGO_RETURN_IF_ERROR(
      RunCommand({"runc", "--root", state_dir, "kill", guid, "KILL"}, absl::Seconds(10)).status());
  console_.Note(absl::StrCat("killed container ", guid, " of web/", victim.key.index));
  std::vector<ActualLrp> after;
  DIEGO_RETURN_IF_ERROR(Eventually("the index to run again", kPatience, [&]() -> absl::Status {
    DIEGO_ASSIGN_OR_RETURN(after, cluster_->WaitRunning(kWeb, 5, absl::Seconds(5)));
    return GuidsOf(after).count(guid) == 0 ? absl::OkStatus()
                                           : absl::NotFoundError("not replaced yet");
  }));
  for (const ActualLrp& lrp : after) {
    if (lrp.key.index != victim.key.index) continue;
    console_.Note(absl::StrCat("web/", lrp.key.index, " runs again as ",
                               lrp.instance.instance_guid.value(), ", crash count ",
                               lrp.crash_count));
  }
  return CheckPages(after);
}

absl::Status Demo::KillCell() {
  DIEGO_ASSIGN_OR_RETURN(const auto before, cluster_->WaitRunning(kWeb, 5, kPatience));
  const auto lost = std::count_if(before.begin(), before.end(), [](const ActualLrp& lrp) {
    return lrp.instance.cell_id.value() == "cell-1";
  });
  DIEGO_RETURN_IF_ERROR(cluster_->KillHard("cell-1"));
  console_.Note(absl::StrCat("killed cell-1 with ", lost, " instances"));
  std::vector<ActualLrp> after;
  DIEGO_RETURN_IF_ERROR(Eventually("all instances on cell-2", kPatience, [&]() -> absl::Status {
    DIEGO_ASSIGN_OR_RETURN(after, cluster_->WaitRunning(kWeb, 5, absl::Seconds(5)));
    for (const ActualLrp& lrp : after) {
      if (lrp.instance.cell_id.value() != "cell-2")
        return absl::NotFoundError("some are still recorded on cell-1");
    }
    return absl::OkStatus();
  }));
  ShowInstances(after);
  return CheckPages(after);
}

absl::Status Demo::ReturnCell() {
  DIEGO_RETURN_IF_ERROR(cluster_->Start("cell-1"));
  return Eventually("cell-1 to be present", kPatience, [&]() -> absl::Status {
    DIEGO_ASSIGN_OR_RETURN(const auto cells, cluster_->bbs().Cells());
    return cells.size() == 2 ? absl::OkStatus()
                             : absl::NotFoundError(absl::StrCat(cells.size(), " cells"));
  });
}

absl::Status Demo::KillActiveBbs() {
  DIEGO_ASSIGN_OR_RETURN(const auto before, cluster_->WaitRunning(kWeb, 5, kPatience));
  // Acknowledged a moment before the death, so it must be there after it.
  DesiredLrpUpdate update;
  update.annotation = "written just before the active BBS died";
  DIEGO_ASSIGN_OR_RETURN(const std::string active, cluster_->ActiveBbs());
  DIEGO_RETURN_IF_ERROR(cluster_->bbs().UpdateDesiredLrp(kWeb, update));
  DIEGO_RETURN_IF_ERROR(cluster_->KillHard(active));
  console_.Note(absl::StrCat("killed ", active));
  std::string now_active;
  DIEGO_RETURN_IF_ERROR(Eventually("the standby to serve", kPatience, [&]() -> absl::Status {
    DIEGO_ASSIGN_OR_RETURN(now_active, cluster_->ActiveBbs());
    return absl::OkStatus();
  }));
  console_.Note(absl::StrCat(now_active, " serves"));
  DIEGO_ASSIGN_OR_RETURN(const DesiredLrp lrp, cluster_->bbs().DesiredLrpByProcessGuid(kWeb));
  if (lrp.annotation != *update.annotation)
    return absl::DataLossError("an acknowledged update is lost");
  DIEGO_ASSIGN_OR_RETURN(const auto after, cluster_->WaitRunning(kWeb, 5, kPatience));
  if (GuidsOf(after) != GuidsOf(before)) return absl::DataLossError("an instance was disturbed");
  console_.Note("the last update is there, and the same five instances run");
  return cluster_->Start(active);
}

absl::Status Demo::RunTask() {
  DIEGO_ASSIGN_OR_RETURN(const std::string text, ReadFile(options_.examples_dir + "/task.json"));
  models::Task message;
  DIEGO_RETURN_IF_ERROR(wire::FromJson(text, &message, wire::UnknownKeys::kRefuse));
  DIEGO_ASSIGN_OR_RETURN(const Task task, wire::FromProto(message));
  clients::BbsClient& bbs = cluster_->bbs();
  DIEGO_RETURN_IF_ERROR(bbs.DesireTask(task));
  Task done;
  DIEGO_RETURN_IF_ERROR(Eventually("the task to complete", kPatience, [&]() -> absl::Status {
    DIEGO_ASSIGN_OR_RETURN(done, bbs.TaskByGuid(task.task_guid));
    return done.state == TaskState::kCompleted ? absl::OkStatus()
                                               : absl::NotFoundError(TaskStateName(done.state));
  }));
  if (done.failed)
    return absl::InternalError(absl::StrCat("the task failed: ", done.failure_reason));
  console_.Note(
      absl::StrCat("task ", task.task_guid.value(), " (", task.annotation, "): ", done.result));
  if (done.result != "5050\n") return absl::InternalError("5050 was expected");
  DIEGO_RETURN_IF_ERROR(bbs.ResolvingTask(task.task_guid));
  return bbs.DeleteTask(task.task_guid);
}

absl::Status Demo::RemoveEverything() {
  DIEGO_RETURN_IF_ERROR(cluster_->bbs().RemoveDesiredLrp(kWeb));
  DIEGO_RETURN_IF_ERROR(cluster_->WaitRunning(kWeb, 0, kPatience).status());
  return Eventually("the router's table to be empty", kPatience, [&] {
    const auto left = cluster_->router().Endpoints(kHostname);
    return left.empty() ? absl::OkStatus() : absl::NotFoundError(absl::StrJoin(left, ", "));
  });
}

absl::Status Demo::ShutDown() {
  DIEGO_RETURN_IF_ERROR(cluster_->StopAll());
  assets_.reset();
  const std::vector<std::string> left = cluster_->Leftovers();
  if (!left.empty())
    return absl::InternalError(absl::StrCat("left behind:\n  ", absl::StrJoin(left, "\n  ")));
  cluster_.reset();
  if (!options_.directory.empty()) return absl::OkStatus();
  std::error_code error;
  std::filesystem::remove_all(directory_, error);
  return error ? absl::InternalError(error.message()) : absl::OkStatus();
}

void Demo::ExplainKeep() {
  std::vector<std::string> exports;
  for (const std::string& line : cluster_->CfdotEnvironment()) exports.push_back("export " + line);
  std::vector<std::string> pids;
  for (const std::string& name : cluster_->Names()) {
    const harness::Member& member = cluster_->Find(name);
    if (member.process) pids.push_back(absl::StrCat(member.process->pid()));
  }
  if (cluster_->mariadb() != nullptr) pids.push_back(absl::StrCat(cluster_->mariadb()->pid()));
  if (assets_ != nullptr) {
    pids.push_back(absl::StrCat(assets_->pid()));
    assets_->Detach();
  }
  std::reverse(pids.begin(), pids.end());
  console_.Say(absl::StrCat(
      "\nIt keeps running. To talk to it:\n\n  ", absl::StrJoin(exports, "\n  "),
      "\n  export PATH=", options_.bin_dir,
      ":$PATH\n\n  cfdot actual-lrps -o table\n  cfdot cells -o table\n  cfdot lrp-events\n",
      "\nLogs: ", directory_, "/logs\nTo stop it:  kill ", absl::StrJoin(pids, " "),
      "\n(cells remove their containers first)\n"));
}

}  // namespace diego::demo
