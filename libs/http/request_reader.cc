#include "libs/http/request_reader.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace diego::http {
namespace {

namespace beast = boost::beast;

absl::string_view View(beast::string_view text) { return {text.data(), text.size()}; }

// The path and query of "/path?query", "http://host/path?query" or "*".
void SplitTarget(absl::string_view target, Request* request) {
  if (const size_t scheme = target.find("://");
      !absl::StartsWith(target, "/") && scheme != absl::string_view::npos) {
    const size_t slash = target.find('/', scheme + 3);
    target = slash == absl::string_view::npos ? "/" : target.substr(slash);
  }
  const size_t mark = target.find('?');
  request->path = std::string(target.substr(0, mark));
  if (mark != absl::string_view::npos) request->query = std::string(target.substr(mark + 1));
}

}  // namespace

struct RequestReader::Parser {
  beast::http::request_parser<beast::http::string_body> http;
  bool header_checked = false;
  bool told_to_continue = false;
};

RequestReader::RequestReader(const ReadLimits& limits) : limits_(limits) {}
RequestReader::~RequestReader() = default;

RequestReader::Result RequestReader::Fail(int status, absl::string_view text) {
  error_ = TextResponse(status, absl::StrCat(status, " ", ReasonPhrase(status), ": ", text));
  return Result::kFailed;
}

RequestReader::Result RequestReader::Read(absl::string_view bytes, size_t* used) {
  *used = 0;
  if (parser_ == nullptr) {
    // Line breaks before a request are to be overlooked (RFC 9112, 2.2).
    while (*used < bytes.size() && (bytes[*used] == '\r' || bytes[*used] == '\n')) ++*used;
    if (*used == bytes.size()) return Result::kMore;
    parser_ = std::make_unique<Parser>();
    parser_->http.header_limit(static_cast<uint32_t>(limits_.header_bytes));
    parser_->http.body_limit(limits_.body_bytes);
    parser_->http.eager(true);
  }
  while (*used < bytes.size()) {
    beast::error_code error;
    const size_t taken =
        parser_->http.put(boost::asio::buffer(bytes.data() + *used, bytes.size() - *used), error);
    *used += taken;
    if (error && error != beast::http::error::need_more) {
      if (error == beast::http::error::header_limit) {
        return Fail(431, absl::StrCat("at most ", limits_.header_bytes, " bytes of header"));
      }
      if (error == beast::http::error::body_limit) {
        return Fail(413, absl::StrCat("at most ", limits_.body_bytes, " bytes of body"));
      }
      return Fail(400, error.message());
    }
    if (parser_->http.is_header_done() && !parser_->header_checked) {
      parser_->header_checked = true;
      if (CheckHeader() == Result::kFailed) return Result::kFailed;
    }
    if (parser_->http.is_done()) return Result::kDone;
    if (error || taken == 0) break;
  }
  if (!parser_->http.is_header_done() && bytes.size() - *used > limits_.header_bytes) {
    return Fail(431, absl::StrCat("at most ", limits_.header_bytes, " bytes of header"));
  }
  return Result::kMore;
}

RequestReader::Result RequestReader::CheckHeader() {
  const auto& message = parser_->http.get();
  if (message.version() >= 11 && message.count(beast::http::field::host) != 1) {
    return Fail(400, "exactly one Host header is needed");
  }
  // What is neither would leave open where the request ends.
  if (message.count(beast::http::field::transfer_encoding) > 0 &&
      !absl::EqualsIgnoreCase(View(message[beast::http::field::transfer_encoding]), "chunked")) {
    return Fail(501, "the only transfer encoding is chunked");
  }
  if (message.count(beast::http::field::content_length) > 1) {
    return Fail(400, "more than one Content-Length");
  }
  if (message.count(beast::http::field::expect) > 0 &&
      !absl::EqualsIgnoreCase(View(message[beast::http::field::expect]), "100-continue")) {
    return Fail(417, "the only expectation is 100-continue");
  }
  return Result::kMore;
}

bool RequestReader::header_done() const { return parser_ && parser_->http.is_header_done(); }

bool RequestReader::TakeExpectsContinue() {
  if (!header_done() || parser_->told_to_continue || parser_->http.is_done()) return false;
  parser_->told_to_continue = true;
  return parser_->http.get().version() >= 11 &&
         parser_->http.get().count(beast::http::field::expect) > 0;
}

Request RequestReader::Take() {
  keep_alive_ = parser_->http.get().keep_alive();
  auto message = parser_->http.release();
  parser_.reset();
  Request request;
  request.method = std::string(View(message.method_string()));
  SplitTarget(View(message.target()), &request);
  for (const auto& field : message) {
    request.headers.push_back(
        {std::string(View(field.name_string())), std::string(View(field.value()))});
  }
  request.body = std::move(message.body());
  return request;
}

}  // namespace diego::http
