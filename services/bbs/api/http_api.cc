#include "services/bbs/api/http_api.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/http/server.h"
#include "libs/models/error.h"
#include "libs/rpc/trace_id.h"
#include "libs/wire/error.h"
#include "libs/wire/serialize.h"
#include "services/bbs/api/event_source.h"
#include "services/bbs/api/http_call.h"

namespace diego::bbs {
namespace {

// As many as there may be connections: the original answers however many ask at once, and its
// clients take a 503 here for a BBS that is none.
constexpr size_t kMostWaitingLists = http::kMostConnections;
constexpr int kListWorkers = 2;
constexpr absl::Duration kPatience = absl::Milliseconds(100);

// Not this BBS, or not now: the client is to ask again.
bool TryAgain(const absl::Status& status) {
  return ErrorTypeOf(status) == ErrorType::kUnknownError &&
         (absl::IsUnavailable(status) || absl::IsResourceExhausted(status));
}

http::StreamHead EventStreamHead() {
  return {.content_type = "text/event-stream; charset=utf-8",
          .headers = {{"Cache-Control", "no-cache, no-store, must-revalidate"},
                      {"Connection", "keep-alive"}},
          .chunk_size_suffix = ";"};
}

template <typename E, typename Filter>
void Open(HubOf<E, Filter>& hub, Filter filter, std::shared_ptr<Term> term, EventForm form,
          std::shared_ptr<EncodedEvents> encoded, const BbsCalls::Finish& done,
          const http::Responder& responder) {
  auto subscription = hub.Subscribe(std::move(filter), std::nullopt, responder.Waker());
  if (!subscription.ok()) {
    done(subscription.status());
    return responder.Send({.status = absl::IsResourceExhausted(subscription.status()) ? 503 : 500});
  }
  responder.Stream(EventStreamHead(),
                   std::make_unique<EventSource<E, Filter>>(
                       std::move(term), *std::move(subscription), form, std::move(encoded), done));
}

}  // namespace

HttpApi::HttpApi(const BbsCalls& calls, const rpc::PeerRules& peers,
                 std::function<void()> unrecoverable)
    : calls_(calls),
      peers_(peers),
      unrecoverable_(std::move(unrecoverable)),
      lists_(kMostWaitingLists) {
  for (int i = 0; i < kListWorkers; ++i) {
    workers_.push_back(std::make_unique<Worker>(absl::StrCat("http-lists-", i), [this] {
      for (const std::function<void()>& list : lists_.PopSome(1, kPatience)) list();
      return absl::ZeroDuration();
    }));
  }
}

HttpApi::~HttpApi() { lists_.Close(); }

bool HttpApi::Offload(std::function<void()> list) const { return lists_.TryPush(list); }

Caller HttpApi::CallerOf(const http::Request& request) const {
  Caller caller;
  if (request.peer) {
    caller.peer = peers_.Judge(*request.peer);
  } else {
    // Plain HTTP is served on loopback, and only where that was asked for.
    caller.peer.role = rpc::Role::kTrusted;
    caller.peer.common_name = "plain";
  }
  caller.trace_id = rpc::TraceIdOf(request.header(rpc::kTraceHeader));
  return caller;
}

void HttpApi::Refuse(const absl::Status& status, const http::Responder& responder,
                     const std::function<std::string(const models::Error&)>& body) const {
  if (TryAgain(status)) return responder.Send({.status = 503});
  responder.Send({.content_type = kProtobuf, .body = body(wire::ToProto(status))});
  if (IsDiegoError(status, ErrorType::kUnrecoverable)) unrecoverable_();
}

void HttpApi::Follow(Stream stream, EventForm form, const http::Request& request,
                     const http::Responder& responder) const {
  if (!calls_.serving()) return responder.Send({.status = 503});
  const Caller caller = CallerOf(request);
  const BbsCalls::Finish done = calls_.Counting(caller, BbsCall::kSubscribe);
  const auto refuse = [&](const absl::Status& status, int code) {
    done(status);
    responder.Send(code == 500 ? http::TextResponse(500, status.message())
                               : http::Response{.status = code});
  };
  models::EventsByCellId filter;
  if (stream != Stream::kTasks && !wire::Parse(request.body, "filter", &filter).ok()) {
    return refuse(DiegoError(ErrorType::kInvalidRequest), 500);
  }
  const BbsCalls::TermOr term = calls_.Enter(caller, BbsCall::kSubscribe);
  if (!term.ok()) return refuse(term.status(), TryAgain(term.status()) ? 503 : 500);
  const CellId cell_id(filter.cell_id());
  switch (stream) {
    case Stream::kInstances:
      return Open((*term)->hub(), EventFilter{true, true, false, cell_id}, *term, form, encoded_,
                  done, responder);
    case Stream::kGroups:
      return Open((*term)->group_hub(), GroupEventFilter{cell_id}, *term, form, encoded_, done,
                  responder);
    case Stream::kTasks:
      return Open((*term)->hub(), EventFilter{false, false, true, CellId()}, *term, form, encoded_,
                  done, responder);
  }
}

}  // namespace diego::bbs
