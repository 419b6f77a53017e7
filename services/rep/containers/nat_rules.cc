#include "services/rep/containers/nat_rules.h"

#include <set>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace diego::rep {
namespace {

constexpr absl::string_view kDnatChain = "CNI-HOSTPORT-DNAT";
constexpr absl::string_view kSharedChains[] = {"CNI-HOSTPORT-DNAT", "CNI-HOSTPORT-SETMARK",
                                               "CNI-HOSTPORT-MASQ"};

bool IsShared(absl::string_view chain) {
  for (absl::string_view shared : kSharedChains) {
    if (chain == shared) return true;
  }
  return false;
}

// The words of "-A CHAIN … -j TARGET …" that matter here.
struct Rule {
  absl::string_view chain;
  absl::string_view target;
};

Rule Parse(absl::string_view line) {
  Rule rule;
  const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] == "-A") rule.chain = words[i + 1];
    if (words[i] == "-j") rule.target = words[i + 1];
  }
  return rule;
}

std::string AsDeletion(absl::string_view line) { return absl::StrCat("-D", line.substr(2), "\n"); }

std::string Assemble(const std::string& deletions, const std::set<absl::string_view>& chains) {
  if (deletions.empty() && chains.empty()) return "";
  std::string text = absl::StrCat("*nat\n", deletions);
  for (absl::string_view chain : chains) absl::StrAppend(&text, "-F ", chain, "\n");
  for (absl::string_view chain : chains) absl::StrAppend(&text, "-X ", chain, "\n");
  return absl::StrCat(text, "COMMIT\n");
}

}  // namespace

std::string RemovalOfNetwork(absl::string_view saved, absl::string_view network_name) {
  const std::string mark = absl::StrCat("name: \\\"", network_name, "\\\" ");
  std::string deletions;
  std::set<absl::string_view> chains;
  for (absl::string_view line : absl::StrSplit(saved, '\n')) {
    if (!absl::StartsWith(line, "-A ") || !absl::StrContains(line, mark)) continue;
    const Rule rule = Parse(line);
    const auto is_own = [](absl::string_view chain) {
      return absl::StartsWith(chain, "CNI-") && !IsShared(chain);
    };
    if (is_own(rule.target)) chains.insert(rule.target);
    // Rules inside a chain of ours go with it.
    if (is_own(rule.chain)) {
      chains.insert(rule.chain);
    } else {
      absl::StrAppend(&deletions, AsDeletion(line));
    }
  }
  return Assemble(deletions, chains);
}

std::string RemovalOfSharedChains(absl::string_view saved) {
  std::string deletions;
  std::set<absl::string_view> chains;
  for (absl::string_view line : absl::StrSplit(saved, '\n')) {
    if (absl::StartsWith(line, ":")) {
      const absl::string_view chain = line.substr(1, line.find(' ') - 1);
      if (IsShared(chain)) chains.insert(chain);
    }
    if (!absl::StartsWith(line, "-A ")) continue;
    const Rule rule = Parse(line);
    if (rule.chain == kDnatChain) return "";
    if (IsShared(rule.target) && !IsShared(rule.chain)) {
      // A chain of some network that marks packets still needs them.
      if (absl::StartsWith(rule.chain, "CNI-")) return "";
      absl::StrAppend(&deletions, AsDeletion(line));
    }
  }
  return Assemble(deletions, chains);
}

}  // namespace diego::rep
