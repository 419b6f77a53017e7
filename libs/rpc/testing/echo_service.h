// A service for tests of rpc itself: Fetch answers with who asked, or refuses as it is told.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "libs/rpc/identity.h"
#include "libs/rpc/status.h"
#include "proto/models/locket.grpc.pb.h"

namespace diego::rpc {

// The resource's key is the caller's role, its owner the cell id, its value the common name.
class EchoService final : public models::Locket::CallbackService {
 public:
  // What Fetch answers instead, unless OK. Set before the server starts.
  absl::Status refusal;
  std::atomic<int> calls{0};

  grpc::ServerUnaryReactor* Fetch(grpc::CallbackServerContext* context, const models::FetchRequest*,
                                  models::FetchResponse* response) override {
    ++calls;
    const PeerIdentity peer = IdentityOf(*context);
    response->mutable_resource()->set_key(std::string(RoleName(peer.role)));
    response->mutable_resource()->set_owner(peer.cell_id.value());
    response->mutable_resource()->set_value(peer.common_name);
    return Finish(context, refusal);
  }
  // Only for a BBS.
  grpc::ServerUnaryReactor* FetchAll(grpc::CallbackServerContext* context,
                                     const models::FetchAllRequest*,
                                     models::FetchAllResponse*) override {
    return Finish(context, RequireRole(*context, {Role::kBbs, Role::kOperator}));
  }

 private:
  static grpc::ServerUnaryReactor* Finish(grpc::CallbackServerContext* context,
                                          const absl::Status& status) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(ToGrpc(status));
    return reactor;
  }
};

}  // namespace diego::rpc
