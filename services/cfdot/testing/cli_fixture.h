// cfdot's whole command line against the fakes, for tests.
#pragma once

#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/clock.h"
#include "services/cfdot/cli.h"
#include "services/cfdot/testing/fake_servers.h"

namespace diego::cfdot {

struct Result {
  int code = 0;
  std::string out;
  std::string err;

  std::string first_line() const { return err.substr(0, err.find('\n')); }
  bool shows_usage() const { return err.find("Usage: cfdot") != std::string::npos; }
};

// Environment that reaches the fakes; `extra` beats it.
inline Result RunCfdot(const std::vector<std::string>& words,
                       std::map<std::string, std::string> variables, const std::string& in = "") {
  std::istringstream input(in);
  std::ostringstream out;
  std::ostringstream err;
  Io io{input, out, err,
        [&](const std::string& name) -> std::optional<std::string> {
          const auto found = variables.find(name);
          if (found == variables.end()) return std::nullopt;
          return found->second;
        },
        RealClock()};
  Result result;
  result.code = Run(words, io);
  result.out = out.str();
  result.err = err.str();
  return result;
}

class Fixture {
 public:
  Fixture() : files(diego.certificates.For(rpc::Role::kOperator)) {
    variables = {{"BBS_URL", absl::StrCat("https://127.0.0.1:", diego.bbs_port())},
                 {"LOCKET_API_LOCATION", absl::StrCat("127.0.0.1:", diego.locket_port())},
                 {"CA_CERT_FILE", files.ca_file},
                 {"CLIENT_CERT_FILE", files.cert_file},
                 {"CLIENT_KEY_FILE", files.key_file}};
    models::CellPresence cell;
    cell.set_cell_id("cell-1");
    cell.set_rep_grpc_address(absl::StrCat("127.0.0.1:", diego.cell_port()));
    diego.bbs.cells = {cell};
    diego.cell.state.set_cell_id("cell-1");
    models::DesiredLRP lrp;
    lrp.set_process_guid("web");
    lrp.set_domain("demo");
    lrp.set_instances(2);
    diego.bbs.desired_lrps = {lrp};
    models::Task task;
    task.set_task_guid("sum");
    task.set_cell_id("cell-1");
    diego.bbs.tasks = {task};
    models::ActualLRP actual;
    actual.mutable_actual_lrp_key()->set_process_guid("web");
    actual.mutable_actual_lrp_instance_key()->set_instance_guid("i0");
    actual.mutable_actual_lrp_instance_key()->set_cell_id("cell-1");
    actual.set_state("RUNNING");
    diego.bbs.actual_lrps = {actual};
    actual.mutable_actual_lrp_key()->set_index(1);
    actual.mutable_actual_lrp_instance_key()->Clear();
    actual.set_state("UNCLAIMED");
    diego.bbs.actual_lrps.push_back(actual);
  }

  Result Cfdot(const std::vector<std::string>& words, const std::string& in = "") {
    return RunCfdot(words, variables, in);
  }

  FakeDiego diego;
  rpc::TlsFiles files;
  std::map<std::string, std::string> variables;
};

inline const std::map<std::string, std::string> kNowhere = {{"BBS_URL", "https://127.0.0.1:1"},
                                                            {"LOCKET_API_LOCATION", "127.0.0.1:1"},
                                                            {"SKIP_CERT_VERIFY", "true"}};

}  // namespace diego::cfdot
