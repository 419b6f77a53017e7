// One route of HttpApi: a call with a request and a response in protobuf. Internal to
// api/http_*.cc.
#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "libs/models/error.h"
#include "libs/wire/serialize.h"
#include "services/bbs/api/http_api.h"

namespace diego::bbs {

inline constexpr char kProtobuf[] = "application/x-protobuf";

// What distinguishes some routes from the others.
template <typename Request, typename Response>
struct HttpCallOptions {
  bool ignores_body = false;
  bool list = false;                     // may be long: not on a connection's thread
  bool keep_container_when_bad = false;  // of evacuations: the answer to a bad request
  // Is told of requests that cannot be parsed, with what could.
  void (BbsCalls::*unreadable)(const Request&, const absl::Status&) const = nullptr;
  // What an older version of the call does not know of.
  void (*forget)(Request*) = nullptr;
  // To the shape that an older version promises.
  void (*shape)(Response*) = nullptr;
};

template <typename Request, typename Response>
class HttpCall {
 public:
  using Method = void (BbsCalls::*)(const Caller&, const Request&, Response*,
                                    BbsCalls::Finish) const;
  using Options = HttpCallOptions<Request, Response>;
  HttpCall(const HttpApi* api, Method method, Options options)
      : api_(api), method_(method), options_(options) {}

  void operator()(http::Request http, const http::Responder& responder) const {
    if (!api_->calls().serving()) return responder.Send({.status = 503});
    auto exchange = std::make_shared<Exchange>();
    if constexpr (requires { exchange->response.set_keep_container(true); }) {
      exchange->response.set_keep_container(options_.keep_container_when_bad);
    }
    if (!options_.ignores_body && !wire::Parse(http.body, "request", &exchange->request).ok()) {
      const absl::Status refusal = DiegoError(ErrorType::kInvalidRequest);
      if (options_.unreadable != nullptr) {
        (api_->calls().*options_.unreadable)(exchange->request, refusal);
      }
      return Answer(refusal, exchange.get(), responder);
    }
    if (options_.forget != nullptr) options_.forget(&exchange->request);
    http.body.clear();
    auto run = [call = *this, caller = api_->CallerOf(http), exchange, responder] {
      (call.api_->calls().*call.method_)(caller, exchange->request, &exchange->response,
                                         [call, exchange, responder](const absl::Status& status) {
                                           call.Answer(status, exchange.get(), responder);
                                         });
    };
    if (!options_.list) return run();
    if (!api_->Offload(std::move(run))) responder.Send({.status = 503});
  }

 private:
  struct Exchange {
    Request request;
    Response response;
  };

  void Answer(const absl::Status& status, Exchange* exchange,
              const http::Responder& responder) const {
    Response& response = exchange->response;
    if (!status.ok()) {
      return api_->Refuse(status, responder, [&response](const models::Error& error) {
        // Nothing half-done goes with an error.
        if constexpr (!requires { response.keep_container(); }) response.Clear();
        if constexpr (requires { response.mutable_error(); }) *response.mutable_error() = error;
        return response.SerializeAsString();
      });
    }
    // An addition of ours, for those who subscribe by gRPC.
    if constexpr (requires { response.clear_revision(); }) response.clear_revision();
    if (options_.shape != nullptr) options_.shape(&response);
    responder.Send({.content_type = kProtobuf, .body = response.SerializeAsString()});
  }

  const HttpApi* api_;
  Method method_;
  Options options_;
};

template <typename Request, typename Response>
http::Handler MakeHttpCall(
    const HttpApi* api,
    void (BbsCalls::*method)(const Caller&, const Request&, Response*, BbsCalls::Finish) const,
    HttpCallOptions<std::type_identity_t<Request>, std::type_identity_t<Response>> options = {}) {
  return HttpCall<Request, Response>(api, method, options);
}

}  // namespace diego::bbs
