#include "services/cfdot/checks.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/status_util.h"
#include "libs/wire/json.h"
#include "proto/models/crash_restart_policy.pb.h"
#include "services/cfdot/files.h"

namespace diego::cfdot {
namespace {

constexpr absl::string_view kPolicyKey = "crash_restart_policy";

absl::StatusOr<std::string> SpecText(Session& session, const std::string& argument) {
  if (argument == "-" || argument == "@-") {
    return std::string(std::istreambuf_iterator<char>(session.io().in), {});
  }
  if (!absl::StartsWith(argument, "@")) return argument;
  return ReadFile("spec", argument.substr(1));
}

// What is passed over would otherwise set a policy to less than was meant, or take it away. The key
// is ours, so that the original's leniency need not count inside it.
absl::Status RefuseUnknownPolicyKeys(const std::string& text) {
  const auto spec = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!spec.is_object()) return absl::OkStatus();
  std::vector<std::string> known;
  const auto* descriptor = models::CrashRestartPolicy::descriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) known.push_back(descriptor->field(i)->name());
  for (const auto& [key, policy] : spec.items()) {
    if (!absl::EqualsIgnoreCase(key, kPolicyKey) || !policy.is_object()) continue;
    for (const auto& [member, unused] : policy.items()) {
      const bool is_known = std::any_of(
          known.begin(), known.end(),
          [&name = member](const std::string& one) { return absl::EqualsIgnoreCase(one, name); });
      if (is_known) continue;
      return Invalid(absl::StrCat(kPolicyKey, ".", member, ": unknown key; known are ",
                                  absl::StrJoin(known, ", ")));
    }
  }
  return absl::OkStatus();
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
                      google::protobuf::Message* message, absl::string_view remedy) {
  DIEGO_ASSIGN_OR_RETURN(const std::string text, SpecText(session, argument));
  const absl::Status parsed = wire::FromJson(text, message, wire::UnknownKeys::kRefuse);
  if (parsed.ok()) return parsed;
  message->Clear();
  const absl::Status ignoring = wire::FromJson(text, message, wire::UnknownKeys::kIgnore);
  if (!ignoring.ok()) return Invalid(absl::StrCat("Invalid JSON: ", ignoring.message()));
  if (message->GetDescriptor()->FindFieldByName(std::string(kPolicyKey)) != nullptr) {
    DIEGO_RETURN_IF_ERROR(RefuseUnknownPolicyKeys(text));
  }
  // As the original, but not in silence.
  session.io().err << "warning: passed over in the spec: " << parsed.message()
                   << (remedy.empty() ? "" : "; ") << remedy << "\n";
  return ignoring;
}

}  // namespace diego::cfdot
