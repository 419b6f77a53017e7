// Hides texts in the data of log lines that look like secrets, wherever they come from: those that
// an operator's patterns find, and private keys. (Values of keys that look like a credential are
// hidden always; see log.h.) Source: reference/config-and-metrics.md "Shared blocks".
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace diego::log {

// What is wrong with a regular expression in Go's syntax; OK if nothing is.
absl::Status CheckPattern(const std::string& pattern);

// Hands lines on to `sink`; in their data, each text in which one of `patterns` is found is
// replaced as a whole. Patterns that CheckPattern refuses find nothing. Thread-safe if `sink` is.
std::function<void(absl::string_view)> RedactingSink(const std::vector<std::string>& patterns,
                                                     std::function<void(absl::string_view)> sink);

}  // namespace diego::log
