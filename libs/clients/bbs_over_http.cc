#include "libs/clients/bbs_over_http.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/client_interceptor.h"
#include "libs/base/clock.h"
#include "libs/clients/bbs_http_events.h"
#include "libs/clients/bbs_http_routes.h"
#include "libs/http_client/client.h"
#include "libs/models/error.h"
#include "libs/models/revision.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/status.h"
#include "libs/sync/guarded.h"
#include "libs/wire/error.h"
#include "libs/wire/serialize.h"
#include "proto/models/ping.pb.h"

namespace diego::clients {
namespace {

using google::protobuf::Message;
using http_client::Answer;
using http_client::Outcome;

constexpr char kProtobuf[] = "application/x-protobuf";
constexpr char kSubscribe[] = "/diego.Bbs/Subscribe";
constexpr char kTraceMetadata[] = "x-vcap-request-id";
constexpr size_t kMostRequests = 100000;
constexpr size_t kLargestAnswer = size_t{1} << 30;
// For calls without a deadline. libcurl counts milliseconds in 31 bits on some machines.
constexpr absl::Duration kForAsLongAsItTakes = absl::Hours(24 * 20);

std::string HeaderOf(const Answer& answer, const std::string& name) {
  const auto found = answer.headers.find(name);
  return found == answer.headers.end() ? "" : found->second;
}

bool IsProtobuf(const Answer& answer) {
  return absl::StartsWith(HeaderOf(answer, "content-type"), kProtobuf);
}

// What the client itself finds wrong with an answer is worth another attempt.
grpc::Status NoAnswer(ErrorType type, const std::string& message) {
  const absl::Status typed = DiegoError(type, message);
  return grpc::Status(grpc::StatusCode::UNAVAILABLE, message, wire::ToErrorDetails(typed));
}

// No details: it is not the peer that says so.
grpc::Status Failed(const absl::Status& status, absl::Time deadline) {
  const std::string message(status.message());
  if (absl::IsUnavailable(status)) {  // nothing was asked
    return grpc::Status(grpc::StatusCode::UNAVAILABLE,
                        absl::StrCat(rpc::kNeverSent, "; ", message));
  }
  const bool broke = absl::IsDeadlineExceeded(status) && RealClock().Now() < deadline;
  // That the URL is none, it says also of a server that answers with something else than HTTP.
  if (broke || absl::IsInvalidArgument(status)) {
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, message);
  }
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), message);
}

// Reads the answer into `response`; the `error` field of it becomes the status.
grpc::Status Read(const Answer& answer, Message* response) {
  if (!IsProtobuf(answer)) {
    const std::string router = HeaderOf(answer, "x-cf-routererror");
    if (!router.empty()) return NoAnswer(ErrorType::kRouterError, router);
    if (answer.status <= 299) return grpc::Status::OK;
    return NoAnswer(ErrorType::kInvalidResponse,
                    absl::StrCat("Invalid Response with status code: ", answer.status));
  }
  if (!wire::Parse(answer.body, "answer", response).ok()) {
    return NoAnswer(ErrorType::kInvalidProtobufMessage,
                    "failed to unmarshal proto: the BBS's answer cannot be read");
  }
  const auto* error = response->GetDescriptor()->FindFieldByName("error");
  const auto& reflection = *response->GetReflection();
  if (error == nullptr || !reflection.HasField(*response, error)) return grpc::Status::OK;
  return rpc::ToGrpc(
      wire::FromProto(static_cast<const models::Error&>(reflection.GetMessage(*response, error))));
}

}  // namespace

// What all channels share.
class BbsOverHttp::Core {
 public:
  explicit Core(const BbsOverHttpOptions& options)
      : options_(options), count_(absl::ToUnixMicros(RealClock().Now())), http_(kMostRequests) {
    // Later than all counts before, also those of other processes.
    static_assert(kFirstCountedByClient < int64_t{1'600'000'000} * 1'000'000);
  }

  int64_t revision() const { return count_.load(); }

  http_client::Request RequestTo(const std::string& trace_id) const {
    http_client::Request request;
    if (!trace_id.empty()) request.headers = {absl::StrCat("X-Vcap-Request-Id: ", trace_id)};
    request.tls = options_.tls;
    request.timeout = kForAsLongAsItTakes;
    request.connect_timeout = options_.connect_timeout;
    request.direct = true;
    request.max_answer_bytes = kLargestAnswer;
    return request;
  }

  Outcome Run(http_client::Request request) { return http_.Run(std::move(request)); }

  // The streams of that filter, opened unless they are.
  std::shared_ptr<HttpEvents> EventsOf(const std::string& url, SubscribeRequest filter,
                                       const std::string& trace_id) {
    filter.clear_after_revision();
    const auto fresh = std::make_shared<HttpEvents>(filter, count_);
    auto events = events_.With([&](auto& all) {
      std::shared_ptr<HttpEvents>& known = all[{url, filter.SerializeAsString()}];
      if (known == nullptr || known->over()) known = fresh;
      return known;
    });
    if (events == fresh) events->Start(http_, url, RequestTo(trace_id));
    return events;
  }

  // Something was cancelled: whoever waits looks.
  void Wake() {
    http_.Wake();
    const auto all = events_.With([](const auto& events) { return events; });
    for (const auto& [key, events] : all) events->Wake();
  }

 private:
  const BbsOverHttpOptions options_;
  RevisionCount count_;
  Guarded<std::map<std::pair<std::string, std::string>, std::shared_ptr<HttpEvents>>> events_;
  http_client::Client http_;  // goes first: its requests count
};

namespace {

using Batch = grpc::experimental::InterceptorBatchMethods;
using Hook = grpc::experimental::InterceptionHookPoints;

// One call. PRE_SEND_CANCEL comes on any thread, all else on the caller's.
class CarriedCall final : public grpc::experimental::Interceptor {
 public:
  CarriedCall(std::shared_ptr<BbsOverHttp::Core> core, const std::string& url,
              grpc::experimental::ClientRpcInfo* info)
      : core_(std::move(core)), url_(url), info_(*info) {}
  ~CarriedCall() override {
    if (attached_) events_->Detach();
  }

  void Intercept(Batch* batch) override {
    if (batch->QueryInterceptionHookPoint(Hook::PRE_SEND_CANCEL)) {
      cancelled_ = true;
      return core_->Wake();
    }
    if (batch->QueryInterceptionHookPoint(Hook::PRE_SEND_INITIAL_METADATA)) {
      Begin(batch);
      return batch->Hijack();  // and comes back here for what is to be received
    }
    if (batch->QueryInterceptionHookPoint(Hook::PRE_RECV_MESSAGE)) Receive(batch);
    if (batch->QueryInterceptionHookPoint(Hook::PRE_RECV_STATUS)) *batch->GetRecvStatus() = status_;
    batch->Proceed();
  }

 private:
  bool IsUnary() const { return info_.type() == grpc::experimental::ClientRpcInfo::Type::UNARY; }

  void Begin(Batch* batch) {
    // Synchronous calls send their message, not yet serialized, together with the metadata; every
    // message of ours derives from Message and nothing else, so that the addresses are one.
    const auto* message = static_cast<const Message*>(batch->GetSendMessage());
    const auto trace = batch->GetSendInitialMetadata()->find(kTraceMetadata);
    const std::string trace_id =
        trace == batch->GetSendInitialMetadata()->end() ? "" : trace->second;
    if (message == nullptr) {
      status_ = grpc::Status(grpc::StatusCode::INTERNAL, "only synchronous calls can be carried");
    } else if (info_.method() == absl::string_view(kSubscribe)) {
      Subscribe(static_cast<const SubscribeRequest&>(*message), trace_id);
    } else if (const BbsHttpRoute* route = FindBbsHttpRoute(info_.method()); route == nullptr) {
      Refuse({grpc::StatusCode::UNIMPLEMENTED,
              absl::StrCat("a BBS of the original answers at ", url_, ", which cannot do what ",
                           info_.method(), " asks for")},
             trace_id);
    } else if (const absl::Status fit = RequireOriginal(*route, *message); !fit.ok()) {
      Refuse(rpc::ToGrpc(fit), trace_id);
    } else {
      Post(*route, message->SerializeAsString(), trace_id);
    }
  }

  // In the name of a BBS of the original, where one answers: elsewhere the call may yet find ours.
  void Refuse(const grpc::Status& refusal, const std::string& trace_id) {
    const Outcome pong = Ask("/v1/ping", "", trace_id);
    models::PingResponse response;
    status_ = pong.ok() ? Read(*pong, &response) : Failed(pong.status(), Deadline());
    if (status_.ok()) status_ = refusal;
  }

  void Post(const BbsHttpRoute& route, const std::string& body, const std::string& trace_id) {
    revision_ = core_->revision();
    Outcome outcome = Ask(route.path, body, trace_id);
    if (outcome.ok() && outcome->status == 404 && !IsProtobuf(*outcome) &&
        !route.fallback.empty()) {
      outcome = Ask(route.fallback, body, trace_id);
    }
    if (outcome.ok()) {
      answer_ = *std::move(outcome);
    } else {
      status_ = Failed(outcome.status(), Deadline());
    }
  }

  Outcome Ask(absl::string_view path, const std::string& body, const std::string& trace_id) {
    http_client::Request request = core_->RequestTo(trace_id);
    request.method = "POST";
    request.url = absl::StrCat(url_, path);
    request.headers.push_back(absl::StrCat("Content-Type: ", kProtobuf));
    request.body = body;
    request.timeout = std::min(request.timeout, Deadline() - RealClock().Now());
    request.cancelled = [this] { return cancelled_.load(); };
    return core_->Run(std::move(request));
  }

  absl::Time Deadline() const {
    const auto deadline = info_.client_context()->deadline();
    if (deadline == std::chrono::system_clock::time_point::max()) return absl::InfiniteFuture();
    return absl::FromChrono(deadline);
  }

  void Subscribe(const SubscribeRequest& request, const std::string& trace_id) {
    std::optional<int64_t> after;
    if (request.has_after_revision()) after = request.after_revision();
    events_ = core_->EventsOf(url_, request, trace_id);
    const absl::StatusOr<int64_t> from = events_->Attach(after, cancelled_);
    attached_ = from.ok();
    if (attached_) revision_ = *from;
    status_ = Ending(from.status());
  }

  // As above, without details unless it answers the request.
  static grpc::Status Ending(const absl::Status& status) {
    if (status.ok() || absl::IsOutOfRange(status)) return rpc::ToGrpc(status);
    return grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                        std::string(status.message()));
  }

  void Receive(Batch* batch) {
    auto* message = static_cast<Message*>(batch->GetRecvMessage());
    bool received = false;
    if (attached_) {
      received = ReceiveEvent(static_cast<SubscribeResponse*>(message));
    } else if (answer_) {
      status_ = Read(*std::exchange(answer_, std::nullopt), message);
      received = status_.ok();
      SetRevision(message);
    }
    // A unary call has its status in the same batch, and with it the message goes unread.
    if (!received && !IsUnary()) batch->FailHijackedRecvMessage();
  }

  bool ReceiveEvent(SubscribeResponse* response) {
    if (!std::exchange(begun_, true)) {  // a bookmark
      response->Clear();
      response->set_revision(revision_);
      response->set_complete(true);
      return true;
    }
    auto next = events_->Next(revision_, cancelled_);
    status_ = Ending(next.status());
    if (!next.ok() || !*next) return false;
    *response = **std::move(next);
    revision_ = response->revision();
    return true;
  }

  // What is read stands at least at what was there when it was asked for.
  void SetRevision(Message* read) const {
    const auto* field = read->GetDescriptor()->FindFieldByName("revision");
    if (field != nullptr) read->GetReflection()->SetInt64(read, field, revision_);
  }

  const std::shared_ptr<BbsOverHttp::Core> core_;
  const std::string url_;
  grpc::experimental::ClientRpcInfo& info_;
  std::atomic<bool> cancelled_{false};
  grpc::Status status_;
  std::optional<Answer> answer_;
  int64_t revision_ = 0;  // of the list; or of the last event
  std::shared_ptr<HttpEvents> events_;
  bool attached_ = false;
  bool begun_ = false;
};

class CarriedCalls final : public grpc::experimental::ClientInterceptorFactoryInterface {
 public:
  CarriedCalls(std::shared_ptr<BbsOverHttp::Core> core, std::string url)
      : core_(std::move(core)), url_(std::move(url)) {}
  grpc::experimental::Interceptor* CreateClientInterceptor(
      grpc::experimental::ClientRpcInfo* info) override {
    return new CarriedCall(core_, url_, info);
  }

 private:
  const std::shared_ptr<BbsOverHttp::Core> core_;
  const std::string url_;
};

}  // namespace

BbsOverHttp::BbsOverHttp(const BbsOverHttpOptions& options)
    : core_(std::make_shared<Core>(options)) {}

std::shared_ptr<grpc::Channel> BbsOverHttp::Open(const std::string& url) const {
  std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>> interceptors;
  interceptors.push_back(std::make_unique<CarriedCalls>(core_, url));
  // gRPC never gets to connect there, hence no credentials.
  return grpc::experimental::CreateCustomChannelWithInterceptors(
      std::string(absl::StripPrefix(url, "https://")), grpc::InsecureChannelCredentials(),
      grpc::ChannelArguments(), std::move(interceptors));
}

}  // namespace diego::clients
