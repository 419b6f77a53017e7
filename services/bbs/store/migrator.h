// Migrator: brings a database to a version of the schema's history, up or down, and can be killed
// and run again at any point. Source: reference/design-notes.md section 2; reference/sql-schema.md
// "Migrations (BBS)".
//
// The version row while it works, for a way up from 3 to 5 and one down from 5 to 3; what has a
// target is not finished:
//
//   up    {3}  {3,target 5}  …4's steps… {4,target 5}  …5's steps… {5}
//   down  {5}  {5,target 3}  {4,target 3} …5's steps back…  {3,target 3} …4's steps back…  {3}
//
// So the current version is always one that is there as a whole; beyond it lies at most one
// migration that is half done.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/log/log.h"
#include "libs/sql/migrations.h"
#include "services/bbs/store/row_codec.h"
#include "services/bbs/store/version.h"

namespace diego::bbs {

struct PlannedMigration {
  size_t place = 0;  // in the history
  sql::Direction direction = sql::Direction::kUp;

  friend bool operator==(const PlannedMigration&, const PlannedMigration&) = default;
};

// What leads from `stored` to version `to`: pure. `keeps_halves`: a migration that died may have
// left a part of its steps (MySQL), so that one beyond the current version is undone first on a way
// down. InvalidArgument when `to` is neither 0 nor in the history.
absl::StatusOr<std::vector<PlannedMigration>> PlanMigrations(
    const std::vector<sql::Migration>& history, const std::optional<StoredVersion>& stored,
    int64_t to, bool keeps_halves);

// How far a migration is, for whoever is told to wait.
struct MigrationProgress {
  int64_t from = 0;
  int64_t to = 0;
  size_t done = 0;
  size_t of = 0;
};
// "migrating the database from version F to T (D of N steps done)".
std::string ToText(const MigrationProgress& progress);

struct MigrationRun {
  uint64_t epoch = 0;  // holds office while it runs
  int64_t to = 0;
  bool drop_additions = false;  // going below the latest version drops them always
  sql::MayGoOn may_go_on;       // asked before every step; may be empty
  std::function<void(const MigrationProgress&)> progress;  // may be empty
};

class Migrator {
 public:
  // All outlive it.
  Migrator(sql::Database* database, const RowCodec* codec, const log::Logger& log);

  // nullopt: there is no version yet.
  absl::StatusOr<std::optional<StoredVersion>> Stored();

  // Holds office already. Does nothing where nothing is to be done. Aborted: another epoch took
  // office. Errors name migration and statement.
  absl::Status Run(const MigrationRun& run);
  // Whether that run would: a schema below the latest is another program's.
  bool DropsAdditions(int64_t to, bool asked) const;

  // The plan as a person reads it, a line a step. Changes nothing.
  absl::StatusOr<std::string> Describe(int64_t to, bool drop_additions);

 private:
  // What is stored, and the way from there. FailedPrecondition: the database is of a newer program.
  struct Way {
    std::optional<StoredVersion> stored;
    std::vector<PlannedMigration> plan;
  };
  absl::StatusOr<Way> FindWay(int64_t to);
  absl::Status RunOne(const MigrationRun& run, const PlannedMigration& planned);
  absl::Status WriteVersion(uint64_t epoch, const StoredVersion& stored);

  sql::Database* const database_;
  const std::vector<sql::Migration> history_;
  const log::Logger log_;
};

}  // namespace diego::bbs
