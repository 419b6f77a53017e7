#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/sync/worker.h"
#include "libs/testing/fake_clock.h"
#include "libs/testing/loopback_listener.h"
#include "services/bbs/effects/dispatcher.h"

namespace diego::bbs {
namespace {

class Counts final : public EffectsMetrics {
 public:
  void AuctionsSent(size_t count) override { sent += count; }
  void AuctionsDropped(size_t count) override { dropped += count; }
  void CellCallEnded(bool ok) override { ++(ok ? calls_ok : calls_failed); }
  void CellCallDropped() override { ++calls_dropped; }
  void CallbackEnded(bool ok) override { ++(ok ? delivered : undelivered); }
  void CellsSeen(size_t there, size_t missing, bool held) override {
    present = there;
    held_cells = missing;
    losses_held = held;
  }
  size_t sent = 0, dropped = 0, calls_ok = 0, calls_failed = 0, calls_dropped = 0;
  int delivered = 0, undelivered = 0;
  size_t present = 0, held_cells = 0;
  bool losses_held = false;
};

CellPresence Cell(const std::string& id) {
  CellPresence cell;
  cell.cell_id = CellId(id);
  cell.rep_grpc_address = id + ":1";
  return cell;
}

struct Directory {
  FakeClock clock;
  absl::StatusOr<std::vector<CellPresence>> next = std::vector<CellPresence>{};
  int vanished = 0;
  Counts counts;
  std::vector<std::string> lines;
  log::Logger log{{.component = "bbs",
                   .level = log::Level::kError,
                   .sink = [this](absl::string_view line) { lines.emplace_back(line); }}};
  CellDirectory directory{{}, clock, log, [this] { return next; }, [this] { ++vanished; }, &counts};

  void See(const std::string& cells) {
    std::vector<CellPresence> read;
    for (const char cell : cells) read.push_back(Cell(std::string(1, cell)));
    next = read;
    directory.Step();
  }
  void SeeNothing() {
    next = absl::UnavailableError("locket is away");
    directory.Step();
  }
};

TEST_CASE("cells: nobody counts as missing before the first list, nor when the last is old",
          "[bbs][effects]") {
  Directory d;
  CHECK(d.directory.Get().present == nullptr);
  CHECK(absl::IsUnavailable(d.directory.Cells().status()));
  d.SeeNothing();
  CHECK(d.directory.Get().present == nullptr);
  d.See("ab");
  REQUIRE(d.directory.Get().certain() != nullptr);
  CHECK(d.directory.Get().certain()->size() == 2);
  CHECK(d.directory.AddressOf(CellId("b")) == "b:1");
  CHECK(d.directory.AddressOf(CellId("c")).empty());

  d.SeeNothing();
  CHECK(d.directory.Get().present != nullptr);
  CHECK(d.directory.Get().certain() == nullptr);
  d.clock.Advance(absl::Seconds(11));
  CHECK(d.directory.Get().present == nullptr);
  // For placement the last good list is better than none.
  CHECK(d.directory.Cells()->size() == 2);
  CHECK_THAT(d.directory.held_losses()->cause, Catch::Contains("cannot be read"));
  CHECK(absl::IsFailedPrecondition(d.directory.AcceptLosses().status()));
}

TEST_CASE("cells: one that vanishes is told at once, the last only when it lasts",
          "[bbs][effects]") {
  Directory d;
  d.See("ab");
  d.See("a");
  CHECK(d.vanished == 1);
  CHECK(d.directory.Get().certain()->size() == 1);
  d.See("");
  CHECK(d.vanished == 1);
  CHECK(d.directory.Get().certain() == nullptr);
  d.clock.Advance(absl::Seconds(31));
  d.See("");
  CHECK(d.vanished == 2);
  CHECK(d.directory.Get().certain()->empty());
}

TEST_CASE("cells: many that vanish at once are said out loud until an operator accepts it",
          "[bbs][effects]") {
  Directory d;
  d.See("abcde");
  CHECK(d.lines.empty());
  d.See("ab");
  CHECK(d.vanished == 0);
  CHECK(d.counts.losses_held);
  CHECK(d.counts.held_cells == 3);
  CHECK(d.counts.present == 2);
  CHECK(d.directory.Cells()->size() == 2);
  const auto held = d.directory.held_losses();
  CHECK(held->cells == std::vector<CellId>{CellId("c"), CellId("d"), CellId("e")});
  CHECK(held->since == d.clock.Now());
  d.clock.Advance(absl::Seconds(59));
  d.See("ab");
  REQUIRE(d.lines.size() == 1);
  CHECK_THAT(d.lines[0], Catch::Contains("cell-losses-held") && Catch::Contains("3 of 5"));
  d.clock.Advance(absl::Seconds(1));
  d.See("ab");
  CHECK(d.lines.size() == 2);  // again, every minute

  CHECK(d.directory.AcceptLosses()->size() == 3);
  CHECK(d.vanished == 1);
  CHECK(d.directory.Get().certain()->size() == 2);
  CHECK_FALSE(d.directory.held_losses().has_value());
  d.See("ab");
  CHECK_FALSE(d.counts.losses_held);
  CHECK(d.vanished == 1);
  CHECK(d.directory.AcceptLosses()->empty());
}

TEST_CASE("cells: those with work are missed even by a BBS that never saw them", "[bbs][effects]") {
  Directory d;
  d.directory.Expect({CellId("a"), CellId("b"), CellId("c"), CellId("d")});
  d.See("a");
  CHECK(d.directory.Get().certain() == nullptr);
  CHECK(d.directory.held_losses()->cells.size() == 3);
  d.See("abcd");
  CHECK(d.directory.Get().certain() != nullptr);
  CHECK(d.vanished == 0);
  d.directory.Expect({CellId("e")});
  CHECK(d.directory.Get().certain() == nullptr);  // until it has been looked
  d.See("abcd");
  CHECK(d.vanished == 1);
}

TEST_CASE("auctions: sent in batches, tried again, and dropped when nobody takes them",
          "[bbs][effects]") {
  Counts counts;
  std::vector<std::string> batches;  // trace id and size
  absl::Status answer;
  AuctionSender::Options options;
  options.queue_requests = 3;
  AuctionSender sender(options, log::Logger::Discard(),
                       {[&](const auto& requests, const std::string& trace_id) {
                          batches.push_back(absl::StrCat(trace_id, requests.size()));
                          return answer;
                        },
                        [&](const auto&, const std::string&) { return answer; }},
                       &counts);
  const auto send = [&](int index, const std::string& trace_id) {
    sender.Send(LrpStartRequest{ProcessGuid("app"), {}, {index}, {}, {}}, trace_id);
  };
  for (int i = 0; i < 4; ++i) send(i, "");
  CHECK(counts.dropped == 1);
  CHECK(sender.Step(absl::ZeroDuration()) == absl::ZeroDuration());
  CHECK(batches == std::vector<std::string>{"3"});
  CHECK(counts.sent == 3);

  // What came of different requests is asked for in calls of their own.
  batches.clear();
  for (const char* trace_id : {"b", "a", "b"}) send(1, trace_id);
  CHECK(sender.Step(absl::ZeroDuration()) == absl::ZeroDuration());
  CHECK(batches == std::vector<std::string>{"a1", "b2"});

  answer = absl::UnavailableError("no auctioneer");
  sender.Send(TaskStartRequest{TaskGuid("task"), {}, {}, {}}, "");
  CHECK(sender.Step(absl::ZeroDuration()) == absl::Milliseconds(500));
  CHECK(sender.Step(absl::ZeroDuration()) == absl::Seconds(1));
  CHECK(sender.Step(absl::ZeroDuration()) == absl::ZeroDuration());
  CHECK(counts.dropped == 2);
  answer = absl::OkStatus();
  sender.Send(TaskStartRequest{TaskGuid("task"), {}, {}, {}}, "");
  sender.Step(absl::ZeroDuration());
  CHECK(counts.sent == 7);
}

TEST_CASE("cell calls: as many at once as allowed; a cell that is not known is skipped",
          "[bbs][effects]") {
  Directory d;
  d.See("a");
  Counts counts;
  std::vector<std::function<void(absl::Status)>> begun;
  CellCaller::Options options;
  options.calls_at_once = 2;
  CellCaller caller(
      options, log::Logger::Discard(), d.directory,
      [&](const std::string& address, const CellCall&, const std::string& trace_id,
          std::function<void(absl::Status)> done) {
        CHECK(address == "a:1");
        CHECK(trace_id == "abc");
        begun.push_back(std::move(done));
      },
      &counts);
  caller.Call(CancelTaskOnCell{TaskGuid("t"), CellId("nobody")}, "");
  for (int i = 0; i < 3; ++i) {
    caller.Call(CancelTaskOnCell{TaskGuid("t"), CellId("a")}, "abc");
  }
  for (int i = 0; i < 4; ++i) caller.Step(absl::ZeroDuration());
  CHECK(begun.size() == 2);
  begun[0](absl::OkStatus());
  begun[1](absl::UnavailableError("gone"));
  caller.Step(absl::ZeroDuration());
  CHECK(begun.size() == 3);
  CHECK(counts.calls_ok == 1);
  CHECK(counts.calls_failed == 1);
}

TEST_CASE("cell calls: a stop that fails is asked for five times, all else once",
          "[bbs][effects]") {
  Directory d;
  d.See("a");
  Counts counts;
  int asked = 0;
  std::vector<std::string> lines;
  const log::Logger log(
      {.component = "bbs", .sink = [&](absl::string_view line) { lines.emplace_back(line); }});
  CellCaller caller(
      {}, log, d.directory,
      [&](const std::string&, const CellCall&, const std::string&,
          const std::function<void(absl::Status)>& done) {
        ++asked;
        done(absl::UnavailableError("gone"));
      },
      &counts);
  const auto asked_for = [&](const CellCall& call) {
    asked = 0;
    caller.Call(call, "");
    for (int i = 0; i < 10; ++i) caller.Step(absl::ZeroDuration());
    return asked;
  };
  CHECK(asked_for(StopInstance{{}, {InstanceGuid("i"), CellId("a")}}) == 5);
  CHECK(asked_for(CancelTaskOnCell{TaskGuid("t"), CellId("a")}) == 1);
  CHECK(counts.calls_failed == 6);
  REQUIRE(lines.size() == 6);
  for (size_t i = 0; i < lines.size(); ++i) {
    INFO(i);
    CHECK_THAT(lines[i], Catch::Contains(i == 4 ? "cell-caller.retiring-lrp-failed"
                                                : "cell-caller.cell-call-failed"));
  }
}

// Answers each connection with the next status, and keeps what was posted.
class Receiver {
 public:
  explicit Receiver(std::vector<int> statuses) : statuses_(std::move(statuses)) {
    worker_ = std::make_unique<Worker>("receiver", [this] { return Serve(); });
  }
  ~Receiver() { worker_->Stop(); }
  std::string url() const { return absl::StrCat("http://127.0.0.1:", listener_.port(), "/done"); }
  std::vector<std::string> posted() const {
    return posted_.With([](const auto& posted) { return posted; });
  }

 private:
  absl::Duration Serve() {
    const int connection = listener_.Accept(50);
    if (connection < 0) return absl::ZeroDuration();
    std::string text;
    char buffer[4096];
    while (text.find("created_at") == std::string::npos) {
      const ssize_t got = read(connection, buffer, sizeof(buffer));
      if (got <= 0) break;
      text.append(buffer, static_cast<size_t>(got));
    }
    const size_t served = posted_.With([&](auto& posted) {
      posted.push_back(text);
      return posted.size() - 1;
    });
    const int status = served < statuses_.size() ? statuses_[served] : 200;
    const std::string answer =
        absl::StrCat("HTTP/1.1 ", status, " X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    (void)!write(connection, answer.data(), answer.size());
    close(connection);
    return absl::ZeroDuration();
  }

  const std::vector<int> statuses_;
  diego::testing::LoopbackListener listener_;
  Guarded<std::vector<std::string>> posted_;
  std::unique_ptr<Worker> worker_;
};

struct CallbackRun {
  int attempts = 0;
  absl::Duration took;
  int delivered = 0;
  std::vector<std::string> commands;
  std::string text;
};

CallbackRun Run(const std::string& url, Receiver* receiver, const absl::Status& resolving = {}) {
  CallbackRun run;
  Counts counts;
  TaskCallbacks::Options options;
  options.pause = absl::Milliseconds(20);
  options.timeout = absl::Seconds(5);
  TaskCallbacks callbacks(
      options, RealClock(), log::Logger::Discard(),
      [&](Call call) {
        Reply reply;
        if (std::holds_alternative<ResolvingTask>(call.command)) {
          run.commands.push_back("resolving");
          reply.status = resolving;
        } else if (std::holds_alternative<DeleteTask>(call.command)) {
          run.commands.push_back("delete");
        }
        call.reply(reply);
        return absl::OkStatus();
      },
      &counts);
  auto task = std::make_shared<Task>();
  task->task_guid = TaskGuid("task-1");
  task->completion_callback_url = url;
  task->result = "42";
  callbacks.Complete({task});
  const absl::Duration began_at = RealClock().Monotonic();
  const absl::Duration deadline = began_at + absl::Seconds(10);
  while (resolving.ok() && counts.delivered + counts.undelivered == 0 &&
         RealClock().Monotonic() < deadline) {
    callbacks.Step(absl::Milliseconds(5));
  }
  run.delivered = counts.delivered;
  run.took = RealClock().Monotonic() - began_at;
  if (receiver != nullptr) {
    const auto posted = receiver->posted();
    run.attempts = static_cast<int>(posted.size());
    if (!posted.empty()) run.text = posted.back();
  }
  return run;
}

TEST_CASE("task callbacks: resolving, post, delete; tried again on 503 and 504 only",
          "[bbs][effects]") {
  struct Row {
    std::vector<int> statuses;
    int attempts;
    bool delivered;
  };
  const Row rows[] = {{{200}, 1, true},           {{404}, 1, true},
                      {{500}, 1, true},           {{503, 200}, 2, true},
                      {{503, 504, 202}, 3, true}, {{503, 503, 503}, 3, false}};
  for (const Row& row : rows) {
    Receiver receiver(row.statuses);
    const CallbackRun run = Run(receiver.url(), &receiver);
    CHECK(run.attempts == row.attempts);
    // 20 ms before the second attempt, 40 before the third.
    CHECK(run.took >= absl::Milliseconds(20) * ((1 << (row.attempts - 1)) - 1));
    CHECK((run.delivered == 1) == row.delivered);
    CHECK(run.commands == (row.delivered ? std::vector<std::string>{"resolving", "delete"}
                                         : std::vector<std::string>{"resolving"}));
    CHECK_THAT(run.text, Catch::Contains("POST /done") &&
                             Catch::Contains("Content-Type: application/json") &&
                             Catch::Contains(R"({"task_guid":"task-1","failed":false,)"
                                             R"("failure_reason":"","result":"42",)"
                                             R"("created_at":)"));
  }
}

TEST_CASE("task callbacks: without a listener the task stays Resolving; a refusal ends it",
          "[bbs][effects]") {
  CHECK(Run("http://127.0.0.1:1/", nullptr).commands == std::vector<std::string>{"resolving"});
  CHECK(Run("file:///etc/passwd", nullptr).commands == std::vector<std::string>{"resolving"});
  CHECK(Run("http://127.0.0.1:1/", nullptr, absl::AbortedError("x")).commands ==
        std::vector<std::string>{"resolving"});
}

}  // namespace
}  // namespace diego::bbs
