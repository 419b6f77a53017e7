#include "services/rep/containers/transfer/http_client.h"

#include <curl/curl.h>
#include <unistd.h>

#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace diego::rep {
namespace {

using Curl = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using Headers = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

size_t WriteBody(char* data, size_t size, size_t count, void* target) {
  const size_t bytes = size * count;
  size_t done = 0;
  while (done < bytes) {
    const ssize_t n = write(*static_cast<int*>(target), data + done, bytes - done);
    if (n < 0) return 0;
    done += n;
  }
  return bytes;
}

size_t ReadBody(char* data, size_t size, size_t count, void* source) {
  const ssize_t n = read(*static_cast<int*>(source), data, size * count);
  return n < 0 ? CURL_READFUNC_ABORT : static_cast<size_t>(n);
}

size_t ReadHeader(char* data, size_t size, size_t count, void* target) {
  auto* validators = static_cast<HttpValidators*>(target);
  const absl::string_view line(data, size * count);
  // A redirection's headers are not the file's.
  if (absl::StartsWith(line, "HTTP/")) *validators = {};
  const size_t colon = line.find(':');
  if (colon != absl::string_view::npos) {
    const std::string name = absl::AsciiStrToLower(line.substr(0, colon));
    const std::string value(absl::StripAsciiWhitespace(line.substr(colon + 1)));
    if (name == "etag") validators->etag = value;
    if (name == "last-modified") validators->last_modified = value;
  }
  return size * count;
}

int OnProgress(void* cancellation, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Cancellation*>(cancellation)->cancelled() ? 1 : 0;
}

Curl MakeRequest(const std::string& url, const HttpOptions& options, Cancellation& cancellation) {
  Curl curl(curl_easy_init(), curl_easy_cleanup);
  CURL* c = curl.get();
  curl_easy_setopt(c, CURLOPT_URL, url.c_str());
  curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(c, CURLOPT_MAXREDIRS, 10L);
  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(c, CURLOPT_TIMEOUT_MS,
                   static_cast<long>(absl::ToInt64Milliseconds(options.timeout)));
  curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(absl::ToInt64Milliseconds(options.idle_timeout)));
  curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME,
                   static_cast<long>(absl::ToInt64Seconds(options.idle_timeout)));
  curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, OnProgress);
  curl_easy_setopt(c, CURLOPT_XFERINFODATA, &cancellation);
  if (options.skip_cert_verify) {
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
  }
  const auto set_file = [c](CURLoption option, const std::string& path) {
    if (!path.empty()) curl_easy_setopt(c, option, path.c_str());
  };
  set_file(CURLOPT_CAINFO, options.ca_certs_file);
  set_file(CURLOPT_SSLCERT, options.client_cert_file);
  set_file(CURLOPT_SSLKEY, options.client_key_file);
  return curl;
}

void Append(Headers& headers, const std::string& line) {
  headers.reset(curl_slist_append(headers.release(), line.c_str()));
}

// The status of the reply, or why there is none.
absl::StatusOr<long> Perform(CURL* curl, Cancellation& cancellation) {
  const CURLcode code = curl_easy_perform(curl);
  if (cancellation.cancelled()) return absl::CancelledError("cancelled");
  if (code != CURLE_OK) return absl::UnavailableError(curl_easy_strerror(code));
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

}  // namespace

HttpClient::HttpClient(HttpOptions options) : options_(std::move(options)) {
  curl_global_init(CURL_GLOBAL_DEFAULT);  // counted and thread-safe since libcurl 7.84
}

absl::StatusOr<HttpFetched> HttpClient::Get(const std::string& url, const HttpValidators& known,
                                            int fd, Cancellation& cancellation) const {
  if (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0) {
    return absl::InternalError("cannot rewind the file of a download");
  }
  HttpFetched fetched;
  const Curl curl = MakeRequest(url, options_, cancellation);
  Headers headers(nullptr, curl_slist_free_all);
  if (!known.etag.empty()) Append(headers, absl::StrCat("If-None-Match: ", known.etag));
  if (!known.last_modified.empty()) {
    Append(headers, absl::StrCat("If-Modified-Since: ", known.last_modified));
  }
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, WriteBody);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &fd);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERFUNCTION, ReadHeader);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, &fetched.validators);
  const absl::StatusOr<long> status = Perform(curl.get(), cancellation);
  if (!status.ok()) return status.status();
  if (*status == 304) {
    fetched.not_modified = true;
    return fetched;
  }
  if (*status != 200) {
    return absl::FailedPreconditionError(absl::StrCat("status code ", *status));
  }
  curl_off_t bytes = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_SIZE_DOWNLOAD_T, &bytes);
  fetched.bytes = static_cast<uint64_t>(bytes);
  return fetched;
}

absl::Status HttpClient::Post(const std::string& url, int fd, uint64_t bytes,
                              Cancellation& cancellation) const {
  if (lseek(fd, 0, SEEK_SET) != 0) return absl::InternalError("cannot rewind an upload");
  const Curl curl = MakeRequest(url, options_, cancellation);
  Headers headers(nullptr, curl_slist_free_all);
  Append(headers, "Content-Type: application/octet-stream");
  Append(headers, "Expect:");
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl.get(), CURLOPT_POST, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(bytes));
  curl_easy_setopt(curl.get(), CURLOPT_READFUNCTION, ReadBody);
  curl_easy_setopt(curl.get(), CURLOPT_READDATA, &fd);
  curl_easy_setopt(
      curl.get(), CURLOPT_WRITEFUNCTION,
      +[](char*, size_t size, size_t count, void*) { return size * count; });
  const absl::StatusOr<long> status = Perform(curl.get(), cancellation);
  if (!status.ok()) return status.status();
  if (*status / 100 == 2) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("status code ", *status));
}

}  // namespace diego::rep
