#include "libs/rpc/malformed_requests.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "libs/models/error.h"
#include "libs/rpc/status.h"

namespace diego::rpc {
namespace {

namespace experimental = grpc::experimental;
using experimental::InterceptionHookPoints;

// One call. Its hooks run one after the other.
class Watch final : public experimental::Interceptor {
 public:
  explicit Watch(const char* method) : method_(method) {}

  void Intercept(experimental::InterceptorBatchMethods* batch) override {
    // A request that could not be read arrives as no message at all.
    if (batch->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_MESSAGE) &&
        batch->GetRecvMessage() == nullptr) {
      malformed_ = true;
    }
    if (malformed_ && batch->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      batch->ModifySendStatus(ToGrpc(
          DiegoError(ErrorType::kInvalidRequest,
                     absl::StrCat("the request received is invalid: it is no request message of ",
                                  method_, "; are both sides of compatible versions?"))));
    }
    batch->Proceed();
  }

 private:
  const char* const method_;
  bool malformed_ = false;
};

class Factory final : public experimental::ServerInterceptorFactoryInterface {
 public:
  experimental::Interceptor* CreateServerInterceptor(experimental::ServerRpcInfo* info) override {
    return new Watch(info->method());
  }
};

}  // namespace

std::unique_ptr<experimental::ServerInterceptorFactoryInterface> RefuseMalformedRequests() {
  return std::make_unique<Factory>();
}

}  // namespace diego::rpc
