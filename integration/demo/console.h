// What the demo prints: numbered steps with the time each took, and notes below them.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace diego::demo {

// Not thread-safe.
class Console {
 public:
  // Prints the title, runs the step, prints how long it took, or what failed.
  absl::Status Step(const std::string& title, const std::function<absl::Status()>& run);
  // An indented line within a step.
  void Note(const std::string& text);
  // A line of its own.
  void Say(const std::string& text);

 private:
  int steps_ = 0;
};

}  // namespace diego::demo
