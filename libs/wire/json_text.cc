#include "libs/wire/json_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/match.h"

namespace diego::wire {
namespace {

constexpr char kLineSeparator[] = "\xe2\x80\xa8";
constexpr char kParagraphSeparator[] = "\xe2\x80\xa9";

// Appends valid JSON text with the escapes that Go adds; its tokens hold none of these characters
// outside of strings.
void AppendEscapedForHtml(absl::string_view json, std::string* out) {
  for (size_t i = 0; i < json.size(); ++i) {
    switch (json[i]) {
      case '<': out->append("\\u003c"); break;
      case '>': out->append("\\u003e"); break;
      case '&': out->append("\\u0026"); break;
      case '\xe2':
        if (absl::StartsWith(json.substr(i), kLineSeparator)) {
          out->append("\\u2028");
          i += 2;
        } else if (absl::StartsWith(json.substr(i), kParagraphSeparator)) {
          out->append("\\u2029");
          i += 2;
        } else {
          out->push_back(json[i]);
        }
        break;
      default: out->push_back(json[i]);
    }
  }
}

// Calls visit(c, in_string) for each character.
template <typename Visit>
void ForEachCharacter(absl::string_view json, Visit visit) {
  bool in_string = false;
  bool escaped = false;
  for (const char c : json) {
    const bool was_in_string = in_string;
    if (in_string) {
      if (escaped) {
        escaped = false;
      } else if (c == '\\') {
        escaped = true;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    }
    visit(c, was_in_string);
  }
}

}  // namespace

void AppendJsonString(absl::string_view text, std::string* out) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return c >= ' ' && c < 127 && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&';
  });
  if (plain) {
    out->push_back('"');
    out->append(text.data(), text.size());
    out->push_back('"');
    return;
  }
  const nlohmann::json value(std::string(text.data(), text.size()));
  AppendEscapedForHtml(value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), out);
}

void AppendRawJson(absl::string_view text, std::string* out) {
  if (text.empty()) {
    out->append("null");
    return;
  }
  if (NestsTooDeeply(text) || !nlohmann::json::accept(text.begin(), text.end())) {
    return AppendJsonString(text, out);
  }
  std::string compact;
  compact.reserve(text.size());
  ForEachCharacter(text, [&compact](char c, bool in_string) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (in_string || !blank) compact.push_back(c);
  });
  AppendEscapedForHtml(compact, out);
}

bool NestsTooDeeply(absl::string_view text) {
  int depth = 0;
  int deepest = 0;
  ForEachCharacter(text, [&](char c, bool in_string) {
    if (in_string) return;
    if (c == '{' || c == '[') deepest = std::max(deepest, ++depth);
    if (c == '}' || c == ']') --depth;
  });
  return deepest > kJsonDepthLimit;
}

}  // namespace diego::wire
