#include "libs/http/request_reader.h"

#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace diego::http {
namespace {

using Result = RequestReader::Result;

// Feeds `bytes` in pieces of `piece`, as a connection would, and returns all requests read.
std::vector<Request> ReadAll(RequestReader* reader, const std::string& bytes, size_t piece,
                             Result* last) {
  std::vector<Request> requests;
  std::string input;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    input += bytes.substr(at, piece);
    while (true) {
      size_t used = 0;
      *last = reader->Read(input, &used);
      input.erase(0, used);
      if (*last != Result::kDone) break;
      requests.push_back(reader->Take());
      if (input.empty()) break;
    }
    if (*last == Result::kFailed) break;
  }
  return requests;
}

constexpr char kPost[] =
    "POST /v1/ping?a=b HTTP/1.1\r\nHost: bbs\r\nX-Vcap-Request-Id: ab-c\r\n"
    "Content-Length: 5\r\n\r\nhello";
constexpr char kChunked[] =
    "POST /v1/tasks HTTP/1.1\r\nHost: bbs\r\nTransfer-Encoding: chunked\r\n\r\n"
    "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n";

TEST_CASE("request reader: reads requests however their bytes arrive", "[http]") {
  const size_t piece = GENERATE(1u, 2u, 7u, 64u, 100000u);
  RequestReader reader({});
  Result last = Result::kMore;
  const auto requests =
      ReadAll(&reader, absl::StrCat(kPost, "\r\n", kChunked, kPost), piece, &last);
  REQUIRE(requests.size() == 3);
  CHECK(requests[0].method == "POST");
  CHECK(requests[0].path == "/v1/ping");
  CHECK(requests[0].query == "a=b");
  CHECK(requests[0].header("x-vcap-request-id") == "ab-c");
  CHECK(requests[0].header("absent").empty());
  CHECK(requests[0].body == "hello");
  CHECK(requests[1].path == "/v1/tasks");
  CHECK(requests[1].body == "abcde");
  CHECK(requests[2].body == "hello");
  CHECK(reader.keep_alive());
  CHECK_FALSE(reader.under_way());
}

TEST_CASE("request reader: refuses what is no request, with the status that fits", "[http]") {
  const std::string long_name(5000, 'n');
  struct Case {
    std::string bytes;
    int status;
  };
  const Case c = GENERATE_COPY(values<Case>({
      {"garbage\r\n\r\n", 400},
      {"GET / HTTP/3.0\r\nHost: a\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
       400},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nExpect: a-miracle\r\nContent-Length: 1\r\n\r\nx", 417},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n", 413},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n" +
           std::string(255, 'x'),
       413},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: " + long_name + "\r\n\r\n", 431},
      {"GET /" + long_name + " HTTP/1.1\r\nHost: a\r\n\r\n", 431},
      {long_name, 431},
  }));
  const size_t piece = GENERATE(1u, 100000u);
  INFO(c.bytes.substr(0, 120));
  RequestReader reader({.header_bytes = 1000, .body_bytes = 100});
  Result last = Result::kMore;
  CHECK(ReadAll(&reader, c.bytes, piece, &last).empty());
  REQUIRE(last == Result::kFailed);
  CHECK(reader.error().status == c.status);
  CHECK(absl::StartsWith(reader.error().body, absl::StrCat(c.status, " ")));
}

TEST_CASE("request reader: tells who keeps the connection and who waits to go on", "[http]") {
  RequestReader reader({});
  size_t used = 0;
  const auto take = [&](absl::string_view bytes) {
    REQUIRE(reader.Read(bytes, &used) == Result::kDone);
    reader.Take();
    return reader.keep_alive();
  };
  CHECK(take("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  CHECK_FALSE(take("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  CHECK_FALSE(take("GET / HTTP/1.0\r\n\r\n"));
  CHECK(take("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));

  CHECK(
      reader.Read("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
                  &used) == Result::kMore);
  CHECK(reader.header_done());
  CHECK(reader.TakeExpectsContinue());
  CHECK_FALSE(reader.TakeExpectsContinue());
  CHECK(reader.Read("ab", &used) == Result::kDone);
  CHECK(reader.Take().body == "ab");
}

TEST_CASE("request reader: an absolute target is split as well", "[http]") {
  struct Case {
    const char* target;
    const char* path;
    const char* query;
  };
  const Case c = GENERATE(values<Case>({{"https://bbs:8889/v1/ping?x", "/v1/ping", "x"},
                                        {"https://bbs:8889", "/", ""},
                                        {"*", "*", ""},
                                        {"/a%20b?c=d?e", "/a%20b", "c=d?e"}}));
  RequestReader reader({});
  size_t used = 0;
  REQUIRE(reader.Read(absl::StrCat("GET ", c.target, " HTTP/1.1\r\nHost: a\r\n\r\n"), &used) ==
          Result::kDone);
  const Request request = reader.Take();
  CHECK(request.path == c.path);
  CHECK(request.query == c.query);
}

}  // namespace
}  // namespace diego::http
