// HttpApi: the original's HTTP API. Every route ends in the same call as its RPC (bbs_calls.h);
// what is here is the translation: protobuf bodies in and out, errors inside responses, the shapes
// of older versions, event streams. Source: reference/bbs-http-api.md.
//
// A request that finds no term serving is answered 503 without a body; so is one that was refused
// because the BBS is overloaded or lost office meanwhile, as the original's clients try again then.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "libs/http/router.h"
#include "libs/rpc/identity.h"
#include "libs/sync/bounded_queue.h"
#include "libs/sync/worker.h"
#include "services/bbs/api/bbs_calls.h"
#include "services/bbs/api/event_encoding.h"

namespace diego::bbs {

// Thread-safe. Outlives every server that its routes are given to.
class HttpApi {
 public:
  // `calls` outlives it. `unrecoverable` is called after an answer of that type was sent: the
  // process is to end then.
  HttpApi(const BbsCalls& calls, const rpc::PeerRules& peers, std::function<void()> unrecoverable);
  ~HttpApi();
  HttpApi(const HttpApi&) = delete;
  HttpApi& operator=(const HttpApi&) = delete;

  // Every route of the reference; they refer to this object.
  http::Router Routes() const;

  // For the routes (http_call.h).
  const BbsCalls& calls() const { return calls_; }
  Caller CallerOf(const http::Request& request) const;
  // Sends `status`, which is no success, as the reference has it: 503, or `body(error)` with 200.
  void Refuse(const absl::Status& status, const http::Responder& responder,
              const std::function<std::string(const models::Error&)>& body) const;
  // Runs `list` where it holds no connection up; false when too many wait.
  bool Offload(std::function<void()> list) const;
  // Opens an event stream.
  enum class Stream { kInstances, kGroups, kTasks };
  void Follow(Stream stream, EventForm form, const http::Request& request,
              const http::Responder& responder) const;

 private:
  void AddDomainsAndCells(http::Router* router) const;
  void AddActualLrps(http::Router* router) const;
  void AddEvacuation(http::Router* router) const;
  void AddDesiredLrps(http::Router* router) const;
  void AddTasks(http::Router* router) const;
  void AddEvents(http::Router* router) const;

  const BbsCalls& calls_;
  const rpc::PeerRules peers_;
  const std::function<void()> unrecoverable_;
  const std::shared_ptr<EncodedEvents> encoded_ = std::make_shared<EncodedEvents>();
  mutable BoundedQueue<std::function<void()>> lists_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace diego::bbs
