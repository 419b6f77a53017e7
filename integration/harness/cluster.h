// A whole deployment on this machine: NATS, a locket, BBSs, an auctioneer, cells and a
// route-emitter as real processes on loopback, with certificates, configuration and data below one
// directory. What the demo shows and the suite tests.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "integration/harness/process.h"
#include "integration/harness/router.h"
#include "libs/clients/bbs_client.h"
#include "libs/clients/locket_client.h"
#include "libs/rpc/certificates.h"
#include "libs/testing/mariadb.h"

namespace diego::harness {

enum class Store { kSqlite, kMysql };

struct ClusterOptions {
  std::string directory;  // made if missing; must be short: sockets live below it
  std::string bin_dir;    // where bbs, locket, … are
  Store store = Store::kSqlite;
  int bbs_count = 2;
  int cell_count = 2;
  std::string log_level = "debug";
  // Ends with the calling process unless set: then the processes stay (the demo's --keep).
  bool outlive_parent = false;
};

// One process of the deployment. Addresses are "127.0.0.1:port".
struct Member {
  std::string name;     // "bbs-1", "cell-2", "nats"
  std::string address;  // gRPC, or NATS
  std::string metrics_address;
  std::string http_address;    // of BBS, auctioneer and cells: the original's HTTP
  std::string health_address;  // of BBS and route-emitter: plain HTTP
  std::string local_address;   // of cells: HTTP for their machine alone
  std::vector<std::string> argv;
  std::string log_file;
  std::unique_ptr<Process> process;
};

// Not thread-safe.
class Cluster {
 public:
  // Makes directories, certificates, root filesystem and configuration; starts only the database.
  static absl::StatusOr<std::unique_ptr<Cluster>> Create(const ClusterOptions& options);
  // Stops what still runs, and has killed cells remove what they left.
  ~Cluster();

  // The names in the order they are started in.
  std::vector<std::string> Names() const;
  absl::Status Start(const std::string& name);
  // Start for these, in this order, each once the one before is ready: a BBS serves, a cell is
  // present, the others hold their locks. `started` is told of each member as it is ready.
  absl::Status StartReady(const std::vector<std::string>& names,
                          const std::function<void(const std::string&)>& started = {});
  absl::Status StartAll(const std::function<void(const std::string&)>& started = {}) {
    return StartReady(Names(), started);
  }
  // SIGKILL, reaped.
  absl::Status KillHard(const std::string& name);
  // TERM in reverse order of starting; the first member that needed KILL or failed is the error.
  absl::Status StopAll();
  Member& Find(const std::string& name);

  clients::BbsClient& bbs() { return *bbs_; }
  clients::LocketClient& locket() { return *locket_; }
  Router& router() { return *router_; }
  // The member that serves as the BBS now; Unavailable when none does.
  absl::StatusOr<std::string> ActiveBbs();
  // Waits until `count` instances of the process run, and no other record of it exists.
  absl::StatusOr<std::vector<ActualLrp>> WaitRunning(const ProcessGuid& process_guid, int count,
                                                     absl::Duration timeout);

  // A certificate of `role` below the deployment's CA, in DIR/certs; made when first asked for.
  absl::StatusOr<rpc::TlsFiles> TlsFor(rpc::Role role, const CellId& cell_id = CellId());
  // "KEY=value" lines with which cfdot talks to this deployment.
  std::vector<std::string> CfdotEnvironment();
  // What is left of this deployment on the machine: processes, network namespaces, interfaces,
  // iptables rules, mounts. Empty after a clean stop.
  std::vector<std::string> Leftovers() const;

  const std::string& directory() const { return options_.directory; }
  testing::MariaDb* mariadb() { return mariadb_.get(); }

 private:
  explicit Cluster(const ClusterOptions& options) : options_(options) {}
  absl::Status Prepare();
  absl::Status PrepareStore();
  absl::Status Connect();
  void CleanUp();
  absl::Status WaitReady(const Member& member);
  void Add(const std::string& name, const std::string& binary, int port);
  absl::Status Configure();
  absl::Status WriteConfig(const Member& member, const std::string& json);
  std::string DatabaseDriver() const;
  std::string ConnectionString(const std::string& database) const;

  const ClusterOptions options_;
  std::unique_ptr<rpc::CertificateAuthority> authority_;
  std::unique_ptr<testing::MariaDb> mariadb_;
  std::vector<Member> members_;
  std::unique_ptr<clients::BbsClient> bbs_;
  std::unique_ptr<clients::LocketClient> locket_;
  std::unique_ptr<Router> router_;
};

}  // namespace diego::harness
