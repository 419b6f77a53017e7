#include "libs/config/command_line.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "libs/config/version.h"

namespace diego::config {
namespace {

constexpr int kExitRefused = 2;

struct Arguments {
  std::string config_path;
  bool check = false;
  bool print = false;
  bool help = false;
  bool version = false;
  std::vector<Flag> flags;
  std::string fault;
};

bool IsBool(const Schema& schema, const std::string& name) {
  const KeySpec* key = schema.Find(absl::StrReplaceAll(name, {{"-", "_"}}));
  return key != nullptr && key->is_bool();
}

// Takes one flag at argv[i] and advances i over what it used.
void TakeFlag(const Schema& schema, int argc, const char* const* argv, int* i, Arguments* out) {
  absl::string_view text = argv[*i];
  if (!absl::StartsWith(text, "-") || text == "-" || text == "--") {
    out->fault = absl::StrCat("\"", text, "\" is not a flag; every argument is --KEY VALUE");
    return;
  }
  text.remove_prefix(absl::StartsWith(text, "--") ? 2 : 1);
  const size_t equals = text.find('=');
  const std::string name(text.substr(0, equals));
  const bool has_value = equals != absl::string_view::npos;
  std::string value(has_value ? text.substr(equals + 1) : "");
  for (const auto& [word, place] :
       {std::pair{"check-config", &out->check}, std::pair{"print-config", &out->print},
        std::pair{"help", &out->help}, std::pair{"h", &out->help},
        std::pair{"version", &out->version}}) {
    if (name == word) {
      *place = true;
      return;
    }
  }
  if (!has_value && IsBool(schema, name)) {
    const absl::string_view next = *i + 1 < argc ? argv[*i + 1] : "";
    if (next == "true" || next == "false") ++*i;
    value = next == "false" ? "false" : "true";
  } else if (!has_value) {
    if (*i + 1 >= argc) {
      out->fault = absl::StrCat("--", name, " has no value; write --", name, " VALUE");
      return;
    }
    value = argv[++*i];
  }
  if (name == "config") {
    out->config_path = value;
  } else {
    out->flags.push_back({name, value});
  }
}

Arguments ParseArguments(const Schema& schema, int argc, const char* const* argv) {
  Arguments out;
  for (int i = 1; i < argc && out.fault.empty(); ++i) TakeFlag(schema, argc, argv, &i, &out);
  return out;
}

void WriteHelp(const Schema& schema, void* fresh_config, std::ostream& out) {
  out << schema.service() << " [--config FILE] [--KEY VALUE]...\n\n"
      << "  --config FILE   read the configuration from FILE (JSON)\n"
      << "  --check-config  say whether the configuration is good, and exit\n"
      << "  --print-config  print the configuration with secrets hidden, and exit\n"
      << "  --help          this text\n"
      << "  --version       print the version\n\n"
      << "Keys of FILE, each also a flag that beats FILE. Durations are written \"30s\", "
         "\"1m30s\";\n"
      << "addresses \"host:port\".\n\n"
      << DescribeKeys(schema, fresh_config);
}

bool ReadFile(const std::string& path, std::string* text) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    errno = EISDIR;
    return false;
  }
  std::ifstream file(path);
  if (!file) return false;
  text->assign(std::istreambuf_iterator<char>(file), {});
  return !file.bad();
}

int Refuse(std::ostream& err, absl::string_view text) {
  err << text << "\n";
  return kExitRefused;
}

}  // namespace

Start StartInto(const Schema& schema, int argc, const char* const* argv, std::ostream& out,
                std::ostream& err, void* config, void* fresh_config) {
  Start start;
  const Arguments arguments = ParseArguments(schema, argc, argv);
  if (arguments.help) {
    WriteHelp(schema, fresh_config, out);
    start.exit_code = 0;
    return start;
  }
  if (arguments.version) {
    out << schema.service() << " " << kVersion << "\n";
    start.exit_code = 0;
    return start;
  }
  if (!arguments.fault.empty()) {
    start.exit_code =
        Refuse(err, absl::StrCat(schema.service(), ": ", arguments.fault, " (see --help)"));
    return start;
  }
  std::string text;
  if (!arguments.config_path.empty()) {
    if (!ReadFile(arguments.config_path, &text)) {
      start.exit_code =
          Refuse(err, absl::StrCat(schema.service(), ": --config \"", arguments.config_path,
                                   "\" cannot be read: ", std::strerror(errno)));
      return start;
    }
    if (text.empty()) text = " ";  // an empty file is a fault; no file is not
  }
  const absl::Status status = ReadInto(schema, text, arguments.flags, config, &start.notices);
  if (!status.ok()) {
    start.exit_code = Refuse(err, std::string(status.message()));
    return start;
  }
  if (arguments.print) out << Print(schema, config);
  if (arguments.check && !arguments.print) {
    for (const Notice& notice : start.notices) {
      out << (notice.kind == Notice::Kind::kIgnored ? "ignored" : "bounded") << " key "
          << notice.key << ": " << notice.text << "\n";
    }
    out << schema.service() << ": configuration is good\n";
  }
  if (arguments.print || arguments.check) start.exit_code = 0;
  return start;
}

}  // namespace diego::config
