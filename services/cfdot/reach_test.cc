// How cfdot speaks of BBSs that it cannot reach, and waits for them.
#include <catch2/catch.hpp>
#include <sstream>

#include "services/cfdot/commands/commands.h"
#include "services/cfdot/follow.h"
#include "services/cfdot/parse.h"
#include "services/cfdot/testing/cli_fixture.h"

namespace diego::cfdot {
namespace {

TEST_CASE("who cannot be reached is told with every address tried", "[cfdot]") {
  std::map<std::string, std::string> variables = kNowhere;
  variables["BBS_URL"] = "https://127.0.0.1:1";
  const Result one = RunCfdot({"ping"}, variables);
  CHECK(one.code == 5);
  CHECK_THAT(one.err, Catch::StartsWith("error: UNAVAILABLE: 127.0.0.1:") &&
                          Catch::EndsWith("; tried 127.0.0.1:1 (gRPC), 127.0.0.1:8892 (gRPC), "
                                          "https://127.0.0.1:1 (HTTP)\n"));
  variables["BBS_URL"] = "127.0.0.1:1";
  CHECK_THAT(RunCfdot({"ping"}, variables).err,
             !Catch::Contains("tried") && !Catch::Contains("does not trust"));
}

TEST_CASE("a client that the server does not trust is told so, not what HTTP made of it",
          "[cfdot]") {
  Fixture fixture;
  rpc::TestCertificates others;
  const rpc::TlsFiles evil = others.For(rpc::Role::kOperator);
  fixture.variables["CLIENT_CERT_FILE"] = evil.cert_file;
  fixture.variables["CLIENT_KEY_FILE"] = evil.key_file;
  const std::string address = absl::StrCat("127.0.0.1:", fixture.diego.bbs_port());
  const Result url = fixture.Cfdot({"ping"});
  CHECK(url.code == 5);
  CHECK_THAT(url.err, Catch::StartsWith("error: UNAVAILABLE: " + address + ": ") &&
                          Catch::Contains("does not trust the client's certificate") &&
                          Catch::Contains("https://" + address + " (HTTP)") &&
                          !Catch::Contains("Server returned nothing"));
  CHECK_THAT(fixture.Cfdot({"ping", "--bbsURL", address}).err,
             Catch::Contains("does not trust the client's certificate"));
}

TEST_CASE("of several addresses the most telling one is told", "[cfdot]") {
  struct Case {
    std::vector<std::pair<std::string, grpc::Status>> attempts;
    std::string text;
  };
  const auto unavailable = [](const std::string& text) {
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, text);
  };
  const std::string never = "failed to connect to all addresses; ";
  const grpc::Status refused = unavailable(never + "Connection refused");
  const grpc::Status standby = rpc::ToGrpc(absl::UnavailableError("not active"));
  const grpc::Status nothing = unavailable("Server returned nothing");
  const std::string distrust =
      "; the server ended the connection: perhaps it does not trust the client's certificate "
      "(--clientCertFile), or does not speak TLS";
  const std::vector<Case> rows = {
      {{{"a:1", refused}}, "a:1: " + never + "Connection refused"},
      {{{"a:1", refused}, {"b:1", standby}, {"https://c:1", nothing}},
       "b:1: not active; tried a:1 (gRPC), b:1 (gRPC), https://c:1 (HTTP)"},
      {{{"a:1", refused}, {"https://c:1", nothing}},
       "https://c:1: Server returned nothing" + distrust +
           "; tried a:1 (gRPC), https://c:1 (HTTP)"},
      {{{"a:1", unavailable(never + "Socket closed")}},
       "a:1: " + never + "Socket closed" + distrust},
      // In the midst of a call.
      {{{"a:1", unavailable("Socket closed")}}, "a:1: Socket closed"},
      // Here it is the client that does not trust.
      {{{"a:1", unavailable(never + "Ssl handshake failed: certificate verify failed")}},
       "a:1: " + never + "Ssl handshake failed: certificate verify failed"},
  };
  for (const Case& row : rows) {
    Attempts attempts;
    for (const auto& [address, status] : row.attempts) attempts.Note(address, status);
    CHECK(attempts.Explain(absl::UnavailableError("the last")).message() == row.text);
  }
  Attempts attempts;
  attempts.Note("a:1", refused);
  CHECK(attempts.Explain(absl::OkStatus()).ok());
  CHECK(attempts.Explain(absl::NotFoundError("no")) == absl::NotFoundError("no"));
}

SubscribeResponse TaskEvent(int64_t revision) {
  SubscribeResponse response;
  response.set_revision(revision);
  response.set_complete(true);
  response.mutable_task_created()->mutable_task()->set_task_guid("t");
  return response;
}

struct Followed {
  absl::Status status;
  std::vector<int64_t> revisions;
};

Followed FollowTasks(Fixture& fixture, const Patience& patience) {
  const std::vector<Command> commands = AllCommands();
  Invocation invocation;
  REQUIRE(Parse({"task-events"}, commands, &invocation).ok());
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  Io io{in, out, err,
        [&](const std::string& name) -> std::optional<std::string> {
          const auto found = fixture.variables.find(name);
          if (found == fixture.variables.end()) return std::nullopt;
          return found->second;
        },
        RealClock()};
  const auto session = Session::Open(invocation, io);
  REQUIRE(session.ok());
  SubscribeRequest request;
  request.set_tasks(true);
  Followed followed;
  followed.status = Follow(
      **session, request,
      [&](int64_t revision, const std::vector<SubscribeResponse>&) {
        followed.revisions.push_back(revision);
      },
      patience);
  return followed;
}

const std::string kStandby = "the BBS is not active";

TEST_CASE("a lost stream waits for a BBS that serves, however often it has to ask", "[cfdot]") {
  Fixture fixture;
  fixture.diego.bbs.streams = {{{TaskEvent(2)}, absl::UnavailableError("gone")},
                               {{TaskEvent(3)}, absl::OkStatus()}};
  // Between the refusals HTTP is tried, on a port where only gRPC is spoken.
  fixture.diego.bbs.pings_after_stream.assign(70, rpc::ToGrpc(absl::UnavailableError(kStandby)));
  for (const auto code : {grpc::StatusCode::DEADLINE_EXCEEDED, grpc::StatusCode::INTERNAL}) {
    fixture.diego.bbs.pings_after_stream.emplace_back(code, "by the connection, not by the BBS");
  }
  Patience patience;
  patience.between_rounds = absl::Milliseconds(1);
  const Followed followed = FollowTasks(fixture, patience);
  CHECK(followed.status.ToString() == "OK");
  CHECK(followed.revisions == std::vector<int64_t>{2, 3});
  CHECK(fixture.diego.bbs.pings_after_stream.empty());
}

TEST_CASE("a lost stream is given up in the end, with every address tried", "[cfdot]") {
  Fixture fixture;
  fixture.diego.bbs.streams = {{{TaskEvent(2)}, absl::UnavailableError("gone")}};
  fixture.diego.bbs.pings_after_stream.assign(100000,
                                              rpc::ToGrpc(absl::UnavailableError(kStandby)));
  Patience patience;
  patience.to_reopen = absl::Milliseconds(300);
  const Followed followed = FollowTasks(fixture, patience);
  CHECK(ExitCodeOf(followed.status) == ExitCode::kCall);
  CHECK_THAT(std::string(followed.status.message()),
             Catch::StartsWith("UNAVAILABLE: 127.0.0.1:") && Catch::Contains("; tried 127.0.0.1:"));
}

}  // namespace
}  // namespace diego::cfdot
