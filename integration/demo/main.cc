// diego-demo: see the usage text below, or run `./dev demo`.
#include <cstdio>
#include <filesystem>
#include <string>

#include "integration/demo/demo.h"

namespace {

constexpr char kHelp[] =
    "Usage: diego-demo [--store sqlite|mysql] [--keep] [--dir DIR]\n"
    "\n"
    "Brings up a whole deployment on loopback and shows it at work, step by step.\n"
    "  --store sqlite|mysql  the embedded store (default), or a private MariaDB server\n"
    "  --keep                leave it running at the end and print how to talk to it\n"
    "  --dir DIR             put everything below DIR (kept) instead of a fresh directory in /tmp\n"
    "\n"
    "Needs root: containers are real. Ends with status 1 if a step fails.\n";

int Usage(FILE* out, int status) {
  std::fputs(kHelp, out);
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  diego::demo::DemoOptions options;
  const std::filesystem::path self = std::filesystem::canonical("/proc/self/exe");
  options.bin_dir = self.parent_path();
  // bin/ is build/<preset>/bin in the source tree.
  options.examples_dir = self.parent_path() / "../../../deploy/examples";
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    const std::string value = i + 1 < argc ? argv[i + 1] : "";
    if (flag == "--help" || flag == "-h") return Usage(stdout, 0);
    if (flag == "--keep") {
      options.keep = true;
    } else if (flag == "--store" && (value == "sqlite" || value == "mysql")) {
      options.store =
          value == "mysql" ? diego::harness::Store::kMysql : diego::harness::Store::kSqlite;
      ++i;
    } else if (flag == "--dir" && !value.empty()) {
      options.directory = std::filesystem::absolute(value);
      ++i;
    } else {
      std::fprintf(stderr, "diego-demo: cannot make sense of '%s'\n", flag.c_str());
      return Usage(stderr, 2);
    }
  }
  diego::demo::Demo demo(options);
  if (const absl::Status status = demo.Run(); !status.ok()) {
    std::printf("\nThe demo failed: %s\nLogs of every process are in %s/logs\n",
                std::string(status.message()).c_str(), demo.directory().c_str());
    return 1;
  }
  return 0;
}
