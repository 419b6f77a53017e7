#include "libs/rpc/testing/health.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"
#include "libs/base/check.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/status.h"

namespace diego::rpc {
namespace {

// The messages of grpc.health.v1, which are short enough to be made by hand:
// HealthCheckRequest.service = 1; HealthCheckResponse.status = 1: 1 serving, 2 not serving.
std::string RequestFor(const std::string& service) {
  if (service.empty()) return "";
  DIEGO_CHECK(service.size() < 128) << service;  // the length is one byte
  return "\x0a" + std::string(1, static_cast<char>(service.size())) + service;
}

std::string Read(const std::string& response) {
  if (response == "\x08\x01") return "SERVING";
  if (response == "\x08\x02") return "NOT_SERVING";
  return absl::StrCat("neither: ", absl::CHexEscape(response));
}

}  // namespace

std::string HealthOf(const std::shared_ptr<grpc::Channel>& channel, const std::string& service) {
  grpc::GenericStub stub(channel);
  const auto context = MakeContext();
  grpc::CompletionQueue queue;
  const grpc::Slice request(RequestFor(service));
  const auto call = stub.PrepareUnaryCall(context.get(), "/grpc.health.v1.Health/Check",
                                          grpc::ByteBuffer(&request, 1), &queue);
  call->StartCall();
  grpc::ByteBuffer answer;
  grpc::Status status;
  call->Finish(&answer, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  if (!status.ok()) return FromGrpc(status).ToString();
  grpc::Slice slice;
  DIEGO_CHECK(answer.DumpToSingleSlice(&slice).ok()) << "an answer cannot be read";
  return Read(std::string(reinterpret_cast<const char*>(slice.begin()), slice.size()));
}

}  // namespace diego::rpc
