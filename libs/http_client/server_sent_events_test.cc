#include "libs/http_client/server_sent_events.h"

#include <catch2/catch.hpp>
#include <utility>
#include <vector>

namespace diego::http_client {
namespace {

TEST_CASE("server-sent events are cut wherever the bytes break", "[http-client]") {
  const std::string stream =
      "id: 0\nevent: task_created\ndata: CgA=\n\n: a comment\n\n"
      "id: 1\r\nevent: task_removed\r\ndata: \r\n\r\nevent: half";
  const size_t piece = GENERATE(1, 2, 7, 1000);
  std::vector<std::pair<std::string, std::string>> events;
  ServerSentEvents parser;
  for (size_t at = 0; at < stream.size(); at += piece) {
    REQUIRE(parser.Feed(stream.substr(at, piece),
                        [&](const std::string& name, const std::string& bytes) {
                          events.emplace_back(name, bytes);
                        }));
  }
  CHECK(events == std::vector<std::pair<std::string, std::string>>{
                      {"task_created", std::string("\x0a\0", 2)}, {"task_removed", ""}});
}

TEST_CASE("server-sent events: data that is not base64 is no stream", "[http-client]") {
  CHECK_FALSE(ServerSentEvents().Feed("event: x\ndata: !!\n\n",
                                      [](const std::string&, const std::string&) {}));
}

}  // namespace
}  // namespace diego::http_client
