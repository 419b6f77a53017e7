#include "libs/http_client/transfer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/check.h"

namespace diego::http_client {
namespace {

// How soon a changed CA file is read again.
constexpr long kCaCacheSeconds = 10;
// Answers below only say that there will be one.
constexpr int kFirstFinalStatus = 200;
// For streams in which nothing may happen for long: a peer that is gone is found out.
constexpr long kKeepAliveSeconds = 30;

long Milliseconds(absl::Duration duration) {
  return static_cast<long>(std::max<int64_t>(1, absl::ToInt64Milliseconds(duration)));
}

// Makes libcurl ready once for the process.
void PrepareCurl() {
  static const CURLcode kReady = curl_global_init(CURL_GLOBAL_DEFAULT);
  DIEGO_CHECK(kReady == CURLE_OK);
}

absl::Status StatusOf(CURLcode code) {
  const char* text = curl_easy_strerror(code);
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING: return absl::DeadlineExceededError(text);
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL: return absl::InvalidArgumentError(text);
    case CURLE_ABORTED_BY_CALLBACK:
    case CURLE_WRITE_ERROR: return absl::CancelledError(text);
    default: return absl::UnavailableError(text);
  }
}

}  // namespace

Transfer::Transfer(Request request) : request_(std::move(request)) {
  PrepareCurl();
  handle_ = curl_easy_init();
  DIEGO_CHECK(handle_ != nullptr);
  SetUp();
  SetTls();
  SetServerName();
  SetBody();
}

Transfer::~Transfer() {
  curl_easy_cleanup(handle_);
  curl_slist_free_all(headers_);
  curl_slist_free_all(connect_to_);
}

void Transfer::SetUp() {
  curl_easy_setopt(handle_, CURLOPT_PRIVATE, this);
  curl_easy_setopt(handle_, CURLOPT_URL, request_.url.c_str());
  curl_easy_setopt(handle_, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle_, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle_, CURLOPT_FOLLOWLOCATION, request_.redirects > 0 ? 1L : 0L);
  curl_easy_setopt(handle_, CURLOPT_MAXREDIRS, static_cast<long>(request_.redirects));
  curl_easy_setopt(handle_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(handle_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle_, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(handle_, CURLOPT_TCP_KEEPIDLE, kKeepAliveSeconds);
  curl_easy_setopt(handle_, CURLOPT_TCP_KEEPINTVL, kKeepAliveSeconds);
  if (request_.direct) curl_easy_setopt(handle_, CURLOPT_PROXY, "");
  curl_easy_setopt(handle_, CURLOPT_TIMEOUT_MS, Milliseconds(request_.timeout));
  if (request_.connect_timeout > absl::ZeroDuration()) {
    curl_easy_setopt(handle_, CURLOPT_CONNECTTIMEOUT_MS, Milliseconds(request_.connect_timeout));
  }
  if (request_.idle_timeout > absl::ZeroDuration()) {
    const auto seconds = std::max<int64_t>(1, absl::ToInt64Seconds(request_.idle_timeout));
    curl_easy_setopt(handle_, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(handle_, CURLOPT_LOW_SPEED_TIME, static_cast<long>(seconds));
  }
  curl_easy_setopt(handle_, CURLOPT_WRITEFUNCTION, OnBody);
  curl_easy_setopt(handle_, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(handle_, CURLOPT_HEADERFUNCTION, OnHeader);
  curl_easy_setopt(handle_, CURLOPT_HEADERDATA, this);
  if (request_.cancelled) {
    curl_easy_setopt(handle_, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(handle_, CURLOPT_XFERINFOFUNCTION, OnProgress);
    curl_easy_setopt(handle_, CURLOPT_XFERINFODATA, this);
  }
}

void Transfer::SetTls() {
  const Tls& tls = request_.tls;
  const auto set_file = [this](CURLoption option, const std::string& path) {
    if (!path.empty()) curl_easy_setopt(handle_, option, path.c_str());
  };
  curl_easy_setopt(handle_, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(handle_, CURLOPT_CA_CACHE_TIMEOUT, kCaCacheSeconds);
  set_file(CURLOPT_CAINFO, tls.ca_file);
  // libcurl would look into the system's directory, too.
  if (!tls.ca_file.empty()) curl_easy_setopt(handle_, CURLOPT_CAPATH, nullptr);
  set_file(CURLOPT_SSLCERT, tls.cert_file);
  set_file(CURLOPT_SSLKEY, tls.key_file);
  if (!tls.verify) {
    curl_easy_setopt(handle_, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(handle_, CURLOPT_SSL_VERIFYHOST, 0L);
  }
}

// libcurl verifies the name that it finds in the URL: the server is named there, and the host of
// the caller's URL is where to connect to. What cannot be done so must not be asked of another
// name: without a host libcurl refuses it.
void Transfer::SetServerName() {
  const std::string& name = request_.tls.server_name;
  if (name.empty()) return;
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), curl_url_cleanup);
  const auto part = [&url](CURLUPart which, unsigned flags) {
    char* text = nullptr;
    if (curl_url_get(url.get(), which, &text, flags) != CURLUE_OK) return std::string();
    std::string copy(text);
    curl_free(text);
    return copy;
  };
  curl_url_set(url.get(), CURLUPART_URL, request_.url.c_str(), 0);
  const std::string host = part(CURLUPART_HOST, 0);
  const std::string port = part(CURLUPART_PORT, CURLU_DEFAULT_PORT);
  if (curl_url_set(url.get(), CURLUPART_HOST, name.c_str(), 0) != CURLUE_OK || host.empty()) {
    curl_easy_setopt(handle_, CURLOPT_URL, "https://");
    return;
  }
  connect_to_ =
      curl_slist_append(nullptr, absl::StrCat(name, ":", port, ":", host, ":", port).c_str());
  curl_easy_setopt(handle_, CURLOPT_CONNECT_TO, connect_to_);
  curl_easy_setopt(handle_, CURLOPT_URL, part(CURLUPART_URL, 0).c_str());
}

void Transfer::SetBody() {
  for (const std::string& header : request_.headers) {
    headers_ = curl_slist_append(headers_, header.c_str());
  }
  if (request_.method != "GET") {
    curl_easy_setopt(handle_, CURLOPT_POST, 1L);
    // A POST that is named so would stay one when redirected.
    if (request_.method != "POST") {
      curl_easy_setopt(handle_, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
    }
    headers_ = curl_slist_append(headers_, "Expect:");  // send the body without asking first
    if (request_.give_body) {
      curl_easy_setopt(handle_, CURLOPT_READFUNCTION, OnRead);
      curl_easy_setopt(handle_, CURLOPT_READDATA, this);
      curl_easy_setopt(handle_, CURLOPT_POSTFIELDSIZE_LARGE,
                       static_cast<curl_off_t>(request_.give_bytes));
    } else {
      curl_easy_setopt(handle_, CURLOPT_POSTFIELDSIZE_LARGE,
                       static_cast<curl_off_t>(request_.body.size()));
      curl_easy_setopt(handle_, CURLOPT_POSTFIELDS, request_.body.data());
      // Nothing is not a form either.
      if (request_.body.empty()) headers_ = curl_slist_append(headers_, "Content-Type:");
    }
  }
  curl_easy_setopt(handle_, CURLOPT_HTTPHEADER, headers_);
}

size_t Transfer::OnBody(char* data, size_t size, size_t count, void* self) {
  auto* transfer = static_cast<Transfer*>(self);
  const absl::string_view chunk(data, size * count);
  transfer->answer_.body_bytes += chunk.size();
  if (transfer->request_.take_body) {
    return transfer->request_.take_body(chunk) ? chunk.size() : CURL_WRITEFUNC_ERROR;
  }
  if (transfer->answer_.body_bytes > transfer->request_.max_answer_bytes) {
    transfer->too_large_ = true;
    return CURL_WRITEFUNC_ERROR;
  }
  transfer->answer_.body.append(chunk.data(), chunk.size());
  return chunk.size();
}

size_t Transfer::OnHeader(char* data, size_t size, size_t count, void* self) {
  auto* transfer = static_cast<Transfer*>(self);
  const absl::string_view line(data, size * count);
  // A redirection's headers are not the answer's.
  if (absl::StartsWith(line, "HTTP/")) transfer->answer_.headers.clear();
  if (line == "\r\n") transfer->TellStatus();
  const size_t colon = line.find(':');
  if (colon != absl::string_view::npos) {
    transfer->answer_.headers[absl::AsciiStrToLower(line.substr(0, colon))] =
        std::string(absl::StripAsciiWhitespace(line.substr(colon + 1)));
  }
  return line.size();
}

size_t Transfer::OnRead(char* data, size_t size, size_t count, void* self) {
  return static_cast<Transfer*>(self)
      ->request_.give_body(data, size * count)
      .value_or(CURL_READFUNC_ABORT);
}

int Transfer::OnProgress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(self)->request_.cancelled() ? 1 : 0;
}

void Transfer::TellStatus() {
  if (!request_.take_status || Status() < kFirstFinalStatus) return;
  if (!std::exchange(told_status_, true)) request_.take_status(Status());
}

int Transfer::Status() const {
  long status = 0;
  curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
  return static_cast<int>(status);
}

Outcome Transfer::Finish(CURLcode code) {
  if (request_.cancelled && request_.cancelled()) return absl::CancelledError("cancelled");
  if (too_large_) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the answer is larger than ", request_.max_answer_bytes, " bytes"));
  }
  if (code != CURLE_OK) return StatusOf(code);
  answer_.status = Status();
  return std::move(answer_);
}

std::string SystemCaFile() {
  PrepareCurl();
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle(curl_easy_init(),
                                                                   curl_easy_cleanup);
  DIEGO_CHECK(handle != nullptr);
  const char* file = nullptr;
  curl_easy_getinfo(handle.get(), CURLINFO_CAINFO, &file);
  return file == nullptr ? "" : file;
}

Outcome Perform(const Request& request) {
  Transfer transfer(request);
  return transfer.Finish(curl_easy_perform(transfer.handle()));
}

}  // namespace diego::http_client
