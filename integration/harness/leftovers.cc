#include "integration/harness/leftovers.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "integration/harness/process.h"

namespace diego::harness {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// This process and those it descends from: a shell may have the directory among its arguments.
std::set<std::string> OwnLine() {
  std::set<std::string> line;
  std::string pid = absl::StrCat(getpid());
  while (pid != "0" && line.insert(pid).second) {
    const std::string stat = ReadFile(fs::path("/proc") / pid / "stat");
    // "pid (name) state ppid …", and the name may hold anything.
    const std::vector<std::string> rest =
        absl::StrSplit(stat.substr(std::min(stat.size(), stat.rfind(')') + 2)), ' ');
    if (rest.size() < 2) break;
    pid = rest[1];
  }
  return line;
}

void FindProcesses(const std::string& directory, std::vector<std::string>* found) {
  const std::set<std::string> own = OwnLine();
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    if (!std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isdigit(c); }))
      continue;
    if (own.count(name) > 0) continue;
    std::string command = ReadFile(entry.path() / "cmdline");
    std::replace(command.begin(), command.end(), '\0', ' ');
    if (absl::StrContains(command, directory)) {
      found->push_back(absl::StrCat("process ", name, ": ", command));
    }
  }
}

// The lines of a command's output that mention one of `words`.
void FindLines(const std::vector<std::string>& argv, const std::string& kind,
               const std::vector<std::string>& words, std::vector<std::string>* found) {
  const auto output = RunCommand(argv, absl::Seconds(10));
  if (!output.ok()) return;
  for (absl::string_view line : absl::StrSplit(*output, '\n')) {
    for (const std::string& word : words) {
      if (!absl::StrContains(line, word)) continue;
      found->push_back(absl::StrCat(kind, " ", line));
      break;
    }
  }
}

struct CellNetwork {
  std::string bridge;
  std::string subnet_prefix;  // "10.200.3."
};

std::vector<CellNetwork> NetworksOf(const std::string& directory) {
  std::vector<CellNetwork> networks;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory + "/config", error)) {
    if (!absl::StartsWith(entry.path().filename().string(), "cell-")) continue;
    const auto config = nlohmann::json::parse(ReadFile(entry.path()), nullptr, false);
    if (!config.is_object()) continue;
    const std::string subnet = config.value("subnet", "");
    networks.push_back({config.value("bridge_name", ""), subnet.substr(0, subnet.rfind('.') + 1)});
  }
  return networks;
}

}  // namespace

std::vector<std::string> LeftoversOf(const std::string& directory) {
  std::vector<std::string> found;
  FindProcesses(directory, &found);
  FindLines({"cat", "/proc/self/mountinfo"}, "mount", {directory}, &found);
  std::vector<std::string> words;
  for (const CellNetwork& network : NetworksOf(directory)) {
    if (!network.bridge.empty()) words.push_back(network.bridge);
    if (!network.subnet_prefix.empty()) words.push_back(network.subnet_prefix);
  }
  FindLines({"ip", "-o", "address"}, "interface", words, &found);
  FindLines({"ip", "-o", "link"}, "interface", words, &found);
  FindLines({"iptables-save"}, "iptables", words, &found);
  return found;
}

}  // namespace diego::harness
