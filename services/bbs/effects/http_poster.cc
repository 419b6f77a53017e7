#include "services/bbs/effects/http_poster.h"

#include <curl/curl.h>

#include <map>
#include <utility>
#include <vector>

#include "libs/base/check.h"

namespace diego::bbs {
namespace {

struct Post {
  std::string body;
  HttpPoster::Done done;
};

// Answers are not looked at.
size_t Swallow(char*, size_t size, size_t count, void*) { return size * count; }

PostResult ResultOf(CURL* easy, CURLcode code) {
  PostResult result;
  switch (code) {
    case CURLE_OK: {
      long status = 0;
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      result.kind = PostResult::Kind::kAnswered;
      result.http_status = static_cast<int>(status);
      return result;
    }
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING: result.kind = PostResult::Kind::kTimedOut; break;
    default: result.kind = PostResult::Kind::kFailed;
  }
  result.error = curl_easy_strerror(code);
  return result;
}

}  // namespace

struct HttpPoster::Impl {
  Options options;
  CURLM* multi = nullptr;
  curl_slist* headers = nullptr;
  std::map<CURL*, bbs::Post> posts;
};

HttpPoster::HttpPoster(const Options& options) : impl_(std::make_unique<Impl>()) {
  impl_->options = options;
  impl_->multi = curl_multi_init();
  DIEGO_CHECK(impl_->multi != nullptr);
  impl_->headers = curl_slist_append(nullptr, "Content-Type: application/json");
}

HttpPoster::~HttpPoster() {
  for (auto& [easy, post] : impl_->posts) {
    curl_multi_remove_handle(impl_->multi, easy);
    curl_easy_cleanup(easy);
  }
  curl_slist_free_all(impl_->headers);
  curl_multi_cleanup(impl_->multi);
}

void HttpPoster::Post(const std::string& url, std::string json, Done done) {
  CURL* easy = curl_easy_init();
  DIEGO_CHECK(easy != nullptr);
  bbs::Post& post = impl_->posts[easy];
  post = {std::move(json), std::move(done)};
  const Options& options = impl_->options;
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, impl_->headers);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(post.body.size()));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, post.body.data());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, Swallow);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
                   static_cast<long>(absl::ToInt64Milliseconds(options.timeout)));
  if (!options.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca_file.c_str());
  if (!options.cert_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_SSLCERT, options.cert_file.c_str());
    curl_easy_setopt(easy, CURLOPT_SSLKEY, options.key_file.c_str());
  }
  curl_multi_add_handle(impl_->multi, easy);
}

size_t HttpPoster::under_way() const { return impl_->posts.size(); }

void HttpPoster::Step(absl::Duration patience) {
  int running = 0;
  curl_multi_perform(impl_->multi, &running);
  if (running > 0) {
    curl_multi_poll(impl_->multi, nullptr, 0, static_cast<int>(absl::ToInt64Milliseconds(patience)),
                    nullptr);
    curl_multi_perform(impl_->multi, &running);
  }
  std::vector<std::pair<Done, PostResult>> ended;
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(impl_->multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* easy = message->easy_handle;
    const PostResult result = ResultOf(easy, message->data.result);
    const auto at = impl_->posts.find(easy);
    ended.emplace_back(std::move(at->second.done), result);
    impl_->posts.erase(at);
    curl_multi_remove_handle(impl_->multi, easy);
    curl_easy_cleanup(easy);
  }
  for (const auto& [done, result] : ended) done(result);
}

}  // namespace diego::bbs
