#include "services/rep/containers/runc_runtime.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/status_util.h"
#include "services/rep/containers/errno_status.h"
#include "services/rep/containers/file_io.h"
#include "services/rep/containers/init/init_image.h"
#include "services/rep/containers/oci_spec.h"
#include "services/rep/containers/rooted_path.h"
#include "services/rep/containers/spawn.h"
#include "services/rep/containers/stray_children.h"
#include "services/rep/containers/user_database.h"

namespace diego::rep {
namespace {

constexpr absl::Duration kRuncTimeout = absl::Minutes(1);
constexpr absl::Duration kKillTimeout = absl::Seconds(5);
constexpr size_t kMaxAccountFileBytes = 1 << 20;

bool IsHandle(absl::string_view handle) {
  constexpr size_t kMaxLength = 200;
  if (handle.empty() || handle.size() > kMaxLength || handle[0] == '.') return false;
  return std::all_of(handle.begin(), handle.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '_' || c == '-' || c == '.';
  });
}

CniConfig WithStateDir(CniConfig network, const std::string& work_dir) {
  if (network.state_dir.empty()) network.state_dir = absl::StrCat(work_dir, "/cni");
  return network;
}

// resolv.conf for containers: a server on the host's loopback does not answer them.
std::string ResolvConf(const std::vector<std::string>& servers) {
  std::string text;
  for (const std::string& server : servers) absl::StrAppend(&text, "nameserver ", server, "\n");
  if (!servers.empty()) return text;
  const std::string host = ReadWholeFile("/etc/resolv.conf").value_or("");
  for (absl::string_view line : absl::StrSplit(host, '\n', absl::SkipEmpty())) {
    if (!absl::StartsWith(line, "nameserver 127.") && !absl::StartsWith(line, "nameserver ::1")) {
      absl::StrAppend(&text, line, "\n");
    }
  }
  return text;
}

class RootTree final : public FileTree {
 public:
  explicit RootTree(UniqueFd fd) : fd_(std::move(fd)) {}
  int root_fd() const override { return fd_.get(); }

 private:
  const UniqueFd fd_;
};

struct OutputPipe {
  UniqueFd read_end;  // non-blocking
  UniqueFd write_end;
};

absl::StatusOr<OutputPipe> MakePipe() {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) return ErrnoStatus("making a pipe");
  OutputPipe pipe{UniqueFd(fds[0]), UniqueFd(fds[1])};
  fcntl(pipe.read_end.get(), F_SETFL, O_NONBLOCK);
  return pipe;
}

std::string ReadAvailable(int fd) {
  char buffer[4096];
  const ssize_t n = read(fd, buffer, sizeof buffer);
  return std::string(absl::StripAsciiWhitespace(absl::string_view(buffer, n > 0 ? n : 0)));
}

// What runc complains of, out of its log line: time="..." level=error msg="THIS".
std::string ComplaintOf(const std::string& line) {
  const size_t message = line.find(" msg=\"");
  std::string complaint;
  if (message == std::string::npos || !absl::EndsWith(line, "\"")) return line;
  const absl::string_view quoted = absl::string_view(line).substr(message + 6);
  if (!absl::CUnescape(quoted.substr(0, quoted.size() - 1), &complaint)) return line;
  return complaint;
}

absl::StatusOr<pid_t> ReadPid(const std::string& path) {
  DIEGO_ASSIGN_OR_RETURN(const std::string text, ReadWholeFile(path));
  pid_t pid = 0;
  if (!absl::SimpleAtoi(text, &pid) || pid <= 1) {
    return absl::InternalError(absl::StrCat(path, " holds no process id"));
  }
  return pid;
}

}  // namespace

RuncRuntime::RuncRuntime(RuncConfig config, EventLoop& loop, log::Logger logger)
    : config_(std::move(config)),
      loop_(loop),
      log_(logger.Session("runc-runtime")),
      network_(WithStateDir(config_.network, config_.work_dir)),
      images_(config_.images, config_.work_dir),
      ports_(config_.first_host_port, config_.host_port_count) {}

RuncRuntime::~RuncRuntime() = default;

std::string RuncRuntime::Dir(const std::string& handle) const {
  return absl::StrCat(config_.work_dir, "/containers/", handle);
}

std::string RuncRuntime::CgroupPath(const std::string& handle) const {
  return absl::StrCat("/diego/", config_.network.network_name, handle.empty() ? "" : "/", handle);
}

std::vector<std::string> RuncRuntime::Runc(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(),
                   {config_.runc, "--root", absl::StrCat(config_.work_dir, "/runc")});
  return arguments;
}

absl::Status RuncRuntime::TakeWorkDirectory() {
  if (!absl::StartsWith(config_.work_dir, "/")) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the containers' work directory must be an absolute path: '", config_.work_dir, "'"));
  }
  DIEGO_RETURN_IF_ERROR(MakeDirectories(absl::StrCat(config_.work_dir, "/containers")));
  const std::string path = absl::StrCat(config_.work_dir, "/lock");
  UniqueFd lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.valid()) return ErrnoStatus(absl::StrCat("opening ", path));
  if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("another process uses the containers' work directory ", config_.work_dir));
  }
  work_lock_ = std::move(lock);
  return absl::OkStatus();
}

absl::Status RuncRuntime::Start() {
  if (geteuid() != 0) {
    return absl::PermissionDeniedError("making containers needs root");
  }
  SpawnSpec version;
  version.argv = {config_.runc, "--version"};
  DIEGO_RETURN_IF_ERROR(RunToSuccess(version, "", kRuncTimeout));
  DIEGO_RETURN_IF_ERROR(TakeWorkDirectory());
  DIEGO_RETURN_IF_ERROR(network_.Check());
  DIEGO_RETURN_IF_ERROR(CleanUp());
  DIEGO_RETURN_IF_ERROR(images_.Prepare());
  // Room lost on the disk is no reason to be no cell.
  if (const absl::Status status = images_.RemoveUnused(); !status.ok()) {
    log_.Error("failed-to-remove-unused-images", status);
  }
  DIEGO_RETURN_IF_ERROR(WriteWholeFile(absl::StrCat(config_.work_dir, "/init"), InitImage(), 0555));
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) return ErrnoStatus("becoming a subreaper");
  log_.Info("started",
            {{"overlay", images_.uses_overlay()}, {"cgroup_version", cgroups_.unified() ? 2 : 1}});
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const RuncRuntime::Live>> RuncRuntime::Find(
    const std::string& handle) const {
  return table_.With([&](const Table& table) -> absl::StatusOr<std::shared_ptr<const Live>> {
    const auto found = table.containers.find(handle);
    if (found == table.containers.end() || found->second == nullptr) {
      return absl::NotFoundError(absl::StrCat("no container ", handle));
    }
    return found->second;
  });
}

absl::StatusOr<NetworkInfo> RuncRuntime::Create(const ContainerSpec& spec) {
  if (!IsHandle(spec.handle)) {
    return absl::InvalidArgumentError(absl::StrCat("container handle '", spec.handle,
                                                   "' must be letters, digits, '_', '-', '.'"));
  }
  const bool is_new = table_.With(
      [&](Table& table) { return table.containers.emplace(spec.handle, nullptr).second; });
  if (!is_new) {
    return absl::AlreadyExistsError(absl::StrCat("container ", spec.handle, " exists"));
  }
  ContainerRecord record{spec.handle, spec.labels, {}};
  absl::StatusOr<std::shared_ptr<const Live>> live = [&]() -> decltype(live) {
    DIEGO_ASSIGN_OR_RETURN(const std::vector<uint16_t> host_ports, ports_.Take(spec.ports.size()));
    for (size_t i = 0; i < host_ports.size(); ++i) {
      record.ports.push_back({spec.ports[i], host_ports[i]});
    }
    DIEGO_RETURN_IF_ERROR(MakeDirectories(Dir(spec.handle), 0711));
    DIEGO_RETURN_IF_ERROR(SaveRecord(absl::StrCat(Dir(spec.handle), "/record.json"), record));
    return Make(spec, record.ports);
  }();
  if (!live.ok()) {
    const absl::Status undone = TearDown(record);
    if (!undone.ok()) log_.Error("failed-to-undo-create", undone, {{"handle", spec.handle}});
    table_.With([&](Table& table) { table.containers.erase(spec.handle); });
    return live.status();
  }
  table_.With([&](Table& table) { table.containers[spec.handle] = *live; });
  return (*live)->network;
}

absl::StatusOr<std::shared_ptr<const RuncRuntime::Live>> RuncRuntime::Make(
    const ContainerSpec& spec, const std::vector<PortMapping>& ports) {
  auto live = std::make_shared<Live>();
  live->spec = spec;
  live->created_at = loop_.clock().Now();
  DIEGO_ASSIGN_OR_RETURN(const std::string image, images_.Resolve(spec.root_fs));
  DIEGO_RETURN_IF_ERROR(images_.Mount(image, Dir(spec.handle)));
  live->network.ports = ports;
  DIEGO_ASSIGN_OR_RETURN(live->network.container_ip, network_.Connect(spec.handle, ports));
  DIEGO_RETURN_IF_ERROR(WriteBundle(spec, live->network));
  DIEGO_RETURN_IF_ERROR(StartInit(*live));
  return std::shared_ptr<const Live>(std::move(live));
}

absl::Status RuncRuntime::WriteBundle(const ContainerSpec& spec, const NetworkInfo& network) const {
  const std::string dir = Dir(spec.handle);
  DIEGO_RETURN_IF_ERROR(WriteWholeFile(
      absl::StrCat(dir, "/hosts"),
      absl::StrCat("127.0.0.1 localhost\n", network.container_ip, " ", spec.handle, "\n"), 0644));
  DIEGO_RETURN_IF_ERROR(
      WriteWholeFile(absl::StrCat(dir, "/resolv.conf"), ResolvConf(config_.dns_servers), 0644));
  const std::string root_dir = absl::StrCat(dir, "/rootfs");
  const UniqueFd root(open(root_dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root.valid()) return ErrnoStatus(absl::StrCat("opening ", root_dir));
  // Where a stack of packages expects it; an image of a single program has none.
  DIEGO_ASSIGN_OR_RETURN(const UniqueFd tmp, MakeDirectoriesInRoot(root.get(), "/tmp", {}));
  fchmod(tmp.get(), 01777);
  OciContainer container;
  container.spec = &spec;
  container.root_dir = root_dir;
  container.hostname = spec.handle.substr(0, 63);
  container.network_namespace_path = network_.NamespacePath(spec.handle);
  container.cgroup_path = CgroupPath(spec.handle);
  container.limits_swap = cgroups_.limits_swap();
  container.cell_mounts = {{absl::StrCat(config_.work_dir, "/init"), kInitPath, true},
                           {absl::StrCat(dir, "/hosts"), "/etc/hosts", false},
                           {absl::StrCat(dir, "/resolv.conf"), "/etc/resolv.conf", false}};
  return WriteWholeFile(absl::StrCat(dir, "/config.json"), OciConfig(container), 0600);
}

absl::Status RuncRuntime::StartInit(Live& live) {
  const std::string dir = Dir(live.spec.handle);
  SpawnSpec run;
  run.argv = Runc({"run", "--detach", "--bundle", dir, "--pid-file", absl::StrCat(dir, "/pid"),
                   live.spec.handle});
  DIEGO_RETURN_IF_ERROR(RunToSuccess(run, "", kRuncTimeout));
  DIEGO_ASSIGN_OR_RETURN(const pid_t pid, ReadPid(absl::StrCat(dir, "/pid")));
  WatchedProcess::Parts parts;
  parts.pid = pid;
  DIEGO_ASSIGN_OR_RETURN(parts.pidfd, OpenPidfd(pid));
  ProcessCallbacks callbacks;
  callbacks.on_exit = [over = live.init_over](ProcessExit) {
    over->With([](bool& value) { value = true; });
  };
  DIEGO_ASSIGN_OR_RETURN(
      live.init, WatchedProcess::Start(loop_, std::move(parts), std::move(callbacks), nullptr));
  return absl::OkStatus();
}

absl::StatusOr<UserIds> RuncRuntime::LookUpUser(const std::string& handle,
                                                const std::string& user) {
  DIEGO_ASSIGN_OR_RETURN(const std::unique_ptr<FileTree> files, Files(handle));
  // An image may lack either file.
  const auto passwd = ReadFileInRoot(files->root_fd(), "/etc/passwd", kMaxAccountFileBytes);
  const auto group = ReadFileInRoot(files->root_fd(), "/etc/group", kMaxAccountFileBytes);
  return FindUser(user, passwd.value_or(""), group.value_or(""));
}

absl::StatusOr<std::unique_ptr<FileTree>> RuncRuntime::Files(const std::string& handle) {
  DIEGO_RETURN_IF_ERROR(Find(handle).status());
  const std::string path = absl::StrCat(Dir(handle), "/rootfs");
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoStatus(absl::StrCat("opening ", path));
  return std::make_unique<RootTree>(std::move(fd));
}

absl::StatusOr<std::shared_ptr<Process>> RuncRuntime::Run(const std::string& handle,
                                                          const ProcessSpec& spec,
                                                          ProcessCallbacks callbacks) {
  DIEGO_ASSIGN_OR_RETURN(const std::shared_ptr<const Live> live, Find(handle));
  const absl::StatusOr<UserIds> user = LookUpUser(handle, spec.user);
  if (!user.ok()) return absl::InvalidArgumentError(user.status().message());
  DIEGO_ASSIGN_OR_RETURN(const std::unique_ptr<FileTree> files, Files(handle));
  const std::string dir = spec.dir.empty() ? user->home : spec.dir;
  DIEGO_RETURN_IF_ERROR(
      MakeDirectoriesInRoot(files->root_fd(), dir, {user->uid, user->gid}).status());
  return Exec(*live, OciProcess(spec, live->spec.env, *user, live->spec.privileged),
              std::move(callbacks));
}

absl::StatusOr<std::shared_ptr<Process>> RuncRuntime::Exec(const Live& live,
                                                           const std::string& process_json,
                                                           ProcessCallbacks callbacks) {
  const std::string& handle = live.spec.handle;
  const uint64_t number = table_.With([](Table& table) { return table.next_process++; });
  const std::string base = absl::StrCat(Dir(handle), "/process-", number);
  const std::string pid_path = absl::StrCat(base, ".pid");
  const std::string json_path = absl::StrCat(base, ".json");
  DIEGO_RETURN_IF_ERROR(WriteWholeFile(json_path, process_json, 0600));
  DIEGO_ASSIGN_OR_RETURN(OutputPipe out, MakePipe());
  DIEGO_ASSIGN_OR_RETURN(OutputPipe err, MakePipe());
  const uint64_t kills_before = cgroups_.OutOfMemoryKills(CgroupPath(handle));
  SpawnSpec exec;
  exec.argv = Runc({"exec", "--detach", "--process", json_path, "--pid-file", pid_path, handle});
  exec.stdout_fd = out.write_end.get();
  exec.stderr_fd = err.write_end.get();
  exec.die_with_caller = true;
  DIEGO_ASSIGN_OR_RETURN(const Child child, Spawn(exec));
  out.write_end.Reset();
  err.write_end.Reset();
  const absl::StatusOr<int> code = WaitFor(child, kRuncTimeout);
  const absl::StatusOr<pid_t> pid = ReadPid(pid_path);
  unlink(json_path.c_str());
  unlink(pid_path.c_str());
  DIEGO_RETURN_IF_ERROR(code.status());
  // Until runc has gone, what is on the pipe is runc's own complaint.
  if (*code != 0) return absl::InvalidArgumentError(ComplaintOf(ReadAvailable(err.read_end.get())));
  DIEGO_RETURN_IF_ERROR(pid.status());
  WatchedProcess::Parts parts;
  parts.pid = *pid;
  DIEGO_ASSIGN_OR_RETURN(parts.pidfd, OpenPidfd(*pid));
  parts.standard_output = std::move(out.read_end);
  parts.standard_error = std::move(err.read_end);
  return WatchedProcess::Start(loop_, std::move(parts), std::move(callbacks),
                               [cgroups = cgroups_, group = CgroupPath(handle), kills_before] {
                                 return cgroups.OutOfMemoryKills(group) > kills_before;
                               });
}

absl::Status RuncRuntime::Destroy(const std::string& handle) {
  std::shared_ptr<const Live> live;
  const absl::Status state = table_.With([&](Table& table) {
    const auto found = table.containers.find(handle);
    if (found == table.containers.end()) return absl::NotFoundError("");
    if (found->second == nullptr) {
      return absl::AbortedError(absl::StrCat("container ", handle, " is being made or removed"));
    }
    live.swap(found->second);
    return absl::OkStatus();
  });
  if (absl::IsNotFound(state)) return absl::OkStatus();
  DIEGO_RETURN_IF_ERROR(state);
  // The kernel ends an init only after all others in the container have been reaped, so then every
  // exit has been told to whoever waits for it.
  if (live->init->Signal(SIGKILL).ok()) {
    live->init_over->When([](bool over) { return over; }, kKillTimeout, [](bool, bool) {});
  }
  const absl::Status gone = TearDown({handle, live->spec.labels, live->network.ports});
  table_.With([&](Table& table) {
    if (gone.ok()) {
      table.containers.erase(handle);
    } else {
      table.containers[handle] = live;
    }
  });
  return gone;
}

absl::Status RuncRuntime::TearDown(const ContainerRecord& record) {
  const std::string& handle = record.handle;
  absl::Status result;
  const auto note = [&](const char* what, const absl::Status& status) {
    if (!status.ok()) result.Update(Annotate(status, absl::StrCat(what, " of ", handle)));
  };
  // Instead of `runc delete`, which waits for processes that are dead but not yet reaped, and gives
  // up when they never are (orphans of a killed rep whose new parent does not care).
  cgroups_.Kill(CgroupPath(handle));
  ReapStrayChildren();
  note("removing the control groups", cgroups_.Remove(CgroupPath(handle)));
  note("forgetting the container", RemoveTree(absl::StrCat(config_.work_dir, "/runc/", handle)));
  note("disconnecting the network", network_.Disconnect(handle, record.ports));
  note("unmounting the files", images_.Unmount(Dir(handle)));
  // The record goes last: with it a later attempt still knows what to undo.
  if (!result.ok()) return result;
  note("removing the files", RemoveTree(Dir(handle)));
  std::vector<uint16_t> host_ports;
  for (const PortMapping& port : record.ports) host_ports.push_back(port.host_port);
  ports_.Release(host_ports);
  return result;
}

absl::Status RuncRuntime::CleanUp() {
  absl::Status result;
  for (const std::string& handle : ListDirectory(absl::StrCat(config_.work_dir, "/containers"))) {
    log_.Info("removing-leftover-container", {{"handle", handle}});
    ContainerRecord record =
        LoadRecord(absl::StrCat(Dir(handle), "/record.json")).value_or(ContainerRecord{});
    record.handle = handle;
    result.Update(TearDown(record));
  }
  result.Update(network_.Sweep());
  result.Update(cgroups_.Remove(CgroupPath("")));
  return result;
}

absl::Status RuncRuntime::Shutdown() {
  absl::Status result;
  const std::vector<std::string> handles = table_.With([](const Table& table) {
    std::vector<std::string> all;
    for (const auto& [handle, live] : table.containers) all.push_back(handle);
    return all;
  });
  for (const std::string& handle : handles) result.Update(Destroy(handle));
  result.Update(CleanUp());
  result.Update(network_.RemoveBridge());
  return result;
}

std::vector<ContainerInfo> RuncRuntime::List() {
  return table_.With([](const Table& table) {
    std::vector<ContainerInfo> all;
    for (const auto& [handle, live] : table.containers) {
      if (live == nullptr) continue;
      const bool over = live->init_over->With([](const bool& value) { return value; });
      if (!over) all.push_back({handle, live->spec.labels, live->network});
    }
    return all;
  });
}

absl::StatusOr<ContainerMetrics> RuncRuntime::Metrics(const std::string& handle) {
  DIEGO_ASSIGN_OR_RETURN(const std::shared_ptr<const Live> live, Find(handle));
  const std::string group = CgroupPath(handle);
  ContainerMetrics metrics;
  metrics.memory_bytes = cgroups_.MemoryBytes(group);
  metrics.memory_limit_bytes = static_cast<uint64_t>(live->spec.memory_mb) << 20;
  metrics.disk_bytes = images_.WrittenBytes(Dir(handle));
  metrics.cpu_time = cgroups_.CpuTime(group);
  metrics.age = loop_.clock().Now() - live->created_at;
  return metrics;
}

}  // namespace diego::rep
