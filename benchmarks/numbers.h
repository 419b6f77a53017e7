// The command lines of benchmarks that are set by numbers.
#pragma once

#include <map>
#include <string>

#include "absl/strings/numbers.h"

namespace diego {

// Reads `--NAME N`, N from 1 up, into the values named, and `--json`. False: something else.
inline bool ParseNumbers(int argc, char** argv, const std::map<std::string, int*>& values,
                         bool* json) {
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    if (flag == "--json") {
      *json = true;
      continue;
    }
    const auto value = values.find(flag);
    if (value == values.end() || ++i == argc) return false;
    if (!absl::SimpleAtoi(argv[i], value->second) || *value->second < 1) return false;
  }
  return true;
}

}  // namespace diego
