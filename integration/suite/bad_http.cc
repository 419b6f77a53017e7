#include "integration/suite/bad_http.h"

#include <iterator>

#include "absl/strings/str_cat.h"

namespace diego::suite {
namespace {

std::string Chunk(const std::string& bytes) {
  return absl::StrCat(absl::Hex(bytes.size()), "\r\n", bytes, "\r\n");
}

}  // namespace

std::string PostRequest(const std::string& path, const std::string& body, bool chunked) {
  const std::string head = absl::StrCat("POST ", path, " HTTP/1.1\r\nHost: a\r\n");
  if (!chunked) return absl::StrCat(head, "Content-Length: ", body.size(), "\r\n\r\n", body);
  const size_t half = body.size() / 2;
  return absl::StrCat(head, "Transfer-Encoding: chunked\r\n\r\n", Chunk(body.substr(0, half)),
                      Chunk(body.substr(half)), "0\r\n\r\n");
}

std::string BadHttp::Head(const std::string& line, const std::string& headers) const {
  return absl::StrCat(line, "\r\n", headers, "\r\n", body_);
}

std::string BadHttp::BadLine() {
  const std::string lines[] = {
      "POST",
      "POST " + path_,
      " " + path_ + " HTTP/1.1",
      "POST " + path_ + " HTTP/2.0",
      "POST " + path_ + " HTTP/0.9",
      "POST " + path_ + " HTTP/11",
      "POST " + path_ + " http/1.1",
      "POST " + path_ + " HTTP/1.1 more",
      "P\x01ST " + path_ + " HTTP/1.1",
      std::string("P\0ST ", 5) + path_ + " HTTP/1.1",
      "POST " + path_ + "\x7f HTTP/1.1",
      "POST /v1/%zz HTTP/1.1",
      "POST /%00 HTTP/1.1",
      "POST /v1/../../../etc/passwd HTTP/1.1",
      "POST * HTTP/1.1",
      "POST //////// HTTP/1.1",
      "CONNECT elsewhere:1 HTTP/1.1",
      "PRI * HTTP/2.0\r\n\r\nSM",
      absl::StrCat("POST /", std::string(random_.Below(200'000), 'l'), " HTTP/1.1"),
  };
  const std::string& line = lines[random_.Below(std::size(lines))];
  return Head(line, absl::StrCat("Host: a\r\nContent-Length: ", body_.size(), "\r\n"));
}

std::string BadHttp::BadHeaders() {
  const std::string fits = absl::StrCat("Content-Length: ", body_.size(), "\r\n");
  const std::string hosted = "Host: a\r\n";
  std::string many = hosted;
  for (int i = 0; i < 20'000; ++i) many += "A: b\r\n";
  const std::string headers[] = {
      fits,  // no Host
      hosted + hosted + fits,
      hosted + "Content-Length: -1\r\n",
      hosted + "Content-Length: -9223372036854775808\r\n",
      hosted + "Content-Length: +5\r\n",
      hosted + "Content-Length: 0x5\r\n",
      hosted + "Content-Length: five\r\n",
      hosted + "Content-Length: 5.0\r\n",
      hosted + "Content-Length: \r\n",
      hosted + "Content-Length: 99999999999\r\n",
      hosted + "Content-Length: 18446744073709551615\r\n",
      hosted + "Content-Length: 99999999999999999999999999\r\n",
      hosted + fits + "Content-Length: 70000\r\n",
      hosted + fits + "Transfer-Encoding: chunked\r\n",
      hosted + "Transfer-Encoding: chunked\r\n" + fits,
      hosted + "Transfer-Encoding: gzip\r\n",
      hosted + "Transfer-Encoding: gzip, chunked\r\n",
      hosted + fits + "Expect: a miracle\r\n",
      hosted + fits + "no colon\r\n",
      hosted + fits + ": no name\r\n",
      hosted + fits + "A space: b\r\n",
      hosted + fits + std::string("A\0: b\r\n", 7),
      hosted + fits + std::string("A: b\0c\r\n", 8),
      hosted + fits + "A: " + std::string(70'000 + random_.Below(500'000), 'h') + "\r\n",
      many + fits,
  };
  return Head("POST " + path_ + " HTTP/1.1", headers[random_.Below(std::size(headers))]);
}

std::string BadHttp::BadChunks() {
  const std::string chunks[] = {
      "xyz\r\nabc\r\n",
      "-1\r\nabc\r\n",
      "\r\nabc\r\n",
      "3\r\nabcdef\r\n0\r\n\r\n",
      "3\r\nabcX\n0\r\n\r\n",
      "0x3\r\nabc\r\n0\r\n\r\n",
      " 3\r\nabc\r\n0\r\n\r\n",
      "ffffffffffffffff\r\nabc\r\n",
      "fffffffffffffffffffffffff\r\nabc\r\n",
      "7fffffffffffffff\r\nabc\r\n",
      "5000000\r\nabc\r\n",  // 80 MiB
      Chunk(body_) + "0\r\nno colon\r\n\r\n",
      Chunk(body_) + "zero\r\n\r\n",
  };
  return absl::StrCat("POST ", path_, " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
                      chunks[random_.Below(std::size(chunks))]);
}

BadHttp::Bytes BadHttp::Next() {
  switch (random_.Below(8)) {
    case 0: return {{Noise(&random_, 2000), "random bytes"}, false};
    case 1:
    case 2: {
      const std::string request = PostRequest(path_, body_, OneIn(&random_, 2));
      return {{Truncated(&random_, request), "half a request"}, false};
    }
    case 3: return {{BadLine(), "a bad request line"}, true};
    case 4: return {{BadChunks(), "bad chunks"}, true};
    default: return {{BadHeaders(), "bad headers"}, true};
  }
}

}  // namespace diego::suite
