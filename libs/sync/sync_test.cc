#include <atomic>
#include <catch2/catch.hpp>

#include "libs/sync/bounded_queue.h"
#include "libs/sync/guarded.h"
#include "libs/sync/published.h"
#include "libs/sync/termination.h"
#include "libs/sync/worker.h"

namespace diego {
namespace {

TEST_CASE("bounded queue: refuses past its capacity and leaves the value alone", "[sync]") {
  BoundedQueue<std::string> queue(1);
  std::string second = "b";
  CHECK(queue.TryPush("a"));
  CHECK_FALSE(queue.TryPush(second));
  CHECK(second == "b");
  CHECK(queue.PopSome(10, absl::ZeroDuration()) == std::vector<std::string>{"a"});
}

TEST_CASE("bounded queue: what was queued before Close can be popped, nothing more pushed",
          "[sync]") {
  BoundedQueue<int> queue(4);
  CHECK(queue.TryPush(1));
  queue.Close();
  CHECK_FALSE(queue.TryPush(2));
  CHECK(queue.PopSome(4, absl::InfiniteDuration()) == std::vector<int>{1});
  CHECK(queue.PopSome(4, absl::InfiniteDuration()).empty());
}

TEST_CASE("bounded queue: PopSome waits for the first value of another thread", "[sync]") {
  BoundedQueue<int> queue(4);
  Worker producer("producer", [&] {
    queue.TryPush(7);
    return absl::InfiniteDuration();
  });
  CHECK(queue.PopSome(4, absl::Seconds(10)) == std::vector<int>{7});
}

TEST_CASE("published: readers keep the value they took", "[sync]") {
  Published<int> published(std::make_shared<const int>(1));
  const auto first = published.Get();
  published.Set(std::make_shared<const int>(2));
  CHECK(*first == 1);
  CHECK(*published.Get() == 2);
}

TEST_CASE("guarded: without patience When looks once, and says what it saw", "[sync]") {
  Guarded<int> number;
  const auto is_zero_after = [&](absl::Duration patience, int next) {
    return number.When([](const int& n) { return n == 0; }, patience,
                       [next](int& n, bool held) {
                         n = next;
                         return held;
                       });
  };
  CHECK(is_zero_after(absl::ZeroDuration(), 1));
  CHECK_FALSE(is_zero_after(absl::ZeroDuration(), 1));
  CHECK_FALSE(is_zero_after(-absl::InfiniteDuration(), 0));
  CHECK(is_zero_after(-absl::Seconds(1), 0));
}

TEST_CASE("worker: Wake ends an endless wait, Stop joins", "[sync]") {
  Guarded<int> steps;
  Worker worker("steps", [&] {
    steps.With([](int& n) { ++n; });
    return absl::InfiniteDuration();
  });
  const auto reached = [&](int want) {
    return steps.When([want](const int& n) { return n >= want; }, absl::Seconds(10),
                      [](int&, bool held) { return held; });
  };
  REQUIRE(reached(1));
  worker.Wake();
  REQUIRE(reached(2));
  worker.Stop();
}

TEST_CASE("termination: a request from another thread ends the wait with its code", "[sync]") {
  Termination termination;
  Worker worker("asks-to-end", [&] {
    termination.Request(3);
    return absl::InfiniteDuration();
  });
  CHECK(termination.Wait() == 3);
}

}  // namespace
}  // namespace diego
