#include "services/cfdot/checks.h"

#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"
#include "libs/wire/json.h"
#include "services/cfdot/files.h"

namespace diego::cfdot {
namespace {

absl::StatusOr<std::string> SpecText(Session& session, const std::string& argument) {
  if (argument == "-" || argument == "@-") {
    return std::string(std::istreambuf_iterator<char>(session.io().in), {});
  }
  if (!absl::StartsWith(argument, "@")) return argument;
  return ReadFile("spec", argument.substr(1));
}

}  // namespace

absl::Status ExpectArguments(const Session& session, size_t count) {
  const size_t given = session.invocation().arguments.size();
  if (given < count) return Invalid("Missing arguments");
  if (given > count) return Invalid("Too many arguments specified");
  return absl::OkStatus();
}

absl::Status ExpectGuid(const std::string& guid) {
  if (guid.empty()) return Invalid("Process guid should be non empty string");
  return absl::OkStatus();
}

absl::StatusOr<int32_t> ParseIndex(const std::string& text) {
  int32_t index = 0;
  if (!absl::SimpleAtoi(text, &index) || index < 0) {
    return Invalid("Index must be a non-negative integer");
  }
  return index;
}

absl::Status ReadSpec(Session& session, const std::string& argument,
                      google::protobuf::Message* message) {
  DIEGO_ASSIGN_OR_RETURN(const std::string text, SpecText(session, argument));
  const absl::Status parsed = wire::FromJson(text, message, wire::UnknownKeys::kRefuse);
  if (parsed.ok()) return parsed;
  message->Clear();
  const absl::Status ignoring = wire::FromJson(text, message, wire::UnknownKeys::kIgnore);
  if (!ignoring.ok()) return Invalid(absl::StrCat("Invalid JSON: ", ignoring.message()));
  // As the original, but not in silence.
  session.io().err << "warning: passed over in the spec: " << parsed.message() << "\n";
  return ignoring;
}

}  // namespace diego::cfdot
