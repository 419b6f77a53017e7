#include "libs/http/router.h"

#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace diego::http {
namespace {

std::vector<std::string> SegmentsOf(absl::string_view path) {
  absl::ConsumePrefix(&path, "/");
  return absl::StrSplit(path, '/');
}

// What is no proper escape stays as it is.
std::string Decode(absl::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && absl::ascii_isxdigit(text[i + 1]) &&
        absl::ascii_isxdigit(text[i + 2])) {
      decoded += absl::HexStringToBytes(text.substr(i + 1, 2));
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

bool Matches(const std::vector<std::string>& pattern, const std::vector<std::string>& segments,
             std::vector<Header>* parameters) {
  if (pattern.size() != segments.size()) return false;
  parameters->clear();
  for (size_t i = 0; i < pattern.size(); ++i) {
    absl::string_view expected = pattern[i];
    if (absl::ConsumePrefix(&expected, ":")) {
      if (segments[i].empty()) return false;
      parameters->push_back({std::string(expected), Decode(segments[i])});
    } else if (expected != segments[i]) {
      return false;
    }
  }
  return true;
}

}  // namespace

void Router::Add(std::string method, absl::string_view pattern, Handler handler) {
  entries_.push_back({std::move(method), SegmentsOf(pattern), std::move(handler)});
}

void Router::Route(Request request, Responder responder) const {
  const std::vector<std::string> segments = SegmentsOf(request.path);
  std::vector<std::string> allowed;
  std::vector<Header> parameters;
  for (const Entry& entry : entries_) {
    if (!Matches(entry.segments, segments, &parameters)) continue;
    if (entry.method != request.method) {
      allowed.push_back(entry.method);
      continue;
    }
    request.parameters = std::move(parameters);
    return entry.handler(std::move(request), std::move(responder));
  }
  if (allowed.empty()) return responder.Send(TextResponse(404, "404 page not found"));
  Response response = TextResponse(405, "Method Not Allowed");
  response.headers.push_back({"Allow", absl::StrJoin(allowed, ", ")});
  responder.Send(std::move(response));
}

Handler Router::ToHandler() const {
  return [router = std::make_shared<const Router>(*this)](Request request, Responder responder) {
    router->Route(std::move(request), std::move(responder));
  };
}

std::vector<std::string> Router::routes() const {
  std::vector<std::string> names;
  for (const Entry& entry : entries_) {
    names.push_back(absl::StrCat(entry.method, " /", absl::StrJoin(entry.segments, "/")));
  }
  return names;
}

}  // namespace diego::http
