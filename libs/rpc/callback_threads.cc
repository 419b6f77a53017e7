#include "libs/rpc/callback_threads.h"

#include <memory>
#include <new>

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
  // In static storage without a destructor: never destroyed, and no leak to leak checkers.
  alignas(User) static unsigned char storage[sizeof(User)];
  static const bool kDone = [] {
    auto* user = new (storage) User;
    user->stub.UnaryCall(&user->context, "/diego.Nothing/Nothing", grpc::StubOptions(),
                         &user->request, &user->response, [](const grpc::Status&) {});
    return true;
  }();
  static_cast<void>(kDone);
}

}  // namespace diego::rpc
