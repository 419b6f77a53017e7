// cfdot against servers that behave like Diego's: what is called, what is printed, how it ends.
#include "services/cfdot/cli.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <set>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/models/error.h"
#include "libs/wire/json.h"
#include "services/cfdot/testing/cli_fixture.h"

namespace diego::cfdot {
namespace {

TEST_CASE("arguments that cannot be are refused before anything is called", "[cfdot]") {
  struct Case {
    std::vector<std::string> words;
    std::string text;
  };
  const auto row = GENERATE(values<Case>({
      {{"task"}, "Missing arguments"},
      {{"task", "a", "b"}, "Too many arguments specified"},
      {{"tasks", "a"}, "Too many arguments specified"},
      {{"task", ""}, "Process guid should be non empty string"},
      {{"delete-task", ""}, "Process guid should be non empty string"},
      {{"cancel-task"}, "Missing arguments"},
      {{"desired-lrp"}, "Missing arguments"},
      {{"desired-lrp", ""}, "Process guid should be non empty string"},
      {{"delete-desired-lrp", "web", "--if-tag", "5"},
       "if-tag \"5\" should be EPOCH:INDEX, as in modification_tag of `cfdot desired-lrp`"},
      {{"update-desired-lrp", "web", "{}", "--if-tag", "epoch:x"},
       "if-tag \"epoch:x\" should be EPOCH:INDEX, as in modification_tag of `cfdot desired-lrp`"},
      {{"delete-desired-lrp", ""}, "Process guid should be non empty string"},
      {{"update-desired-lrp", "web"}, "Missing arguments"},
      {{"update-desired-lrp", "web", "{}", "more"}, "Missing arguments"},
      {{"update-desired-lrp", "", "{}"}, "Process guid should be non empty string"},
      {{"create-desired-lrp"}, "missing spec argument"},
      {{"create-desired-lrp", "{}", "{}"}, "Too many arguments specified"},
      {{"create-desired-lrp", "{\"instances\":\"x\"}"},
       "Invalid JSON: instances: expected a whole number from -2147483648 to 2147483647"},
      {{"create-desired-lrp", "@/nowhere/x"},
       "spec file '/nowhere/x' doesn't exist or is not readable: No such file or directory"},
      {{"create-desired-lrp", "@/tmp"},
       "spec file '/tmp' doesn't exist or is not readable: Is a directory"},
      {{"create-task"}, "missing spec argument"},
      {{"explain"}, "Missing arguments"},
      {{"explain", "web", "0", "1"}, "Too many arguments specified"},
      {{"explain", "web", "-1"}, "Index must be a non-negative integer"},
      {{"retire-actual-lrp", "web"}, "Missing arguments"},
      {{"retire-actual-lrp", "web", "x"}, "Index must be a non-negative integer"},
      {{"retire-actual-lrp", "web", "-1"}, "Index must be a non-negative integer"},
      {{"retire-actual-lrp", "", "1"}, "Process guid should be non empty string"},
      {{"actual-lrp-groups-for-guid", "web", "-i", "x"}, "Index must be a non-negative integer"},
      {{"actual-lrps", "-i", "-3"}, "Index must be a non-negative integer"},
      {{"set-domain"}, "No domain given"},
      {{"set-domain", ""}, "No domain given"},
      {{"set-domain", "demo", "-t", "-1s"}, "ttl is negative"},
      {{"set-domain", "demo", "-t", "2000000h"},
       "ttl is too long; at most 4294967295s, or 0s for ever"},
      {{"claim-lock"}, "key cannot be empty"},
      {{"claim-lock", "-k", "a"}, "owner cannot be empty"},
      {{"claim-lock", "-k", "a", "-o", "b"}, "ttl should be an integer greater than zero"},
      {{"claim-presence", "-k", "a", "-o", "b", "-t", "0"},
       "ttl should be an integer greater than zero"},
      {{"claim-presence", "-k", "a", "-o", "b", "-t", "x"},
       "ttl should be an integer greater than zero"},
      {{"release-lock", "-o", "b"}, "key cannot be empty"},
      {{"release-lock", "-k", "a"}, "owner cannot be empty"},
      {{"logs", "web/x"}, "Index must be a non-negative integer"},
      {{"logs", "web/0", "-n", "0"}, "lines should be an integer greater than zero"},
      {{"lrp-events", "--after", "-1"}, "after should be a revision, a non-negative integer"},
      {{"tasks", "-o", "yaml"},
       "invalid argument \"yaml\" for \"-o, --output\" flag: it should be json or table"},
      {{"completion", "csh"}, "there is no completion for 'csh'; give bash, zsh or fish"},
      {{"help", "tsks"}, "'tsks' is not a valid command. Did you mean 'tasks'?"},
  }));
  const Result result = RunCfdot(row.words, kNowhere);
  CHECK(result.first_line() == "error: " + row.text);
  CHECK(result.code == 3);
  CHECK(result.shows_usage());
  CHECK(result.out.empty());
}

TEST_CASE("connection flags and variables that cannot be are refused", "[cfdot]") {
  struct Case {
    std::string command;
    std::map<std::string, std::string> variables;
    std::string text;
  };
  const auto row = GENERATE(values<Case>({
      {"tasks", {}, "BBS URL not set."},
      {"tasks", {{"BBS_URL", ""}}, "BBS URL not set."},
      {"locks", {}, "Locket API Location not set."},
      {"tasks",
       {{"BBS_URL", "http://a:1"}},
       "The URL 'http://a:1' does not have an 'https' scheme."},
      {"tasks",
       {{"BBS_URL", "a:1,ftp://b:1"}},
       "The URL 'ftp://b:1' does not have an 'https' scheme."},
      {"tasks", {{"BBS_URL", "https://a:x"}}, "--bbsURL: "},
      {"tasks",
       {{"BBS_URL", "foo"}},
       "--bbsURL: \"foo\" has no port; write it like \"https://bbs.internal:8889\", the BBS's HTTP "
       "port as the original has it, or like \"bbs.internal:8892\", its gRPC port"},
      {"locks", {{"LOCKET_API_LOCATION", "a"}}, "--locketAPILocation: "},
      {"tasks", {{"BBS_URL", "a:1"}}, "--caCertFile (or CA_CERT_FILE) must be specified"},
      {"tasks",
       {{"BBS_URL", "a:1"}, {"CA_CERT_FILE", "/nowhere/ca"}},
       "CA cert file '/nowhere/ca' doesn't exist or is not readable: No such file or directory"},
      {"tasks",
       {{"BBS_URL", "a:1"}, {"SKIP_CERT_VERIFY", "true"}, {"CLIENT_CERT_FILE", "/x"}},
       "--clientCertFile and --clientKeyFile (or CLIENT_CERT_FILE and CLIENT_KEY_FILE) must both"},
      {"tasks",
       {{"BBS_URL", "a:1"}, {"SKIP_CERT_VERIFY", "1"}, {"CLIENT_KEY_FILE", "/x"}},
       "--clientCertFile and --clientKeyFile"},
      {"tasks",
       {{"BBS_URL", "a:1"},
        {"SKIP_CERT_VERIFY", "1"},
        {"CLIENT_CERT_FILE", "/nowhere/c"},
        {"CLIENT_KEY_FILE", "/nowhere/k"}},
       "cert file '/nowhere/c' doesn't exist or is not readable: "},
      {"tasks",
       {{"BBS_URL", "a:1"}, {"SKIP_CERT_VERIFY", "perhaps"}},
       "invalid argument \"perhaps\" for --skipCertVerify or SKIP_CERT_VERIFY"},
      {"tasks",
       {{"BBS_URL", "a:1"}, {"CFDOT_TIMEOUT", "soon"}},
       "invalid argument \"soon\" for --timeout or CFDOT_TIMEOUT"},
      {"tasks",
       {{"BBS_URL", "a:1"}, {"CFDOT_TIMEOUT", "-1"}},
       "invalid argument \"-1\" for --timeout or CFDOT_TIMEOUT"},
  }));
  const Result result = RunCfdot({row.command}, row.variables);
  CHECK_THAT(result.first_line(), Catch::StartsWith("error: " + row.text));
  CHECK(result.code == 3);
}

TEST_CASE("commands make the calls of the reference", "[cfdot]") {
  struct Case {
    std::vector<std::string> words;
    std::vector<std::string> calls;
  };
  Fixture fixture;
  const auto row = GENERATE(values<Case>({
      {{"ping"}, {"Ping {}"}},
      {{"domains"}, {"Domains {}"}},
      {{"set-domain", "demo"}, {"UpsertDomain {domain: \"demo\"}"}},
      {{"set-domain", "demo", "-t", "1m30s"}, {"UpsertDomain {domain: \"demo\" ttl: 90}"}},
      {{"set-domain", "demo", "-t", "500ms"}, {"UpsertDomain {domain: \"demo\" ttl: 1}"}},
      {{"set-domain", "demo", "--immediate-restarts", "0", "--max-restart-attempts=5"},
       {"UpsertDomain {domain: \"demo\" crash_restart_policy { number_of_immediate_restarts: 0 "
        "max_restart_attempts: 5 }}"}},
      {{"set-domain", "demo", "--max-seconds-between-restarts=60"},
       {"UpsertDomain {domain: \"demo\" crash_restart_policy { max_seconds_between_restarts: 60 "
        "}}"}},
      {{"set-domain", "demo", "--no-crash-policy"},
       {"UpsertDomain {domain: \"demo\" crash_restart_policy { }}"}},
      {{"update-desired-lrp", "web", R"({"crash_restart_policy":{"max_restart_attempts":0}})"},
       {"UpdateDesiredLRP {process_guid: \"web\" update { crash_restart_policy { "
        "max_restart_attempts: 0 } }}"}},
      {{"desired-lrps", "-d", "demo"}, {"StreamDesiredLRPs {domain: \"demo\"}"}},
      {{"desired-lrp-scheduling-infos", "--domain", "demo"},
       {"StreamDesiredLRPSchedulingInfos {domain: \"demo\"}"}},
      {{"desired-lrp-routing-infos"}, {"StreamDesiredLRPRoutingInfos {}"}},
      {{"desired-lrp", "web"}, {"DesiredLRPByProcessGuid {process_guid: \"web\"}"}},
      {{"create-desired-lrp", R"({"process_guid":"a","rootfs":"x:y"})"},
       {"DesireLRP {desired_lrp { process_guid: \"a\" root_fs: \"x:y\" }}"}},
      {{"update-desired-lrp", "web", R"({"instances":0})"},
       {"UpdateDesiredLRP {process_guid: \"web\" update { instances: 0 }}"}},
      {{"roll-desired-lrp", "web", R"({"process_guid":"web","domain":"d","rootfs":"x:y"})",
        "--definition-id", "v2"},
       {"UpdateDesiredLRP {process_guid: \"web\" update { definition { root_fs: \"x:y\" "
        "definition_id: \"v2\" } }}"}},
      {{"cancel-desired-lrp-update", "web"}, {"CancelDesiredLRPUpdate {process_guid: \"web\"}"}},
      {{"cancel-desired-lrp-update", "web", "--if-tag", "e:7"},
       {"CancelDesiredLRPUpdate {process_guid: \"web\" expected_modification_tag { epoch: \"e\" "
        "index: 7 }}"}},
      {{"roll-back-desired-lrp", "web", "v1"},
       {"RollBackDesiredLRP {process_guid: \"web\" definition_id: \"v1\"}"}},
      {{"roll-back-desired-lrp", "web", "v1", "--if-tag", "e:7"},
       {"RollBackDesiredLRP {process_guid: \"web\" definition_id: \"v1\" "
        "expected_modification_tag { epoch: \"e\" index: 7 }}"}},
      {{"desired-lrp-definitions", "web", "-o", "table"},
       {"DesiredLRPDefinitions {process_guid: \"web\"}"}},
      {{"delete-desired-lrp", "web"}, {"RemoveDesiredLRP {process_guid: \"web\"}"}},
      {{"delete-desired-lrp", "web", "--if-tag", "e-1:7"},
       {"RemoveDesiredLRP {process_guid: \"web\" expected_modification_tag { epoch: \"e-1\" "
        "index: 7 }}"}},
      {{"actual-lrps", "-d", "demo", "-c", "c1", "-p", "web", "-i", "0"},
       {"StreamActualLRPs {domain: \"demo\" cell_id: \"c1\" process_guid: \"web\" index: 0}"}},
      {{"explain", "web"}, {"ExplainLRP {process_guid: \"web\"}"}},
      {{"explain", "web", "1"}, {"ExplainLRP {process_guid: \"web\" index: 1}"}},
      {{"actual-lrp-groups", "-c", "c1"}, {"StreamActualLRPs {cell_id: \"c1\"}"}},
      {{"actual-lrp-groups-for-guid", "web", "-i", "1"},
       {"StreamActualLRPs {process_guid: \"web\" index: 1}"}},
      {{"retire-actual-lrp", "web", "1"},
       {"DesiredLRPByProcessGuid {process_guid: \"web\"}",
        "RetireActualLRP {actual_lrp_key { process_guid: \"web\" index: 1 domain: \"demo\" }}"}},
      {{"tasks", "-d", "demo", "-c", "c1"}, {"StreamTasks {domain: \"demo\" cell_id: \"c1\"}"}},
      {{"task", "sum"}, {"TaskByGuid {task_guid: \"sum\"}"}},
      {{"create-task", R"({"task_guid":"t","domain":"d","rootfs":"x:y","memory_mb":5})"},
       {"DesireTask {task_definition { root_fs: \"x:y\" memory_mb: 5 } task_guid: \"t\" domain: "
        "\"d\"}"}},
      {{"cancel-task", "sum"}, {"CancelTask {task_guid: \"sum\"}"}},
      {{"delete-task", "sum"},
       {"ResolvingTask {task_guid: \"sum\"}", "DeleteTask {task_guid: \"sum\"}"}},
      {{"cells"}, {"Cells {}"}},
      {{"accept-cell-losses"}, {"AcceptCellLosses {}"}},
      {{"placement-tags"}, {"PlacementTags {}"}},
      {{"lrp-events", "-x", "-c", "c1"},
       {"Ping {}", "Subscribe {cell_id: \"c1\" lrp_instances: true desired_lrps: true}"}},
      {{"task-events", "--after", "7"}, {"Ping {}", "Subscribe {tasks: true after_revision: 7}"}},
  }));
  fixture.diego.bbs.streams = {{{SubscribeResponse()}, absl::OkStatus()}};
  const Result result = fixture.Cfdot(row.words);
  CHECK(result.err.empty());
  CHECK(result.code == 0);
  CHECK(fixture.diego.bbs.calls.Take() == row.calls);
}

TEST_CASE("Locket commands make the calls of the reference", "[cfdot]") {
  struct Case {
    std::vector<std::string> words;
    std::string call;
  };
  Fixture fixture;
  const auto row = GENERATE(values<Case>({
      {{"locks"}, "FetchAll {type_code: LOCK}"},
      {{"presences"}, "FetchAll {type_code: PRESENCE}"},
      {{"claim-lock", "-k", "a", "-o", "b", "-v", "c", "-t", "5"},
       "Lock {resource { key: \"a\" owner: \"b\" value: \"c\" type_code: LOCK } ttl_in_seconds: "
       "5}"},
      {{"claim-presence", "--key=a", "--owner=b", "--ttl=5"},
       "Lock {resource { key: \"a\" owner: \"b\" type_code: PRESENCE } ttl_in_seconds: 5}"},
      {{"release-lock", "-k", "a", "-o", "b"}, "Release {resource { key: \"a\" owner: \"b\" }}"},
  }));
  const Result result = fixture.Cfdot(row.words);
  CHECK(result.code == 0);
  CHECK(result.out.empty());
  CHECK(fixture.diego.locket.calls.Take() == std::vector<std::string>{row.call});
}

TEST_CASE("records are JSON, one a line, and nothing when there are none", "[cfdot]") {
  Fixture fixture;
  fixture.diego.bbs.domains = {"a", "b<c"};
  CHECK(fixture.Cfdot({"domains"}).out == "\"a\"\n\"b\\u003cc\"\n");
  fixture.diego.bbs.crash_restart_policies["a"].set_number_of_immediate_restarts(0);
  CHECK(fixture.Cfdot({"domains", "--crash-policies"}).out ==
        "{\"domain\":\"a\",\"crash_restart_policy\":{\"number_of_immediate_restarts\":0}}\n");
  CHECK(fixture.Cfdot({"ping"}).out == "{\"available\":true}\n");
  const Result lrps = fixture.Cfdot({"actual-lrps"});
  CHECK(lrps.out == absl::StrCat(wire::ToJson(fixture.diego.bbs.actual_lrps[0]), "\n",
                                 wire::ToJson(fixture.diego.bbs.actual_lrps[1]), "\n"));
  CHECK(fixture.Cfdot({"task", "sum"}).out == wire::ToJson(fixture.diego.bbs.tasks[0]) + "\n");
  // Without what we add to the original's.
  models::CellPresence cell = fixture.diego.bbs.cells[0];
  cell.clear_rep_grpc_address();
  CHECK(fixture.Cfdot({"cell", "cell-1"}).out == wire::ToJson(cell) + "\n");
  models::Resource lock;
  lock.set_key("bbs");
  lock.set_type_code(models::LOCK);
  lock.set_fencing_token(7);
  fixture.diego.locket.resources = {lock};
  CHECK(fixture.Cfdot({"locks"}).out == "{\"key\":\"bbs\",\"type_code\":1}\n");
  fixture.diego.bbs.tasks.clear();
  CHECK(fixture.Cfdot({"tasks"}).out.empty());
}

TEST_CASE("-o table is for people", "[cfdot]") {
  Fixture fixture;
  const Result result = fixture.Cfdot({"actual-lrps", "-o", "table"});
  const std::vector<std::string> lines = absl::StrSplit(result.out, '\n');
  REQUIRE(lines.size() == 4);
  CHECK_THAT(lines[0], Catch::StartsWith("PROCESS GUID  INDEX  STATE      PRESENCE"));
  CHECK_THAT(lines[1], Catch::StartsWith("web           0      RUNNING    ORDINARY"));
  CHECK_THAT(lines[2], Catch::StartsWith("web           1      UNCLAIMED  ORDINARY"));
}

TEST_CASE("specs come from words, files and stdin", "[cfdot]") {
  Fixture fixture;
  const std::string spec = R"({"process_guid":"a"})";
  const std::string path = absl::StrCat(fixture.diego.certificates.directory(), "/spec.json");
  std::ofstream(path) << spec;
  for (const std::string& argument : {spec, "@" + path, std::string("-"), std::string("@-")}) {
    INFO(argument);
    CHECK(fixture.Cfdot({"create-desired-lrp", argument}, spec).code == 0);
    CHECK(fixture.diego.bbs.calls.Take() ==
          std::vector<std::string>{"DesireLRP {desired_lrp { process_guid: \"a\" }}"});
  }
}

TEST_CASE("failures have the texts and codes of the reference", "[cfdot]") {
  struct Case {
    absl::Status refusal;
    std::string err;
    int code;
  };
  Fixture fixture;
  const auto row = GENERATE(values<Case>({
      {DiegoError(ErrorType::kResourceNotFound),
       "error: BBS error\nType 13: ResourceNotFound\nMessage: the requested resource could not be "
       "found\n",
       4},
      {DiegoError(ErrorType::kInvalidRequest, "Invalid field: domain"),
       "error: BBS error\nType 4: InvalidRequest\nMessage: Invalid field: domain\n", 4},
      {absl::DeadlineExceededError("too slow"),
       "error: BBS error\nType 31: Timeout\nMessage: too slow\n", 4},
      {absl::PermissionDeniedError("no"), "error: PERMISSION_DENIED: no\n", 5},
  }));
  fixture.diego.bbs.refusal = row.refusal;
  const Result result = fixture.Cfdot({"task", "sum"});
  CHECK(result.err == row.err);
  CHECK(result.code == row.code);
  CHECK(result.out.empty());
}

TEST_CASE("a refusal by Locket or a cell is a component error", "[cfdot]") {
  Fixture fixture;
  fixture.diego.locket.refusal = absl::AlreadyExistsError("lock-collision");
  const Result lock = fixture.Cfdot({"claim-lock", "-k", "a", "-o", "b", "-t", "1"});
  CHECK(lock.err == "error: Locket error: ALREADY_EXISTS: lock-collision\n");
  CHECK(lock.code == 4);
  fixture.diego.cell.refusal = absl::UnavailableError("shutting down");
  const Result state = fixture.Cfdot({"cell-state", "cell-1"});
  CHECK_THAT(state.err, Catch::StartsWith("error: Rep error: Failed to get cell state for cell "
                                          "cell-1: UNAVAILABLE: shutting down"));
  CHECK(state.code == 4);
  const Result missing = fixture.Cfdot({"cell", "cell-9"});
  CHECK(missing.err ==
        "error: Cell not found\nhint: no cell is called 'cell-9'; `cfdot cells` lists them\n");
  CHECK(missing.code == 5);
}

TEST_CASE("held losses of cells are told beside the cells, and accepted", "[cfdot]") {
  Fixture fixture;
  models::HeldCellLosses held;
  held.set_cause("more than the configured share of the cells vanished at once");
  held.add_cell_ids("cell-2");
  held.add_cell_ids("cell-3");
  held.set_since(1700000000000000000);
  fixture.diego.bbs.held_losses = held;
  const Result cells = fixture.Cfdot({"cells"});
  CHECK(cells.code == 0);
  models::CellPresence as_the_original_prints = fixture.diego.bbs.cells[0];
  as_the_original_prints.clear_rep_grpc_address();
  CHECK(cells.out == wire::ToJson(as_the_original_prints) + "\n");
  CHECK_THAT(cells.err, Catch::Contains("since 2023-11-14T22:13:20Z") &&
                            Catch::Contains("more than the configured share") &&
                            Catch::Contains("missing: cell-2, cell-3") &&
                            Catch::Contains("cfdot accept-cell-losses"));
  CHECK(fixture.Cfdot({"accept-cell-losses"}).out == "\"cell-2\"\n\"cell-3\"\n");
  CHECK(fixture.Cfdot({"accept-cell-losses"}).out.empty());
  CHECK(fixture.Cfdot({"cells"}).err.empty());
}

TEST_CASE("states of the cells that answer are printed, and the others named", "[cfdot]") {
  Fixture fixture;
  models::CellPresence dead = fixture.diego.bbs.cells[0];
  dead.set_cell_id("cell-0");
  dead.set_rep_grpc_address("127.0.0.1:1");
  fixture.diego.bbs.cells.insert(fixture.diego.bbs.cells.begin(), dead);
  const Result result = fixture.Cfdot({"cell-states"});
  CHECK(result.code == 4);
  CHECK_THAT(result.out, Catch::Contains("\"cell_id\":\"cell-1\""));
  CHECK_THAT(result.err,
             Catch::StartsWith("error: Rep error: Failed to get cell state for cell cell-0: "));
}

TEST_CASE("an active BBS is found among several", "[cfdot]") {
  Fixture fixture;
  fixture.variables["BBS_URL"] =
      absl::StrCat("https://127.0.0.1:1,127.0.0.1:", fixture.diego.bbs_port());
  CHECK(fixture.Cfdot({"ping"}).code == 0);
  fixture.variables["BBS_URL"] = "https://127.0.0.1:1";
  const Result down = fixture.Cfdot({"ping"});
  CHECK(down.code == 5);
  CHECK_THAT(down.err, Catch::StartsWith("error: UNAVAILABLE: 127.0.0.1:"));
}

TEST_CASE("flags beat variables, and a server's certificate is checked unless told", "[cfdot]") {
  Fixture fixture;
  const std::string url = fixture.variables["BBS_URL"];
  fixture.variables["BBS_URL"] = "https://127.0.0.1:1";
  CHECK(fixture.Cfdot({"ping", "--bbsURL", url}).code == 0);
  const rpc::TestCertificates others;
  const std::string other_ca = absl::StrCat(others.directory(), "/other-ca.pem");
  std::ofstream(other_ca) << others.authority().certificate_pem();
  CHECK(fixture.Cfdot({"ping", "--bbsURL", url, "--skipCertVerify"}).code == 0);
  fixture.variables.erase("CLIENT_CERT_FILE");
  fixture.variables.erase("CLIENT_KEY_FILE");
  fixture.variables["CA_CERT_FILE"] = other_ca;
  CHECK(fixture.Cfdot({"ping", "--bbsURL", url}).code == 5);
}

TEST_CASE("every call that changes something has an id of its own, or the one given", "[cfdot]") {
  Fixture fixture;
  CHECK(fixture.Cfdot({"delete-desired-lrp", "web"}).code == 0);
  CHECK(fixture.Cfdot({"delete-desired-lrp", "web", "--request-id", "mine"}).code == 0);
  CHECK(fixture.Cfdot({"cancel-task", "sum"}).code == 0);
  CHECK(fixture.Cfdot({"delete-task", "sum"}).code == 0);
  CHECK(fixture.Cfdot({"retire-actual-lrp", "web", "1", "--request-id", "mine too"}).code == 0);
  const std::vector<std::string> ids = fixture.diego.bbs.calls.request_ids();
  REQUIRE(ids.size() == 7);
  CHECK(ids[1] == "mine");
  CHECK(ids[5].empty());  // the read that goes before
  CHECK(ids[6] == "mine too");
  const std::set<std::string> fresh = {ids[0], ids[2], ids[3], ids[4]};
  CHECK(fresh.size() == 4);
  for (const std::string& id : fresh) CHECK(id.size() == 36);
}

TEST_CASE("explanations are JSON lines, or a table that says why", "[cfdot]") {
  Fixture fixture;
  InstanceExplanation& one = *fixture.diego.bbs.explanation.add_instances();
  one.set_waiting(InstanceExplanation::FOR_PLACE);
  one.mutable_instance()->set_state("UNCLAIMED");
  one.mutable_instance()->set_placement_error("insufficient resources: disk");
  fixture.diego.bbs.explanation.add_instances()->set_index(1);
  CHECK(fixture.Cfdot({"explain", "web"}).out ==
        absl::StrCat(wire::ToJson(one), "\n",
                     wire::ToJson(fixture.diego.bbs.explanation.instances(1)), "\n"));
  const std::string table = fixture.Cfdot({"explain", "web", "-o", "table"}).out;
  CHECK_THAT(table, Catch::Contains("WHY") &&
                        Catch::Contains("waits for a place; insufficient resources: disk"));
}

TEST_CASE("every command sends one fresh trace id", "[cfdot]") {
  Fixture fixture;
  CHECK(fixture.Cfdot({"retire-actual-lrp", "web", "1"}).code == 0);
  CHECK(fixture.Cfdot({"ping"}).code == 0);
  const std::vector<std::string> ids = fixture.diego.bbs.calls.trace_ids();
  REQUIRE(ids.size() == 3);
  CHECK(ids[0].size() == 36);
  CHECK(ids[0] == ids[1]);
  CHECK(ids[1] != ids[2]);
}

TEST_CASE("logs come from the cell that holds the container", "[cfdot]") {
  struct Case {
    std::vector<std::string> words;
    std::string call;
  };
  Fixture fixture;
  LogsResponse line;
  line.set_time_ns(1'500'000'000);
  line.set_source("APP");
  line.set_line("hello");
  fixture.diego.cell.log = {line};
  const auto row = GENERATE(values<Case>({
      {{"logs", "web/0"}, "Logs {container_guid: \"i0\"}"},
      {{"logs", "i0", "-n", "5"}, "Logs {container_guid: \"i0\" tail_lines: 5}"},
      {{"logs", "sum", "-f"}, "Logs {container_guid: \"sum\" follow: true}"},
  }));
  const Result result = fixture.Cfdot(row.words);
  CHECK(result.out == "1970-01-01T00:00:01.500Z [APP/OUT] hello\n");
  CHECK(fixture.diego.cell.calls.Take() == std::vector<std::string>{row.call});
  CHECK(fixture.Cfdot({"logs", "web/0", "-o", "json"}).out ==
        "{\"time_ns\":1500000000,\"source\":\"APP\",\"error_stream\":false,\"line\":\"hello\"}\n");
}

TEST_CASE("logs of what has none say why", "[cfdot]") {
  Fixture fixture;
  CHECK(fixture.Cfdot({"logs", "web/1"}).err ==
        "error: web/1 is UNCLAIMED and on no cell, so it has no logs\n");
  CHECK_THAT(fixture.Cfdot({"logs", "web/7"}).err, Catch::Contains("there is no instance web/7"));
  CHECK_THAT(fixture.Cfdot({"logs", "xyz"}).err,
             Catch::Contains("there is no instance and no task xyz"));
}

SubscribeResponse TaskEvent(int64_t revision, const std::string& guid, bool complete) {
  SubscribeResponse response;
  response.set_revision(revision);
  response.set_complete(complete);
  response.mutable_task_created()->mutable_task()->set_task_guid(guid);
  return response;
}

SubscribeResponse Bookmark(int64_t revision) {
  SubscribeResponse response;
  response.set_revision(revision);
  response.set_complete(true);
  return response;
}

// The task guids of the events printed.
std::string GuidsIn(const std::string& out) {
  std::vector<std::string> guids;
  for (const absl::string_view line : absl::StrSplit(out, '\n', absl::SkipEmpty())) {
    const size_t at = line.find("\"task_guid\":\"") + 13;
    guids.emplace_back(line.substr(at, line.find('"', at) - at));
  }
  return absl::StrJoin(guids, ",");
}

TEST_CASE("events are JSON lines of type and data", "[cfdot]") {
  Fixture fixture;
  SubscribeResponse event = Bookmark(8);
  *event.mutable_actual_lrp_instance_created()->mutable_actual_lrp() =
      fixture.diego.bbs.actual_lrps[0];
  const std::vector<FakeStream> streams = {{{Bookmark(7), event}, absl::OkStatus()}};
  fixture.diego.bbs.streams = {streams[0]};
  const Result plain = fixture.Cfdot({"lrp-events", "-x", "-r"});
  const std::string lrp = wire::ToJson(fixture.diego.bbs.actual_lrps[0]);
  CHECK(plain.out == absl::StrCat("{\"type\":\"actual_lrp_instance_created\",\"data\":"
                                  "{\"actual_lrp\":",
                                  lrp, ",\"trace_id\":\"\"},\"revision\":8}\n"));
  CHECK(plain.err.empty());
  fixture.diego.bbs.streams = {streams[0]};
  const Result with_groups = fixture.Cfdot({"lrp-events"});
  CHECK_THAT(with_groups.out, Catch::EndsWith(absl::StrCat(
                                  "{\"type\":\"actual_lrp_created\",\"data\":{\"actual_lrp_group\":"
                                  "{\"instance\":",
                                  lrp, "}}}\n")));
  CHECK_THAT(with_groups.err, Catch::Contains("deprecated"));
}

TEST_CASE("a broken event stream resumes without gap and without duplicate", "[cfdot]") {
  Fixture fixture;
  // Revision 3 is cut in half; it must come once, whole.
  fixture.diego.bbs.streams = {
      {{Bookmark(1), TaskEvent(2, "a", true), TaskEvent(3, "b", false)},
       absl::UnavailableError("gone")},
      {{Bookmark(2), TaskEvent(3, "b", false), TaskEvent(3, "c", true)}, absl::OkStatus()}};
  const Result result = fixture.Cfdot({"task-events"});
  CHECK(result.code == 0);
  CHECK(GuidsIn(result.out) == "a,b,c");
  CHECK(fixture.diego.bbs.calls.Take() ==
        std::vector<std::string>{"Ping {}", "Subscribe {tasks: true}", "Ping {}",
                                 "Subscribe {tasks: true after_revision: 2}"});
}

TEST_CASE("a revision that is no longer remembered is said, and the stream goes on", "[cfdot]") {
  Fixture fixture;
  fixture.diego.bbs.streams = {
      {{Bookmark(1), TaskEvent(2, "a", true)}, absl::UnavailableError("gone")},
      {{}, absl::OutOfRangeError("too old")},
      {{Bookmark(9), TaskEvent(10, "d", true)}, absl::OkStatus()}};
  const Result result = fixture.Cfdot({"task-events"});
  CHECK(result.code == 0);
  CHECK(GuidsIn(result.out) == "a,d");
  CHECK_THAT(result.err, Catch::Contains("no longer remembers revision 2: some events are lost"));
}

TEST_CASE("who was cut off for being slow resumes where that goes, and else from now", "[cfdot]") {
  Fixture fixture;
  fixture.diego.bbs.streams = {
      {{Bookmark(1), TaskEvent(2, "a", true)}, absl::ResourceExhaustedError("too far behind")},
      {{Bookmark(2), TaskEvent(3, "b", true)}, absl::ResourceExhaustedError("too far behind")},
      {{}, absl::OutOfRangeError("too far behind")},
      {{Bookmark(9), TaskEvent(10, "d", true)}, absl::OkStatus()}};
  const Result result = fixture.Cfdot({"task-events"});
  CHECK(result.code == 0);
  CHECK(GuidsIn(result.out) == "a,b,d");
  CHECK_THAT(result.err, Catch::Contains("no longer remembers revision 3: some events are lost"));
}

TEST_CASE("a revision asked for that is not remembered is a failure", "[cfdot]") {
  Fixture fixture;
  fixture.diego.bbs.streams = {{{}, absl::OutOfRangeError("too old")}};
  const Result result = fixture.Cfdot({"task-events", "--after", "1"});
  CHECK(result.code == 5);
  CHECK(result.err == "error: OUT_OF_RANGE: too old\n");
}

TEST_CASE("help, version and completion need no servers", "[cfdot]") {
  CHECK_THAT(RunCfdot({}, {}).out, Catch::Contains("Usage: cfdot COMMAND"));
  CHECK_THAT(RunCfdot({"--help"}, {}).out, Catch::Contains("retire-actual-lrp"));
  CHECK_THAT(RunCfdot({"--version"}, {}).out, Catch::StartsWith("cfdot "));
  CHECK_THAT(RunCfdot({"tasks", "-h"}, {}).out, Catch::Contains("--cell-id CELL_ID"));
  CHECK(RunCfdot({"help", "tasks"}, {}).out == RunCfdot({"tasks", "--help"}, {}).out);
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    const Result result = RunCfdot({"completion", shell}, {});
    CHECK(result.code == 0);
    CHECK_THAT(result.out, Catch::Contains("update-desired-lrp"));
  }
}

}  // namespace
}  // namespace diego::cfdot
