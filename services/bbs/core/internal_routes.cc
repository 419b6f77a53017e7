#include "services/bbs/core/internal_routes.h"

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace diego::bbs {
namespace {

// Reads [{"hostname":"a",…},…]: just enough JSON for that, as cores use no JSON library. Every
// reader returns nullopt or false at the first thing that is not well-formed.
class HostnameReader {
 public:
  explicit HostnameReader(absl::string_view text) : text_(text) {}

  std::optional<std::vector<std::string>> Read() {
    std::vector<std::string> hostnames;
    const bool read = List('[', ']', [&] { return Route(&hostnames); });
    Space();
    if (!read || at_ != text_.size()) return std::nullopt;
    return hostnames;
  }

 private:
  static constexpr int kDepthLimit = 32;

  void Space() {
    while (at_ < text_.size() && absl::ascii_isspace(text_[at_])) ++at_;
  }
  bool Take(char wanted) {
    Space();
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  template <typename Item>
  bool List(char open, char close, const Item& item) {
    if (!Take(open)) return false;
    if (Take(close)) return true;
    do {
      if (!item()) return false;
    } while (Take(','));
    return Take(close);
  }
  bool Route(std::vector<std::string>* hostnames) {
    return List('{', '}', [&] {
      const std::optional<std::string> name = Text();
      if (!name || !Take(':')) return false;
      if (*name != "hostname") return Skip(0);
      const std::optional<std::string> hostname = Text();
      if (hostname) hostnames->push_back(*hostname);
      return hostname.has_value();
    });
  }
  // Any value, looked past.
  bool Skip(int depth) {
    Space();
    if (at_ >= text_.size() || depth > kDepthLimit) return false;
    switch (text_[at_]) {
      case '"': return Text().has_value();
      case '[': return List('[', ']', [&] { return Skip(depth + 1); });
      case '{':
        return List('{', '}', [&] { return Text().has_value() && Take(':') && Skip(depth + 1); });
      default: break;
    }
    const size_t start = at_;
    while (at_ < text_.size() &&
           (absl::ascii_isalnum(text_[at_]) || absl::StrContains("+-.", text_.substr(at_, 1)))) {
      ++at_;
    }
    return at_ > start;
  }
  std::optional<std::string> Text() {
    if (!Take('"')) return std::nullopt;
    std::string out;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') return out;
      if (c != '\\') {
        out.push_back(c);
      } else if (!Escape(&out)) {
        return std::nullopt;
      }
    }
    return std::nullopt;
  }
  // After a backslash. Control characters and those beyond ASCII, which no hostname has, come out
  // as
  // '?'.
  bool Escape(std::string* out) {
    if (at_ >= text_.size()) return false;
    const char c = text_[at_++];
    if (c == 'u') {
      uint32_t code = 0;
      if (at_ + 4 > text_.size() || !absl::SimpleHexAtoi(text_.substr(at_, 4), &code)) return false;
      at_ += 4;
      out->push_back(code >= 0x20 && code < 0x7f ? static_cast<char>(code) : '?');
      return true;
    }
    if (!absl::StrContains("\"\\/bfnrt", absl::string_view(&c, 1))) return false;
    out->push_back(c == '"' || c == '\\' || c == '/' ? c : '?');
    return true;
  }

  absl::string_view text_;
  size_t at_ = 0;
};

}  // namespace

std::vector<std::string> InternalRouteHostnames(const Routes& routes) {
  const auto entry = routes.find(kInternalRouter);
  if (entry == routes.end()) return {};
  return HostnameReader(entry->second).Read().value_or(std::vector<std::string>());
}

std::map<std::string, std::string> ResolvedMetricTags(const MetricTags& tags,
                                                      const ActualLrp& lrp) {
  std::map<std::string, std::string> resolved;
  for (const auto& [name, value] : tags) {
    switch (value.dynamic) {
      case MetricTagValue::Dynamic::kIndex: resolved[name] = absl::StrCat(lrp.key.index); break;
      case MetricTagValue::Dynamic::kInstanceGuid:
        resolved[name] = lrp.instance.instance_guid.value();
        break;
      case MetricTagValue::Dynamic::kInvalid: resolved[name] = value.static_value; break;
    }
  }
  return resolved;
}

}  // namespace diego::bbs
