// Bytes on a connection that are no request of HTTP/1.1, or one that a server must not take. Drawn
// from a seed, the same on every machine.
#pragma once

#include <string>

#include "integration/suite/awkward.h"

namespace diego::suite {

// A POST with that body; in chunks, if so asked.
std::string PostRequest(const std::string& path, const std::string& body, bool chunked = false);

// One thread.
class BadHttp {
 public:
  // `path` and `body`: of a request that the server would carry out.
  BadHttp(uint64_t seed, std::string path, std::string body)
      : random_(seed), path_(std::move(path)), body_(std::move(body)) {}

  struct Bytes {
    BadRequest request;
    // The server knows enough to refuse: it answers an error, or closes. Else it waits for more.
    bool refused = false;
  };
  Bytes Next();

 private:
  std::string Head(const std::string& line, const std::string& headers) const;
  std::string BadLine();
  std::string BadHeaders();
  std::string BadChunks();

  Random random_;
  const std::string path_;
  const std::string body_;
};

}  // namespace diego::suite
