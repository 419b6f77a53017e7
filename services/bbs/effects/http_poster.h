// HttpPoster: posts JSON to URLs, many at once on one thread, with libcurl.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"

namespace diego::bbs {

// What became of one post.
struct PostResult {
  enum class Kind {
    kAnswered,  // with http_status
    kTimedOut,  // no answer in time, or the connection broke underneath
    kFailed,    // no connection, bad URL, TLS refused …
  };
  Kind kind = Kind::kFailed;
  int http_status = 0;
  std::string error;
};

// Belongs to one thread.
class HttpPoster {
 public:
  struct Options {
    absl::Duration timeout = absl::Seconds(10);  // of one post
    // Shown to https servers; their certificate must descend from the CA. PEM files.
    std::string ca_file;
    std::string cert_file;
    std::string key_file;
  };
  using Done = std::function<void(const PostResult&)>;

  explicit HttpPoster(const Options& options);
  // Abandons what is under way, without calling back.
  ~HttpPoster();

  // Begins a post; `done` is called once, from within Step. It may begin another.
  void Post(const std::string& url, std::string json, Done done);
  size_t under_way() const;
  // Moves everything on; waits up to `patience` for something to happen.
  void Step(absl::Duration patience);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace diego::bbs
