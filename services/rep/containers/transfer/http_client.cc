#include "services/rep/containers/transfer/http_client.h"

#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/base/status_util.h"
#include "libs/http_client/request.h"

namespace diego::rep {
namespace {

constexpr int kMostRedirections = 10;

bool WriteAll(int fd, absl::string_view data) {
  while (!data.empty()) {
    const ssize_t n = write(fd, data.data(), data.size());
    if (n < 0) return false;
    data.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

http_client::Request MakeRequest(const std::string& url, const HttpOptions& options,
                                 Cancellation& cancellation) {
  http_client::Request request;
  request.url = url;
  request.tls = {options.ca_certs_file, options.client_cert_file, options.client_key_file,
                 !options.skip_cert_verify};
  request.timeout = options.timeout;
  request.connect_timeout = request.idle_timeout = options.idle_timeout;
  request.redirects = kMostRedirections;
  request.cancelled = [&cancellation] { return cancellation.cancelled(); };
  return request;
}

// Whatever came between us and an answer may be better next time.
absl::StatusOr<http_client::Answer> Answered(const http_client::Request& request) {
  http_client::Outcome outcome = http_client::Perform(request);
  if (outcome.ok()) return *std::move(outcome);
  if (request.cancelled()) return absl::CancelledError("cancelled");
  return absl::UnavailableError(outcome.status().message());
}

absl::Status Refused(const http_client::Answer& answer) {
  return absl::FailedPreconditionError(absl::StrCat("status code ", answer.status));
}

}  // namespace

HttpClient::HttpClient(HttpOptions options) : options_(std::move(options)) {}

absl::StatusOr<HttpFetched> HttpClient::Get(const std::string& url, const HttpValidators& known,
                                            int fd, Cancellation& cancellation) const {
  if (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0) {
    return absl::InternalError("cannot rewind the file of a download");
  }
  http_client::Request request = MakeRequest(url, options_, cancellation);
  if (!known.etag.empty()) request.headers.push_back(absl::StrCat("If-None-Match: ", known.etag));
  if (!known.last_modified.empty()) {
    request.headers.push_back(absl::StrCat("If-Modified-Since: ", known.last_modified));
  }
  request.take_body = [fd](absl::string_view chunk) { return WriteAll(fd, chunk); };
  DIEGO_ASSIGN_OR_RETURN(http_client::Answer answer, Answered(request));
  HttpFetched fetched;
  fetched.not_modified = answer.status == 304;
  if (answer.status != 200 && answer.status != 304) return Refused(answer);
  fetched.bytes = fetched.not_modified ? 0 : answer.body_bytes;
  fetched.validators = {answer.headers["etag"], answer.headers["last-modified"]};
  return fetched;
}

absl::Status HttpClient::Post(const std::string& url, int fd, uint64_t bytes,
                              Cancellation& cancellation) const {
  if (lseek(fd, 0, SEEK_SET) != 0) return absl::InternalError("cannot rewind an upload");
  http_client::Request request = MakeRequest(url, options_, cancellation);
  request.method = "POST";
  request.headers = {"Content-Type: application/octet-stream"};
  request.give_bytes = bytes;
  request.give_body = [fd](char* buffer, size_t size) -> std::optional<size_t> {
    const ssize_t n = read(fd, buffer, size);
    if (n < 0) return std::nullopt;
    return static_cast<size_t>(n);
  };
  request.take_body = [](absl::string_view) { return true; };
  DIEGO_ASSIGN_OR_RETURN(const http_client::Answer answer, Answered(request));
  return answer.status / 100 == 2 ? absl::OkStatus() : Refused(answer);
}

}  // namespace diego::rep
