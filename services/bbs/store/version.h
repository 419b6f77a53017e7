// The rows of the configurations table: the schema's version and the label of the key that all data
// is sealed with. Source: reference/sql-schema.md "configurations"; reference/design-notes.md 2.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/sql/database.h"

namespace diego::bbs {

struct StoredVersion {
  int64_t current = 0;
  // Where a migration that is under way, or died, is bound for. Absent when all is done.
  std::optional<int64_t> target;

  friend bool operator==(const StoredVersion&, const StoredVersion&) = default;
};

// `{"CurrentVersion":N}`, perhaps with "TargetVersion". Deserialize for anything else.
absl::StatusOr<StoredVersion> ParseVersion(absl::string_view json);
// Without a target as the original writes it; it ignores a target when it reads one.
std::string VersionJson(const StoredVersion& stored);

// What a program does with the database it finds.
enum class VersionAction {
  kCreate,    // there is nothing: make the schema, serve
  kBegin,     // older: note the target, migrate, serve
  kContinue,  // a migrator died on its way: migrate from what is there, serve
  kServe,     // it is ours
  kShutDown,  // it is not ours to touch: give the lock up, write nothing
};
// For a program built for `built_for`. nullopt: there is no version row.
VersionAction ActionFor(const std::optional<StoredVersion>& stored, int64_t built_for);
// FailedPrecondition for kShutDown, with the reason for an operator.
absl::Status MayRunOn(const std::optional<StoredVersion>& stored, int64_t built_for);

absl::Status EnsureConfigurations(sql::Database& database);
// False on a database that nobody has used yet: there is no configurations table.
absl::StatusOr<bool> HasConfigurations(sql::Database& database);
// nullopt when there is no such row.
absl::StatusOr<std::optional<std::string>> ReadConfiguration(sql::Transaction& tx,
                                                             absl::string_view id);
absl::StatusOr<std::optional<StoredVersion>> ReadVersion(sql::Transaction& tx);
absl::Status WriteConfiguration(sql::Transaction& tx, absl::string_view id,
                                absl::string_view value);

}  // namespace diego::bbs
