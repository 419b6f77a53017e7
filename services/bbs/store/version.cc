#include "services/bbs/store/version.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "libs/base/status_util.h"
#include "libs/models/error.h"
#include "services/bbs/store/schema.h"

namespace diego::bbs {
namespace {

absl::Status NoVersion(absl::string_view json) {
  return DiegoError(ErrorType::kDeserialize,
                    absl::StrCat("the database's version row is \"", json,
                                 "\"; wanted {\"CurrentVersion\":<number>}"));
}

}  // namespace

absl::StatusOr<StoredVersion> ParseVersion(absl::string_view json) {
  absl::string_view body = absl::StripAsciiWhitespace(json);
  if (!absl::ConsumePrefix(&body, "{") || !absl::ConsumeSuffix(&body, "}")) return NoVersion(json);
  StoredVersion stored;
  bool has_current = false;
  for (absl::string_view member : absl::StrSplit(body, ',')) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(member, absl::MaxSplits(':', 1));
    int64_t number = 0;
    if (!absl::SimpleAtoi(absl::StripAsciiWhitespace(parts.second), &number)) {
      return NoVersion(json);
    }
    const absl::string_view name = absl::StripAsciiWhitespace(parts.first);
    if (name == "\"CurrentVersion\"") {
      stored.current = number;
      has_current = true;
    } else if (name == "\"TargetVersion\"") {
      stored.target = number;
    }
  }
  if (!has_current) return NoVersion(json);
  return stored;
}

std::string VersionJson(const StoredVersion& stored) {
  const std::string target =
      stored.target ? absl::StrCat(",\"TargetVersion\":", *stored.target) : "";
  return absl::StrCat("{\"CurrentVersion\":", stored.current, target, "}");
}

VersionAction ActionFor(const std::optional<StoredVersion>& stored, int64_t built_for) {
  if (!stored) return VersionAction::kCreate;
  const int64_t target = stored->target.value_or(stored->current);
  if (stored->current > built_for) return VersionAction::kShutDown;
  if (stored->current < built_for) {
    return target < built_for ? VersionAction::kBegin : VersionAction::kContinue;
  }
  return target < built_for ? VersionAction::kShutDown : VersionAction::kServe;
}

absl::Status MayRunOn(const std::optional<StoredVersion>& stored, int64_t built_for) {
  if (ActionFor(stored, built_for) != VersionAction::kShutDown) return absl::OkStatus();
  if (stored->current > built_for) {
    return absl::FailedPreconditionError(absl::StrCat("Existing DB version (", stored->current,
                                                      ") exceeds bbs version (", built_for, ")"));
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "Existing DB version (", stored->current, ") is bound for version (",
      stored->target.value_or(0), "), below bbs version (", built_for,
      "): a migration down was begun; end it with `bbs migrate --to ", stored->target.value_or(0),
      "`, or call it off with `bbs migrate --to ", built_for, "`"));
}

absl::Status EnsureConfigurations(sql::Database& database) {
  return database.ExecuteSchema(
      absl::StrCat("CREATE TABLE IF NOT EXISTS configurations (id VARCHAR(255) PRIMARY KEY, "
                   "value VARCHAR(255))",
                   database.dialect().TableOptions()));
}

absl::StatusOr<bool> HasConfigurations(sql::Database& database) {
  const absl::Status read = database.Read(
      [&](sql::Transaction& tx) { return ReadConfiguration(tx, kVersionRow).status(); });
  if (sql::KindOf(read) == sql::ErrorKind::kTableMissing) return false;
  if (!read.ok()) return read;
  return true;
}

absl::StatusOr<std::optional<std::string>> ReadConfiguration(sql::Transaction& tx,
                                                             absl::string_view id) {
  std::optional<std::string> value;
  DIEGO_RETURN_IF_ERROR(tx.Query("SELECT value FROM configurations WHERE id = ?", {sql::Text(id)},
                                 [&](const sql::Row& row) {
                                   value = row.Text(0);
                                   return absl::OkStatus();
                                 }));
  return value;
}

absl::StatusOr<std::optional<StoredVersion>> ReadVersion(sql::Transaction& tx) {
  DIEGO_ASSIGN_OR_RETURN(const std::optional<std::string> text, ReadConfiguration(tx, kVersionRow));
  if (!text) return std::optional<StoredVersion>();
  DIEGO_ASSIGN_OR_RETURN(const StoredVersion stored, ParseVersion(*text));
  return std::optional<StoredVersion>(stored);
}

absl::Status WriteConfiguration(sql::Transaction& tx, absl::string_view id,
                                absl::string_view value) {
  return tx
      .Execute(tx.dialect().Upsert(ConfigurationsTable(), 1), {sql::Text(id), sql::Text(value)})
      .status();
}

}  // namespace diego::bbs
