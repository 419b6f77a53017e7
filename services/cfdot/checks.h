// Checks of arguments that commands share; the texts are those of the reference.
// Source: reference/cli-cfdot.md "Validation texts".
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "services/cfdot/session.h"

namespace diego::cfdot {

// "Missing arguments", "Too many arguments specified".
absl::Status ExpectArguments(const Session& session, size_t count);
// "Process guid should be non empty string", for task guids too.
absl::Status ExpectGuid(const std::string& guid);
// "Index must be a non-negative integer".
absl::StatusOr<int32_t> ParseIndex(const std::string& text);
// SPEC, @FILE, or - and @- for stdin: "Invalid JSON: <detail>". As with the original, keys that
// nobody knows are passed over, but with a warning, which ends with `remedy`; but refused inside
// crash_restart_policy.
absl::Status ReadSpec(Session& session, const std::string& argument,
                      google::protobuf::Message* message, absl::string_view remedy = "");

}  // namespace diego::cfdot
