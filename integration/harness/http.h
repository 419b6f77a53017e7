// One HTTP request, for tests and the demo.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace diego::harness {

// The body of a 200 answer to GET `url`; any other answer or failure is an error that says so.
absl::StatusOr<std::string> HttpGet(const std::string& url, absl::Duration timeout);

}  // namespace diego::harness
