#include "integration/demo/console.h"

#include <cstdio>

#include "libs/base/clock.h"

namespace diego::demo {

absl::Status Console::Step(const std::string& title, const std::function<absl::Status()>& run) {
  std::printf("\n\033[1m%2d. %s\033[0m\n", ++steps_, title.c_str());
  std::fflush(stdout);
  const absl::Duration started = RealClock().Monotonic();
  const absl::Status status = run();
  const double seconds = absl::ToDoubleSeconds(RealClock().Monotonic() - started);
  if (status.ok()) {
    std::printf("    \033[32mok\033[0m, %.2f s\n", seconds);
  } else {
    std::printf("    \033[31mFAILED\033[0m after %.2f s: %s\n", seconds,
                std::string(status.message()).c_str());
  }
  std::fflush(stdout);
  return status;
}

void Console::Note(const std::string& text) {
  std::printf("      %s\n", text.c_str());
  std::fflush(stdout);
}

void Console::Say(const std::string& text) {
  std::printf("%s\n", text.c_str());
  std::fflush(stdout);
}

}  // namespace diego::demo
