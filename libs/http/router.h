// Router: finds the handler of a request by method and path.
//
//   http::Router router;
//   router.Add("PUT", "/v1/lrps/:process_guid/instances/:instance_guid", UpdateLrp);
//   http::Server::Start(options, router.ToHandler());
//
// An unknown path is answered 404, a known one with another method 405 with the header Allow, both
// in plain text. Source: reference/bbs-http-api.md "Conventions".
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/http/message.h"
#include "libs/http/responder.h"

namespace diego::http {

// Called on a thread of the server, which serves other connections too: it must not block. It, or
// whoever it hands the responder to, answers exactly once, on any thread.
using Handler = std::function<void(Request request, Responder responder)>;

// Fill it first; from then on its const methods are thread-safe.
class Router {
 public:
  // A segment ":name" of the pattern stands for any one segment that is not empty.
  void Add(std::string method, absl::string_view pattern, Handler handler);

  void Route(Request request, Responder responder) const;
  // A handler with a copy of all routes.
  Handler ToHandler() const;

  // For tests of tables: "POST /v1/ping", in the order they were added.
  std::vector<std::string> routes() const;

 private:
  struct Entry {
    std::string method;
    std::vector<std::string> segments;
    Handler handler;
  };
  std::vector<Entry> entries_;
};

}  // namespace diego::http
