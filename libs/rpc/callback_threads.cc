#include "libs/rpc/callback_threads.h"

#include <memory>

#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"

namespace diego::rpc {
namespace {

// A user of callbacks that is never destroyed: a channel without credentials, on which every call
// fails at once, and one such call, which makes the channel take hold of the threads.
struct User {
  std::shared_ptr<grpc::Channel> channel = grpc::CreateChannel("", nullptr);
  grpc::GenericStub stub{channel};
  grpc::ClientContext context;
  grpc::Slice nothing;
  grpc::ByteBuffer request{&nothing, 1};
  grpc::ByteBuffer response;
};

}  // namespace

void KeepCallbackThreads() {
  static User* const user = [] {
    auto* made = new User;
    made->stub.UnaryCall(&made->context, "/diego.Nothing/Nothing", grpc::StubOptions(),
                         &made->request, &made->response, [](const grpc::Status&) {});
    return made;
  }();
  static_cast<void>(user);
}

}  // namespace diego::rpc
