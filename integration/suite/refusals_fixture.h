// A deployment with records in it that nothing but a call can change, and the means to look whether
// one has.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/channel.h"
#include "integration/harness/cluster.h"
#include "libs/models/ids.h"
#include "libs/rpc/identity.h"

namespace diego::suite {

// A service's door.
struct Door {
  std::string member;   // of the cluster
  std::string service;  // "diego.Bbs"
  std::string address;

  const google::protobuf::ServiceDescriptor* descriptor() const;
  // "/diego.Bbs/Ping".
  std::string MethodPath(const google::protobuf::MethodDescriptor& method) const;
};

// A request in protobuf's text form, as bytes; the text must be one of `method`'s.
std::string RequestBytes(const google::protobuf::MethodDescriptor& method, const std::string& text);

// Not thread-safe.
class RefusalsFixture {
 public:
  // One for all tests of the process: starting it takes seconds. Ends with the process.
  static RefusalsFixture& Shared();
  ~RefusalsFixture();

  const std::vector<Door>& doors() const { return doors_; }
  const Door& door(const std::string& service) const;

  // A channel as `role`, kNone for a certificate of our CA without a role.
  std::shared_ptr<grpc::Channel> ChannelAs(const Door& door, rpc::Role role,
                                           const CellId& cell_id = CellId());
  rpc::TlsFiles TlsFor(rpc::Role role, const CellId& cell_id = CellId());

  // Every record of the BBS and every lease of Locket, as text.
  std::string Records();
  // OK when every process lives and answers, and the records are those from the beginning.
  absl::Status Unharmed();

  // The cell that the records speak of; it has no process.
  static CellId present_cell() { return CellId("cell-9"); }
  static CellId other_cell() { return CellId("cell-2"); }

 private:
  RefusalsFixture();
  void StartMember(const std::string& name, const std::function<absl::Status()>& ready);
  void FillBbs();
  absl::StatusOr<rpc::TlsFiles> IssueWithoutRole();

  std::string directory_;
  std::unique_ptr<harness::Cluster> cluster_;
  std::vector<Door> doors_;
  std::string records_;
};

}  // namespace diego::suite
