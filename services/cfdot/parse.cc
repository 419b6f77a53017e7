#include "services/cfdot/parse.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"
#include "libs/config/duration.h"
#include "services/cfdot/failure.h"

namespace diego::cfdot {
namespace {

constexpr Flag kHelp = {"help", 'h', FlagKind::kBool, "", "say what the command does"};
constexpr Flag kOutput = {"output", 'o', FlagKind::kText, "json|table",
                          "json: a value a line (default); table: for people"};
constexpr Flag kBbsUrl = {"bbsURL",
                          0,
                          FlagKind::kText,
                          "URL",
                          "https://host:port of the BBS, or host:port of all of them with commas",
                          "BBS_URL"};
constexpr Flag kTimeout = {
    "timeout",      0, FlagKind::kInteger, "SECONDS", "longest wait for the BBS; 0: none",
    "CFDOT_TIMEOUT"};
constexpr Flag kLocket = {"locketAPILocation",  0, FlagKind::kText, "HOST:PORT", "where Locket is",
                          "LOCKET_API_LOCATION"};
constexpr Flag kSkipVerify = {
    "skipCertVerify",  0, FlagKind::kBool, "", "do not check the server's certificate",
    "SKIP_CERT_VERIFY"};
constexpr Flag kCaFile = {
    "caCertFile", 0, FlagKind::kText, "FILE", "CA certificate of the servers", "CA_CERT_FILE"};
constexpr Flag kCertFile = {"clientCertFile",  0, FlagKind::kText, "FILE", "our certificate",
                            "CLIENT_CERT_FILE"};
constexpr Flag kKeyFile = {"clientKeyFile",  0, FlagKind::kText, "FILE", "our private key",
                           "CLIENT_KEY_FILE"};

bool HasFlag(const std::vector<Flag>& flags, absl::string_view name, char shorthand) {
  return std::any_of(flags.begin(), flags.end(), [&](const Flag& flag) {
    return flag.name == name || (shorthand != 0 && flag.shorthand == shorthand);
  });
}

// An argument that only looks like a flag: "-" and numbers.
bool IsArgument(absl::string_view word) {
  if (!absl::StartsWith(word, "-") || word == "-") return true;
  return absl::ascii_isdigit(word[1]) != 0;
}

std::string Both(const Flag& flag) {
  if (flag.shorthand == 0) return absl::StrCat("--", flag.name);
  return absl::StrCat("-", std::string(1, flag.shorthand), ", --", flag.name);
}

// What is wrong with the value, or "".
std::string ValueFault(const Flag& flag, const std::string& value) {
  bool truth = false;
  int64_t number = 0;
  switch (flag.kind) {
    case FlagKind::kText: return "";
    case FlagKind::kBool:
      return absl::SimpleAtob(value, &truth) ? "" : "it should be true or false";
    case FlagKind::kInteger:
      return absl::SimpleAtoi(value, &number) ? "" : "it should be a whole number";
    case FlagKind::kDuration: {
      const auto duration = config::ParseGoDuration(value);
      return duration.ok() ? "" : std::string(duration.status().message());
    }
  }
  return "";
}

// Reads the flags of one command line.
class FlagReader {
 public:
  FlagReader(std::vector<Flag> flags, Invocation* invocation)
      : flags_(std::move(flags)), invocation_(invocation) {}

  // `word` starts with a dash; `next` is the word behind it, if any. Sets `*took_next`.
  absl::Status Read(const std::string& word, const std::string* next, bool* took_next) {
    *took_next = false;
    return absl::StartsWith(word, "--") ? ReadLong(word.substr(2), next, took_next)
                                        : ReadShort(word.substr(1), next, took_next);
  }

 private:
  absl::Status ReadLong(const std::string& text, const std::string* next, bool* took_next) {
    const size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    const auto flag =
        std::find_if(flags_.begin(), flags_.end(), [&](const Flag& f) { return f.name == name; });
    if (flag == flags_.end()) return UnknownFlag(name);
    if (equals != std::string::npos) return Set(*flag, text.substr(equals + 1), false);
    if (flag->kind == FlagKind::kBool) return Set(*flag, "true", false);
    if (next == nullptr) return Invalid(absl::StrCat("flag needs an argument: --", name));
    *took_next = true;
    return Set(*flag, *next, false);
  }

  absl::Status ReadShort(const std::string& letters, const std::string* next, bool* took_next) {
    for (size_t i = 0; i < letters.size(); ++i) {
      const auto flag = std::find_if(flags_.begin(), flags_.end(), [&](const Flag& f) {
        return f.shorthand != 0 && f.shorthand == letters[i];
      });
      if (flag == flags_.end()) {
        return Invalid(
            absl::StrCat("unknown shorthand flag: '", letters.substr(i, 1), "' in -", letters));
      }
      std::string rest = letters.substr(i + 1);
      if (flag->kind == FlagKind::kBool) {
        DIEGO_RETURN_IF_ERROR(Set(*flag, "true", true));
        continue;
      }
      if (absl::StartsWith(rest, "=")) rest = rest.substr(1);
      if (!rest.empty()) return Set(*flag, rest, true);
      if (next == nullptr) {
        return Invalid(
            absl::StrCat("flag needs an argument: '", letters.substr(i, 1), "' in -", letters));
      }
      *took_next = true;
      return Set(*flag, *next, true);
    }
    return absl::OkStatus();
  }

  absl::Status Set(const Flag& flag, std::string value, bool is_short) {
    const std::string name(flag.name);
    const auto earlier = is_short_.find(name);
    if (earlier != is_short_.end() && earlier->second != is_short) {
      return Invalid(absl::StrCat("Only one of -", std::string(1, flag.shorthand), " and --", name,
                                  " should be passed"));
    }
    is_short_[name] = is_short;
    if (const std::string fault = ValueFault(flag, value); !fault.empty()) {
      return Invalid(
          absl::StrCat("invalid argument \"", value, "\" for \"", Both(flag), "\" flag: ", fault));
    }
    if (flag.kind == FlagKind::kBool) {
      bool truth = false;
      static_cast<void>(absl::SimpleAtob(value, &truth));
      value = truth ? "true" : "false";
    }
    if (name == "help") invocation_->help = value == "true";
    invocation_->flags[name] = std::move(value);
    return absl::OkStatus();
  }

  absl::Status UnknownFlag(const std::string& name) const {
    std::vector<std::string> names;
    for (const Flag& flag : flags_) names.emplace_back(flag.name);
    const std::string near = Nearest(name, names);
    return Invalid(absl::StrCat("unknown flag: --", name,
                                near.empty() ? "" : absl::StrCat(". Did you mean --", near, "?")));
  }

  const std::vector<Flag> flags_;
  Invocation* const invocation_;
  std::map<std::string, bool> is_short_;
};

// The first word that is no flag and no flag's value; connection flags may stand before it.
size_t PositionOfCommand(absl::Span<const std::string> words) {
  Command any;
  any.peers = Peers::kBbs;
  std::vector<Flag> flags = AllFlags(any);
  flags.push_back(kLocket);
  for (size_t i = 0; i < words.size(); ++i) {
    if (IsArgument(words[i])) return i;
    const bool takes_value = std::any_of(flags.begin(), flags.end(), [&](const Flag& flag) {
      return flag.kind != FlagKind::kBool &&
             (words[i] == absl::StrCat("--", flag.name) ||
              (flag.shorthand != 0 &&
               words[i] == absl::StrCat("-", std::string(1, flag.shorthand))));
    });
    if (takes_value) ++i;
  }
  return words.size();
}

// Letters to insert, leave out, replace or swap with the next.
size_t Distance(absl::string_view a, absl::string_view b) {
  std::vector<std::vector<size_t>> table(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        table[i][j] = i + j;
        continue;
      }
      const size_t replaced = table[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      table[i][j] = std::min({replaced, table[i - 1][j] + 1, table[i][j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        table[i][j] = std::min(table[i][j], table[i - 2][j - 2] + 1);
      }
    }
  }
  return table[a.size()][b.size()];
}

}  // namespace

std::vector<Flag> AllFlags(const Command& command) {
  std::vector<Flag> flags = command.flags;
  switch (command.peers) {
    case Peers::kNone: break;
    case Peers::kBbs: flags.insert(flags.end(), {kBbsUrl, kTimeout}); break;
    case Peers::kBbsStream: flags.push_back(kBbsUrl); break;
    case Peers::kLocket: flags.push_back(kLocket); break;
  }
  if (command.peers != Peers::kNone) {
    flags.insert(flags.end(), {kCaFile, kCertFile, kKeyFile, kSkipVerify});
    if (!HasFlag(flags, "output", 'o')) flags.push_back(kOutput);
  }
  flags.push_back(kHelp);
  return flags;
}

const Command* FindCommand(absl::string_view name, absl::Span<const Command> commands) {
  for (const Command& command : commands) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

absl::Status UnknownCommand(absl::string_view name, absl::Span<const Command> commands) {
  std::vector<std::string> names;
  for (const Command& command : commands) names.emplace_back(command.name);
  const std::string near = Nearest(name, names);
  return Invalid(absl::StrCat("'", name, "' is not a valid command",
                              near.empty() ? "" : absl::StrCat(". Did you mean '", near, "'?")));
}

std::string Nearest(absl::string_view word, absl::Span<const std::string> candidates) {
  const std::string wanted = absl::AsciiStrToLower(word);
  std::string best;
  size_t best_distance = std::max<size_t>(2, wanted.size() / 4) + 1;
  for (const std::string& candidate : candidates) {
    const size_t distance = Distance(wanted, absl::AsciiStrToLower(candidate));
    if (distance < best_distance && distance < wanted.size()) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

absl::Status Parse(absl::Span<const std::string> words, absl::Span<const Command> commands,
                   Invocation* invocation) {
  const size_t at = PositionOfCommand(words);
  if (at < words.size()) {
    invocation->command = FindCommand(words[at], commands);
    if (invocation->command == nullptr) return UnknownCommand(words[at], commands);
  }
  Command none;
  none.flags = {{"version", 0, FlagKind::kBool, "", "print the version"}};
  FlagReader reader(AllFlags(invocation->command ? *invocation->command : none), invocation);
  bool only_arguments = false;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i == at) continue;
    if (!only_arguments && words[i] == "--") {
      only_arguments = true;
    } else if (only_arguments || IsArgument(words[i])) {
      invocation->arguments.push_back(words[i]);
    } else {
      bool took_next = false;
      const std::string* next = i + 1 < words.size() && i + 1 != at ? &words[i + 1] : nullptr;
      DIEGO_RETURN_IF_ERROR(reader.Read(words[i], next, &took_next));
      if (took_next) ++i;
    }
  }
  return absl::OkStatus();
}

}  // namespace diego::cfdot
