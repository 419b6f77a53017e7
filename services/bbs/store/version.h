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
  // Older programs noted where a migration was bound for; absent: where it is.
  std::optional<int64_t> target;

  friend bool operator==(const StoredVersion&, const StoredVersion&) = default;
};

// `{"CurrentVersion":N}`, perhaps with "TargetVersion". Deserialize for anything else.
absl::StatusOr<StoredVersion> ParseVersion(absl::string_view json);
std::string VersionJson(int64_t current);

// What a program built for `built_for` does with a database at `stored`: OK to migrate (or serve,
// when there is nothing to do); FailedPrecondition to keep its hands off.
absl::Status MayRunOn(const StoredVersion& stored, int64_t built_for);

absl::Status EnsureConfigurations(sql::Database& database);
// nullopt when there is no such row.
absl::StatusOr<std::optional<std::string>> ReadConfiguration(sql::Transaction& tx,
                                                             absl::string_view id);
absl::Status WriteConfiguration(sql::Transaction& tx, absl::string_view id,
                                absl::string_view value);

}  // namespace diego::bbs
