#include "libs/http_client/loop.h"

#include <curl/curl.h>

#include <map>
#include <utility>
#include <vector>

#include "libs/base/check.h"
#include "libs/http_client/transfer.h"

namespace diego::http_client {
namespace {

// Idle connections kept; one a peer is enough in between.
constexpr long kKeptConnections = 2000;
// More requests to one server wait for a connection.
constexpr long kConnectionsToOneServer = 32;

}  // namespace

struct Loop::Impl {
  struct UnderWay {
    std::unique_ptr<Transfer> transfer;
    Done done;
  };
  // Those that have ended since, each with its callback.
  std::vector<std::pair<Done, Outcome>> TakeEnded();

  CURLM* multi = nullptr;
  std::map<CURL*, UnderWay> requests;
};

std::vector<std::pair<Loop::Done, Outcome>> Loop::Impl::TakeEnded() {
  std::vector<std::pair<Done, Outcome>> ended;
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* handle = message->easy_handle;
    const CURLcode code = message->data.result;
    const auto at = requests.find(handle);
    curl_multi_remove_handle(multi, handle);
    ended.emplace_back(std::move(at->second.done), at->second.transfer->Finish(code));
    requests.erase(at);
  }
  return ended;
}

Loop::Loop() : impl_(std::make_unique<Impl>()) {
  // A transfer makes libcurl ready; the loop may be there before the first.
  DIEGO_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
  impl_->multi = curl_multi_init();
  DIEGO_CHECK(impl_->multi != nullptr);
  curl_multi_setopt(impl_->multi, CURLMOPT_MAXCONNECTS, kKeptConnections);
  curl_multi_setopt(impl_->multi, CURLMOPT_MAX_HOST_CONNECTIONS, kConnectionsToOneServer);
}

Loop::~Loop() {
  for (auto& [handle, request] : impl_->requests) curl_multi_remove_handle(impl_->multi, handle);
  impl_->requests.clear();
  curl_multi_cleanup(impl_->multi);
}

void Loop::Begin(Request request, Done done) {
  auto transfer = std::make_unique<Transfer>(std::move(request));
  CURL* handle = transfer->handle();
  impl_->requests.emplace(handle, Impl::UnderWay{std::move(transfer), std::move(done)});
  curl_multi_add_handle(impl_->multi, handle);
}

size_t Loop::under_way() const { return impl_->requests.size(); }

void Loop::Step(absl::Duration patience) {
  int running = 0;
  curl_multi_perform(impl_->multi, &running);
  auto ended = impl_->TakeEnded();
  if (ended.empty()) {
    curl_multi_poll(impl_->multi, nullptr, 0, static_cast<int>(absl::ToInt64Milliseconds(patience)),
                    nullptr);
    curl_multi_perform(impl_->multi, &running);
    ended = impl_->TakeEnded();
  }
  for (auto& [done, outcome] : ended) done(std::move(outcome));
}

void Loop::Wake() { curl_multi_wakeup(impl_->multi); }

void Loop::CancelAll() {
  std::map<CURL*, Impl::UnderWay> requests;
  std::swap(requests, impl_->requests);
  for (auto& [handle, request] : requests) {
    curl_multi_remove_handle(impl_->multi, handle);
    request.done(absl::CancelledError("cancelled"));
  }
}

}  // namespace diego::http_client
