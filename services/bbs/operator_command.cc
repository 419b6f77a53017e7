#include "services/bbs/operator_command.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/config/command_line.h"

namespace diego::bbs {
namespace {

struct Read {
  bool help = false;
  std::string fault;
  std::vector<const char*> rest = {"bbs"};  // for the configuration
};

Read ReadFlags(const OperatorCommand& command, int argc, const char* const* argv) {
  Read read;
  for (int i = 1; i < argc; ++i) {
    const absl::string_view whole = argv[i];
    const size_t equals = whole.find('=');
    const absl::string_view flag = whole.substr(0, equals);
    const auto switched = command.switches.find(whole);
    const auto value = command.values.find(flag);
    if (whole == "--help" || whole == "-h") {
      read.help = true;
    } else if (switched != command.switches.end()) {
      *switched->second = true;
    } else if (value != command.values.end()) {
      absl::string_view text;
      if (equals != absl::string_view::npos) {
        text = whole.substr(equals + 1);
      } else if (i + 1 < argc) {
        text = argv[++i];
      }
      const std::string fault = value->second(text);
      if (read.fault.empty()) read.fault = fault;
    } else {
      read.rest.push_back(argv[i]);
    }
  }
  if (read.fault.empty() && command.check) read.fault = command.check();
  return read;
}

}  // namespace

int RunOperatorCommand(const OperatorCommand& command, int argc, const char* const* argv,
                       std::ostream& out, std::ostream& err) {
  const Read read = ReadFlags(command, argc, argv);
  if (read.help) {
    out << command.help;
    return 0;
  }
  const std::string name = absl::StrCat("bbs ", command.name);
  if (!read.fault.empty()) {
    err << name << ": " << read.fault << " (see --help)\n";
    return 2;
  }
  BbsConfig config;
  const config::Start start = config::FromCommandLine(
      BbsConfigTable(), static_cast<int>(read.rest.size()), read.rest.data(), out, err, &config);
  if (start.exit_code) return *start.exit_code;
  const absl::Status done = command.run(config);
  if (done.ok()) return 0;
  err << name << ": " << done.message() << "\n";
  return 1;
}

}  // namespace diego::bbs
