#include "libs/http/message.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace diego::http {

absl::string_view Request::header(absl::string_view name) const {
  for (const Header& header : headers) {
    if (absl::EqualsIgnoreCase(header.name, name)) return header.value;
  }
  return "";
}

absl::string_view Request::parameter(absl::string_view name) const {
  for (const Header& parameter : parameters) {
    if (parameter.name == name) return parameter.value;
  }
  return "";
}

Response TextResponse(int status, absl::string_view text) {
  return {status,
          "text/plain; charset=utf-8",
          absl::StrCat(text, "\n"),
          {{"X-Content-Type-Options", "nosniff"}}};
}

absl::string_view ReasonPhrase(int status) {
  switch (status) {
    case 100: return "Continue";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 413: return "Request Entity Too Large";
    case 417: return "Expectation Failed";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "";
  }
}

}  // namespace diego::http
