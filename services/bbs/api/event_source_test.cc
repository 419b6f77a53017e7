// A follower of the original's event streams that reads slowly, or not at all.
#include "services/bbs/api/event_source.h"

#include <catch2/catch.hpp>

#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/testing/fake_clock.h"

namespace diego::bbs {
namespace {

constexpr size_t kHelping = 32 << 10;

class Metrics final : public EngineMetrics {
 public:
  void BatchCommitted(size_t, const Changes&, absl::Duration) override {}
  void CommitUnsure() override {}
  void SubscriberCutOff() override { ++cut_off; }
  void ConvergenceSliced(absl::Duration) override {}
  void ConvergencePassed(absl::Duration, const ConvergenceCounts&) override {}
  void EvacuationsStranded(size_t) override {}

  int cut_off = 0;
};

struct Fixture {
  EngineSettings settings;
  FakeClock clock;
  Metrics metrics;
  EventHub hub{settings, clock, &metrics};
  std::optional<absl::Status> end;
  std::unique_ptr<http::StreamSource> source = Follow();
  std::string out;
  uint64_t revision = 0;

  std::unique_ptr<http::StreamSource> Follow() {
    auto subscription = hub.Subscribe({false, false, true, {}}, std::nullopt, [] {});
    REQUIRE(subscription.ok());
    return std::make_unique<EventSource<Event, EventFilter>>(
        nullptr, *subscription, EventForm::kCurrent, std::make_shared<EncodedEvents>(),
        [this](const absl::Status& status) { end = status; });
  }
  // One group with so many events of some hundred bytes.
  void Publish(size_t count) {
    std::vector<Event> events;
    for (size_t i = 0; i < count; ++i) {
      Task task;
      task.task_guid = TaskGuid(absl::StrCat(std::string(500, 'a'), i));
      events.push_back(TaskEvent{{nullptr, std::make_shared<const Task>(task)}});
    }
    hub.Publish(++revision, std::move(events));
    hub.Announce();
  }
  // The connection takes one helping.
  http::StreamSource::Next Take() {
    out.clear();
    http::ChunkWriter writer(&out, ";");
    return source->Write(&writer, kHelping);
  }
};

TEST_CASE("event source: 1024 events may wait, and not one more", "[bbs][api]") {
  Fixture fixture;
  fixture.Publish(kEventsBeforeCut);
  for (int i = 0; i < 5; ++i) CHECK(fixture.source->Patient());
  fixture.Publish(1);
  CHECK_FALSE(fixture.source->Patient());
  fixture.source.reset();
  CHECK(fixture.end->code() == absl::StatusCode::kResourceExhausted);
  CHECK(absl::StrContains(fixture.end->message(), "1025 events behind"));
  CHECK(fixture.metrics.cut_off == 1);
  CHECK(fixture.hub.subscriber_count() == 0);
}

TEST_CASE("event source: who reads on after a burst is not cut off", "[bbs][api]") {
  Fixture fixture;
  fixture.Publish(20000);
  while (fixture.Take() == http::StreamSource::Next::kMore) CHECK(fixture.source->Patient());
  // The next burst is no worse than the first, although more of it waits than of that in the end.
  fixture.Publish(20000);
  CHECK(fixture.source->Patient());
  CHECK(fixture.metrics.cut_off == 0);
}

TEST_CASE("event source: who reads, but less than there is to tell, is cut off", "[bbs][api]") {
  Fixture fixture;
  int questions = 0;
  bool patient = true;
  while (patient && questions < 100) {
    fixture.Publish(100);
    CHECK(fixture.Take() == http::StreamSource::Next::kMore);
    patient = fixture.source->Patient();
    ++questions;
  }
  // A helping has some 40 events, so that 60 more wait each time.
  CHECK_FALSE(patient);
  CHECK(questions > static_cast<int>(kEventsBeforeCut / 100));
}

}  // namespace
}  // namespace diego::bbs
