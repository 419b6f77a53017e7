#include "services/bbs/store/resealer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/status_util.h"
#include "services/bbs/store/key_use.h"
#include "services/bbs/store/leadership.h"
#include "services/bbs/store/paging.h"
#include "services/bbs/store/schema.h"

namespace diego::bbs {
namespace {

// Batches wait while a page is written.
constexpr size_t kPageRows = 32;
constexpr absl::Duration kBreath = absl::Milliseconds(5);
constexpr absl::Duration kIdle = absl::Seconds(1);
constexpr int64_t kRowsBetweenLogs = 10000;

struct RowTexts {
  sql::Values key;
  sql::Values sealed;  // by column, NULL where the row has that
};

std::string JoinNames(const SealedTable& table, absl::string_view end) {
  return absl::StrJoin(table.columns, absl::StrCat(end, ", "),
                       [](std::string* out, const SealedColumn& c) { out->append(c.name); }) +
         std::string(end);
}

std::string SelectPage(const SealedTable& table) {
  const std::vector<std::string>& columns = table.shape->columns;
  const std::string key = absl::StrJoin(
      columns.begin(), columns.begin() + static_cast<long>(table.shape->key_columns), ", ");
  return absl::StrCat("SELECT ", key, ", ", JoinNames(table, ""), " FROM ", table.shape->name,
                      PageClause(*table.shape, kPageRows));
}

std::string UpdateRow(const SealedTable& table) {
  const std::vector<std::string>& columns = table.shape->columns;
  return absl::StrCat(
      "UPDATE ", table.shape->name, " SET ", JoinNames(table, " = ?"), " WHERE ",
      absl::StrJoin(columns.begin(), columns.begin() + static_cast<long>(table.shape->key_columns),
                    " = ? AND "),
      " = ?");
}

absl::StatusOr<std::vector<RowTexts>> ReadPage(sql::Transaction& tx, const SealedTable& table,
                                               const sql::Values& after) {
  std::vector<RowTexts> rows;
  DIEGO_RETURN_IF_ERROR(tx.Query(SelectPage(table), PageValues(after), [&](const sql::Row& row) {
    RowTexts texts{KeyOf(*table.shape, row), {}};
    for (size_t i = 0; i < table.columns.size(); ++i) {
      const int place = static_cast<int>(table.shape->key_columns + i);
      texts.sealed.push_back(row.IsNull(place) ? sql::Value(sql::Null{})
                                               : sql::Value(row.Text(place)));
    }
    rows.push_back(std::move(texts));
    return absl::OkStatus();
  }));
  return rows;
}

enum class Came { kAsItWas, kAnew, kUnreadable };

// Leaves `row` as it is unless all of it can be read.
Came Reseal(const SealedTable& table, const crypto::KeyRing& keys, RowTexts* row) {
  sql::Values anew = row->sealed;
  bool changed = false;
  for (size_t i = 0; i < anew.size(); ++i) {
    const auto* text = std::get_if<std::string>(&row->sealed[i]);
    if (text == nullptr || text->empty()) {
      if (!table.columns[i].filled) continue;
      anew[i] = keys.Encode("{}");
    } else {
      if (keys.IsUnderActiveKey(*text)) continue;
      absl::StatusOr<std::string> plain = keys.Decode(*text);
      if (!plain.ok()) return Came::kUnreadable;
      anew[i] = keys.Encode(*plain);
    }
    changed = true;
  }
  if (!changed) return Came::kAsItWas;
  row->sealed = std::move(anew);
  return Came::kAnew;
}

}  // namespace

Resealer::Resealer(sql::Database* database, const crypto::KeyRing* keys, const Clock& clock,
                   const log::Logger& log)
    : database_(database), keys_(keys), clock_(clock), log_(log.Session("encryptor")) {}

absl::Duration Resealer::Step(std::optional<uint64_t> epoch) {
  if (epoch != epoch_) {
    epoch_ = epoch;
    done_ = false;
    progress_ = {};
  }
  if (!epoch_ || done_) return kIdle;
  const absl::StatusOr<absl::Duration> pause = Go();
  if (progress_.rows > 0) progress_.took = clock_.Monotonic() - began_at_;
  if (pause.ok()) return *pause;
  // The label row stays what it was; the next step goes on.
  log_.Error("encryption-failed", pause.status());
  return kIdle;
}

absl::StatusOr<absl::Duration> Resealer::Go() {
  if (!progress_.running) {
    DIEGO_ASSIGN_OR_RETURN(done_, AllUnderActiveKey(*database_, *keys_));
    if (done_) return kIdle;
    DIEGO_RETURN_IF_ERROR(Begin());
  }
  if (table_ == SealedTables().size()) {
    DIEGO_RETURN_IF_ERROR(Finish());
    return kIdle;
  }
  DIEGO_ASSIGN_OR_RETURN(const bool anything, Page());
  return anything ? kBreath : absl::ZeroDuration();
}

absl::Status Resealer::Begin() {
  ResealProgress fresh;
  DIEGO_RETURN_IF_ERROR(database_->Read([&](sql::Transaction& tx) -> absl::Status {
    fresh.rows = 0;
    for (const SealedTable& table : SealedTables()) {
      DIEGO_RETURN_IF_ERROR(tx.Query(absl::StrCat("SELECT COUNT(*) FROM ", table.shape->name), {},
                                     [&](const sql::Row& row) {
                                       fresh.rows += row.Int64(0);
                                       return absl::OkStatus();
                                     }));
    }
    return absl::OkStatus();
  }));
  fresh.running = true;
  began_at_ = clock_.Monotonic();
  progress_ = fresh;
  table_ = 0;
  after_ = FirstKey(*SealedTables()[0].shape);
  logged_at_rows_ = 0;
  log_.Info("encryption-started", {{"key", keys_->active_label()}, {"rows", progress_.rows}});
  return absl::OkStatus();
}

// Whether anything was written.
absl::StatusOr<bool> Resealer::Page() {
  const SealedTable& table = SealedTables()[table_];
  ResealProgress progress;
  sql::Values last;
  size_t count = 0;
  DIEGO_RETURN_IF_ERROR(Annotate(database_->Transact([&](sql::Transaction& tx) -> absl::Status {
    progress = progress_;
    last = after_;
    DIEGO_RETURN_IF_ERROR(CheckOffice(tx, *epoch_));
    DIEGO_ASSIGN_OR_RETURN(std::vector<RowTexts> rows, ReadPage(tx, table, after_));
    count = rows.size();
    for (RowTexts& row : rows) {
      last = row.key;
      ++progress.seen;
      const Came came = Reseal(table, *keys_, &row);
      if (came == Came::kUnreadable) ++progress.unreadable;
      if (came != Came::kAnew) continue;
      ++progress.resealed;
      sql::Values values = std::move(row.sealed);
      values.insert(values.end(), row.key.begin(), row.key.end());
      DIEGO_RETURN_IF_ERROR(tx.Execute(UpdateRow(table), values).status());
    }
    return absl::OkStatus();
  }),
                                 table.shape->name));
  const bool anything = progress.resealed > progress_.resealed;
  progress_ = progress;
  after_ = std::move(last);
  if (progress_.seen >= logged_at_rows_ + kRowsBetweenLogs) {
    logged_at_rows_ = progress_.seen;
    log_.Info("encryption-going-on", {{"rows", progress_.rows}, {"seen", progress_.seen}});
  }
  if (count == kPageRows) return anything;
  ++table_;
  if (table_ < SealedTables().size()) after_ = FirstKey(*SealedTables()[table_].shape);
  return anything;
}

absl::Status Resealer::Finish() {
  DIEGO_RETURN_IF_ERROR(database_->Transact([&](sql::Transaction& tx) -> absl::Status {
    DIEGO_RETURN_IF_ERROR(CheckOffice(tx, *epoch_));
    return WriteKeyLabel(tx, *keys_);
  }));
  progress_.running = false;
  done_ = true;
  log_.Info("encryption-finished", {{"key", keys_->active_label()},
                                    {"rows", progress_.seen},
                                    {"resealed", progress_.resealed},
                                    {"unreadable", progress_.unreadable},
                                    {"took", clock_.Monotonic() - began_at_}});
  return absl::OkStatus();
}

}  // namespace diego::bbs
