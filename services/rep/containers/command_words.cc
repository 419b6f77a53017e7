#include "services/rep/containers/command_words.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace diego::rep {

absl::StatusOr<std::vector<std::string>> CommandWords(absl::string_view text) {
  constexpr char kNone = '\0';
  std::vector<std::string> words;
  std::optional<std::string> word;  // '' is one, too
  char quote = kNone;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == kNone && absl::ascii_isspace(static_cast<unsigned char>(c))) {
      if (word) words.push_back(*std::exchange(word, std::nullopt));
      continue;
    }
    if (!word) word.emplace();
    if (c == quote) {
      quote = kNone;
    } else if (quote == kNone && (c == '\'' || c == '"')) {
      quote = c;
    } else if (c == '\\' && quote != '\'') {
      if (++i == text.size()) return absl::InvalidArgumentError("ends with a backslash");
      word->push_back(text[i]);
    } else {
      word->push_back(c);
    }
  }
  if (quote != kNone) {
    return absl::InvalidArgumentError(
        absl::StrCat("has a ", std::string(1, quote), " that is not closed"));
  }
  if (word) words.push_back(*std::move(word));
  return words;
}

}  // namespace diego::rep
