// RuncRuntime: containers by runc, overlayfs and CNI. Needs root, Linux 5.6 or newer.
//
// Everything that a container leaves on the machine is written down in the work directory before
// it is made. Start() undoes what a former process with the same work directory left, at whatever
// moment it died; containers do not outlive their rep.
//
// The work directory:
//   lock                  held by the one process that uses the directory
//   init                  the containers' first program
//   runc/  cni/  images/  state of runc, of the network plugins; expanded image archives
//   containers/HANDLE/    record.json, the writable layer, config.json, process files
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/log/log.h"
#include "libs/sync/guarded.h"
#include "services/rep/containers/cgroup.h"
#include "services/rep/containers/cni_network.h"
#include "services/rep/containers/container_record.h"
#include "services/rep/containers/event_loop.h"
#include "services/rep/containers/image_store.h"
#include "services/rep/containers/port_pool.h"
#include "services/rep/containers/runtime.h"
#include "services/rep/containers/watched_process.h"

namespace diego::rep {

struct RuncConfig {
  std::string work_dir;                       // absolute; one rep each
  std::string runc = "runc";                  // program name or path
  CniConfig network;                          // state_dir may be empty: work_dir/cni
  std::map<std::string, std::string> images;  // preloaded name -> directory or tar archive
  uint16_t first_host_port = 61001;
  int host_port_count = 4000;
  std::vector<std::string> dns_servers;  // empty = the host's, without its loopback ones
};

// Any thread, after Start. At most a few dozen threads should call at a time: each call of runc
// costs a process.
class RuncRuntime final : public Runtime {
 public:
  // `loop` must be running while processes are, and outlive this.
  RuncRuntime(RuncConfig config, EventLoop& loop, log::Logger logger);
  ~RuncRuntime() override;

  // Checks the machine, takes the work directory (FailedPrecondition when another process has it)
  // and removes what a former process left. Makes this process a subreaper: processes of
  // containers become its children.
  absl::Status Start();
  // Destroys every container and removes the cell's bridge. Nothing is left on the machine.
  absl::Status Shutdown();

  absl::StatusOr<NetworkInfo> Create(const ContainerSpec& spec) override;
  absl::StatusOr<std::shared_ptr<Process>> Run(const std::string& handle, const ProcessSpec& spec,
                                               ProcessCallbacks callbacks) override;
  absl::Status Destroy(const std::string& handle) override;
  std::vector<ContainerInfo> List() override;
  absl::StatusOr<ContainerMetrics> Metrics(const std::string& handle) override;
  absl::StatusOr<std::unique_ptr<FileTree>> Files(const std::string& handle) override;
  absl::StatusOr<UserIds> LookUpUser(const std::string& handle, const std::string& user) override;

 private:
  // A container that is there. Immutable once in the table; the table hands out shared copies.
  struct Live {
    ContainerSpec spec;
    NetworkInfo network;
    absl::Time created_at;
    std::shared_ptr<WatchedProcess> init;
    std::shared_ptr<Guarded<bool>> init_over = std::make_shared<Guarded<bool>>();
  };
  struct Table {
    std::map<std::string, std::shared_ptr<const Live>> containers;  // null: being made or removed
    uint64_t next_process = 1;
  };

  std::string Dir(const std::string& handle) const;
  std::string CgroupPath(const std::string& handle) const;
  absl::StatusOr<std::shared_ptr<const Live>> Find(const std::string& handle) const;
  absl::StatusOr<std::shared_ptr<const Live>> Make(const ContainerSpec& spec,
                                                   const std::vector<PortMapping>& ports);
  absl::Status WriteBundle(const ContainerSpec& spec, const NetworkInfo& network) const;
  absl::Status StartInit(Live& live);
  absl::StatusOr<std::shared_ptr<Process>> Exec(const Live& live, const std::string& process_json,
                                                ProcessCallbacks callbacks);
  absl::Status TearDown(const ContainerRecord& record);
  absl::Status CleanUp();
  absl::Status TakeWorkDirectory();
  std::vector<std::string> Runc(std::vector<std::string> arguments) const;

  const RuncConfig config_;
  EventLoop& loop_;
  const log::Logger log_;
  const Cgroups cgroups_;
  const CniNetwork network_;
  ImageStore images_;
  PortPool ports_;
  UniqueFd work_lock_;
  Guarded<Table> table_;
};

}  // namespace diego::rep
