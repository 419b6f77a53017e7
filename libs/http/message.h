// What handlers of HTTP requests are given, and what they answer.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/rpc/identity.h"

namespace diego::http {

struct Header {
  std::string name;
  std::string value;
};

struct Request {
  std::string method;  // "POST"
  std::string path;    // as sent, percent signs and all, without the query: "/v1/ping"
  std::string query;   // behind the question mark
  std::vector<Header> headers;
  std::string body;
  // Who asks; nothing on plain HTTP.
  std::optional<rpc::PeerIdentity> peer;
  // What stood in the place of a pattern's parameters, percent signs decoded; filled in by Router.
  std::vector<Header> parameters;

  // The first header of that name in any case; "" when there is none.
  absl::string_view header(absl::string_view name) const;
  absl::string_view parameter(absl::string_view name) const;
};

// Content-Length, Date and Connection are added by the server. Names and values must not hold line
// breaks.
struct Response {
  int status = 200;
  std::string content_type = {};  // none when empty
  std::string body = {};
  std::vector<Header> headers = {};
};

// `text` and a line break as plain text, with the headers that Go's http.Error gives it.
Response TextResponse(int status, absl::string_view text);

// "Not Found" for 404; "" for what is no status.
absl::string_view ReasonPhrase(int status);

}  // namespace diego::http
