#include "libs/http/router.h"

#include <catch2/catch.hpp>

namespace diego::http {
namespace {

class Kept final : public ResponseSink {
 public:
  void Send(Response r) override { response = std::move(r); }
  void Stream(StreamHead, std::unique_ptr<StreamSource>) override {}
  std::function<void()> Waker() override {
    return [] {};
  }
  Response response{.status = 0};
};

Response Ask(const Router& router, const std::string& method, const std::string& path) {
  auto sink = std::make_shared<Kept>();
  Request request;
  request.method = method;
  request.path = path;
  router.Route(std::move(request), Responder(sink));
  return sink->response;
}

Handler Say(std::string text) {
  return [text](const Request& request, const Responder& responder) {
    Response response{.body = text};
    for (const Header& parameter : request.parameters) {
      response.body += " " + parameter.name + "=" + parameter.value;
    }
    responder.Send(std::move(response));
  };
}

TEST_CASE("router: a request finds its handler, or 404, or 405 with what is allowed", "[http]") {
  Router router;
  router.Add("POST", "/v1/ping", Say("ping"));
  router.Add("GET", "/v1/events", Say("events"));
  router.Add("PUT", "/v1/lrps/:process_guid/instances/:instance_guid", Say("update"));
  router.Add("POST", "/v1/lrps/:process_guid/instances/:instance_guid/stop", Say("stop"));
  router.Add("GET", "/both", Say("get"));
  router.Add("PUT", "/both", Say("put"));

  struct Case {
    const char* method;
    const char* path;
    int status;
    const char* body;
  };
  const Case c = GENERATE(values<Case>({
      {"POST", "/v1/ping", 200, "ping"},
      {"GET", "/v1/events", 200, "events"},
      {"GET", "/both", 200, "get"},
      {"PUT", "/both", 200, "put"},
      {"PUT", "/v1/lrps/a%2Fb/instances/c%zz", 200, "update process_guid=a/b instance_guid=c%zz"},
      {"POST", "/v1/lrps/a/instances/b/stop", 200, "stop process_guid=a instance_guid=b"},
      {"PUT", "/v1/lrps//instances/b", 404, "404 page not found\n"},
      {"POST", "/v1/ping/", 404, "404 page not found\n"},
      {"POST", "/v1/Ping", 404, "404 page not found\n"},
      {"POST", "", 404, "404 page not found\n"},
      {"GET", "/v1/ping", 405, "Method Not Allowed\n"},
      {"DELETE", "/both", 405, "Method Not Allowed\n"},
  }));
  INFO(c.method << " " << c.path);
  const Response response = Ask(router, c.method, c.path);
  CHECK(response.status == c.status);
  CHECK(response.body == c.body);
}

TEST_CASE("router: 405 names the methods", "[http]") {
  Router router;
  router.Add("GET", "/both", Say("get"));
  router.Add("PUT", "/both", Say("put"));
  const Response response = Ask(router, "POST", "/both");
  CHECK(response.content_type == "text/plain; charset=utf-8");
  REQUIRE(response.headers.size() == 2);
  CHECK(response.headers[1].name == "Allow");
  CHECK(response.headers[1].value == "GET, PUT");
}

TEST_CASE("responder: answers once, and 500 when it is forgotten", "[http]") {
  auto sink = std::make_shared<Kept>();
  {
    const Responder responder(sink);
    responder.Send({.status = 202});
    responder.Send({.status = 400});
  }
  CHECK(sink->response.status == 202);
  { const Responder forgotten(sink); }
  CHECK(sink->response.status == 500);
}

}  // namespace
}  // namespace diego::http
