#include "services/bbs/store/migrator.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"
#include "services/bbs/store/additions.h"
#include "services/bbs/store/leadership.h"
#include "services/bbs/store/migrations/history.h"
#include "services/bbs/store/schema.h"

namespace diego::bbs {
namespace {

// The version before the migration at `place`.
int64_t Before(const std::vector<sql::Migration>& history, size_t place) {
  return place == 0 ? 0 : history[place - 1].version;
}

absl::Status CheckTarget(const std::vector<sql::Migration>& history, int64_t to) {
  const bool known = to == 0 || std::any_of(history.begin(), history.end(),
                                            [to](const auto& m) { return m.version == to; });
  if (known) return absl::OkStatus();
  std::string versions = "0";
  for (const sql::Migration& m : history) absl::StrAppend(&versions, ", ", m.version);
  return absl::InvalidArgumentError(
      absl::StrCat(to, " is not a version of the schema; these are: ", versions));
}

}  // namespace

absl::StatusOr<std::vector<PlannedMigration>> PlanMigrations(
    const std::vector<sql::Migration>& history, const std::optional<StoredVersion>& stored,
    int64_t to, bool keeps_halves) {
  DIEGO_RETURN_IF_ERROR(CheckTarget(history, to));
  const int64_t current = stored ? stored->current : 0;
  std::vector<PlannedMigration> plan;
  if (to > current) {
    for (size_t place = 0; place < history.size(); ++place) {
      const int64_t version = history[place].version;
      if (version > current && version <= to) plan.push_back({place, sql::Direction::kUp});
    }
    return plan;
  }
  const bool half_beyond = keeps_halves && stored && stored->target;
  size_t end = 0;  // behind the first to undo
  while (end < history.size() && history[end].version <= current) ++end;
  if (half_beyond && end < history.size()) ++end;
  for (size_t place = end; place > 0 && history[place - 1].version > to; --place) {
    plan.push_back({place - 1, sql::Direction::kDown});
  }
  return plan;
}

std::string ToText(const MigrationProgress& progress) {
  return absl::StrCat("migrating the database from version ", progress.from, " to ", progress.to,
                      " (", progress.done, " of ", progress.of, " steps done)");
}

Migrator::Migrator(sql::Database* database, const RowCodec* codec, const log::Logger& log)
    : database_(database), history_(SchemaHistory(codec)), log_(log.Session("migration-manager")) {}

absl::StatusOr<std::optional<StoredVersion>> Migrator::Stored() {
  std::optional<StoredVersion> stored;
  DIEGO_ASSIGN_OR_RETURN(const bool used, HasConfigurations(*database_));
  if (!used) return stored;
  DIEGO_RETURN_IF_ERROR(Annotate(database_->Read([&](sql::Transaction& tx) -> absl::Status {
    DIEGO_ASSIGN_OR_RETURN(stored, ReadVersion(tx));
    return absl::OkStatus();
  }),
                                 "reading the schema's version"));
  return stored;
}

bool Migrator::DropsAdditions(int64_t to, bool asked) const {
  return asked || to < history_.back().version;
}

absl::Status Migrator::WriteVersion(uint64_t epoch, const StoredVersion& stored) {
  return database_->Transact([&](sql::Transaction& tx) -> absl::Status {
    DIEGO_RETURN_IF_ERROR(CheckOffice(tx, epoch));
    return WriteConfiguration(tx, kVersionRow, VersionJson(stored));
  });
}

absl::StatusOr<Migrator::Way> Migrator::FindWay(int64_t to) {
  Way way;
  DIEGO_ASSIGN_OR_RETURN(way.stored, Stored());
  const int64_t latest = history_.back().version;
  // Only what is beyond the latest: a way down that was begun may be gone on with.
  if (way.stored && way.stored->current > latest) {
    DIEGO_RETURN_IF_ERROR(MayRunOn(way.stored, latest));
  }
  DIEGO_ASSIGN_OR_RETURN(way.plan, PlanMigrations(history_, way.stored, to,
                                                  database_->flavor() == sql::Flavor::kMysql));
  return way;
}

absl::Status Migrator::Run(const MigrationRun& run) {
  DIEGO_ASSIGN_OR_RETURN(const Way way, FindWay(run.to));
  const auto& [stored, plan] = way;
  const bool drops = DropsAdditions(run.to, run.drop_additions);
  if (plan.empty() && stored == StoredVersion{run.to, std::nullopt} && !drops) {
    return absl::OkStatus();
  }
  const int64_t from = stored ? stored->current : 0;
  DIEGO_RETURN_IF_ERROR(EnsureConfigurations(*database_));
  DIEGO_RETURN_IF_ERROR(WriteVersion(run.epoch, {from, run.to}));
  if (drops) DIEGO_RETURN_IF_ERROR(DropAdditions(*database_, OurAdditions(), run.may_go_on));
  for (size_t done = 0; done < plan.size(); ++done) {
    if (run.progress) run.progress({from, run.to, done, plan.size()});
    DIEGO_RETURN_IF_ERROR(RunOne(run, plan[done]));
  }
  const bool ended_up = !plan.empty() && plan.back().direction == sql::Direction::kUp;
  if (!ended_up) DIEGO_RETURN_IF_ERROR(WriteVersion(run.epoch, {run.to, std::nullopt}));
  log_.Info("finished-migrations", {{"from", from}, {"to", run.to}, {"migrations", plan.size()}});
  return absl::OkStatus();
}

absl::Status Migrator::RunOne(const MigrationRun& run, const PlannedMigration& planned) {
  const sql::Migration& migration = history_[planned.place];
  const int64_t before = Before(history_, planned.place);
  const auto write = [&run](const StoredVersion& stored) {
    return [&run, json = VersionJson(stored)](sql::Transaction& tx) -> absl::Status {
      DIEGO_RETURN_IF_ERROR(CheckOffice(tx, run.epoch));
      return WriteConfiguration(tx, kVersionRow, json);
    };
  };
  sql::MigrationHooks hooks;
  if (planned.direction == sql::Direction::kDown) {
    hooks.before = write({before, run.to});
  } else if (migration.version < run.to) {
    hooks.after = write({migration.version, run.to});
  } else {
    hooks.after = write({migration.version, std::nullopt});
  }
  hooks.may_go_on = run.may_go_on;
  hooks.before_step = [&run](sql::Transaction& tx) -> absl::Status {
    if (run.may_go_on) DIEGO_RETURN_IF_ERROR(run.may_go_on());
    return CheckOffice(tx, run.epoch);
  };
  const log::Fields which = {{"version", migration.version},
                             {"direction", sql::DirectionName(planned.direction)},
                             {"does", migration.does}};
  log_.Info("running-migration", which);
  DIEGO_RETURN_IF_ERROR(sql::RunMigration(*database_, migration, planned.direction, hooks));
  log_.Info("completed-migration", which);
  return absl::OkStatus();
}

absl::StatusOr<std::string> Migrator::Describe(int64_t to, bool drop_additions) {
  DIEGO_ASSIGN_OR_RETURN(const Way way, FindWay(to));
  const auto& [stored, plan] = way;
  std::string text = absl::StrCat(
      "database: ", stored ? absl::StrCat("version ", stored->current) : "empty, without version");
  if (stored && stored->target) {
    absl::StrAppend(&text, ", with a migration to ", *stored->target, " not finished");
  }
  absl::StrAppend(&text, "\nto:       version ", to, "\n");
  size_t steps = 0;
  if (DropsAdditions(to, drop_additions) && stored) {
    DIEGO_ASSIGN_OR_RETURN(const std::vector<std::string> drops,
                           StatementsToDrop(*database_, OurAdditions()));
    for (const std::string& drop : drops) {
      absl::StrAppend(&text, ++steps, ". down, our own addition: ", drop,
                      "\n     LOSES what is stored in it\n");
    }
  }
  for (const PlannedMigration& planned : plan) {
    const sql::Migration& migration = history_[planned.place];
    const bool down = planned.direction == sql::Direction::kDown;
    absl::StrAppend(&text, ++steps, ". ", sql::DirectionName(planned.direction), " ",
                    migration.version, ": ", down ? "undoes: " : "", migration.does, "\n");
    if (down && !migration.loses.empty()) {
      absl::StrAppend(&text, "     LOSES ", migration.loses, "\n");
    }
  }
  if (steps == 0) absl::StrAppend(&text, "nothing to do\n");
  return text;
}

}  // namespace diego::bbs
