#include "services/rep/core/exit_wait.h"

#include <catch2/catch.hpp>

namespace diego::rep {
namespace {

TEST_CASE("exit: over when nothing is left, and at the deadline whatever is left", "[rep][exit]") {
  ExitWait wait(absl::Seconds(15), absl::Seconds(3));
  CHECK_FALSE(wait.IsOver(absl::Seconds(0), 2, 2, true));
  CHECK_FALSE(wait.IsOver(absl::Seconds(14), 2, 2, true));
  CHECK(wait.IsOver(absl::Seconds(15), 2, 2, true));
  CHECK(ExitWait(absl::Seconds(15), absl::Seconds(3)).IsOver(absl::Seconds(0), 0, 0, false));
}

TEST_CASE("exit: reports that get nowhere hold the cell up no longer than the patience",
          "[rep][exit]") {
  ExitWait wait(absl::Seconds(100), absl::Seconds(3));
  CHECK_FALSE(wait.IsOver(absl::Seconds(10), 1, 2, true));
  CHECK_FALSE(wait.IsOver(absl::Seconds(12), 0, 2, true));  // 2 s after the last process ran
  CHECK_FALSE(wait.IsOver(absl::Seconds(14), 0, 1, true));  // one was told: it moves
  CHECK_FALSE(wait.IsOver(absl::Seconds(16), 0, 1, true));
  CHECK(wait.IsOver(absl::Seconds(17), 0, 1, true));
}

TEST_CASE("exit: the patience counts from the first look when nothing runs any more",
          "[rep][exit]") {
  ExitWait wait(absl::Seconds(100), absl::Seconds(3));
  CHECK_FALSE(wait.IsOver(absl::Seconds(10), 0, 2, true));
  CHECK_FALSE(wait.IsOver(absl::Seconds(12), 0, 2, true));
  CHECK(wait.IsOver(absl::Seconds(13), 0, 2, true));
}

TEST_CASE("exit: a report of what has no container is waited for as well", "[rep][exit]") {
  ExitWait wait(absl::Seconds(100), absl::Seconds(3));
  CHECK_FALSE(wait.IsOver(absl::Seconds(10), 0, 0, true));
  CHECK(wait.IsOver(absl::Seconds(11), 0, 0, false));
  CHECK(wait.IsOver(absl::Seconds(13), 0, 0, true));
}

}  // namespace
}  // namespace diego::rep
