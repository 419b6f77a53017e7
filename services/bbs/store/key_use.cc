#include "services/bbs/store/key_use.h"

#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"
#include "services/bbs/store/leadership.h"
#include "services/bbs/store/schema.h"
#include "services/bbs/store/version.h"

namespace diego::bbs {
namespace {

absl::Status CheckKnown(const crypto::KeyRing& keys, absl::string_view label) {
  if (keys.Knows(label)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("Existing encryption key version (", label, ") is not among the known keys"));
}

absl::StatusOr<bool> AnySealedRow(sql::Transaction& tx) {
  bool any = false;
  for (const SealedTable& table : SealedTables()) {
    DIEGO_RETURN_IF_ERROR(tx.Query(absl::StrCat("SELECT 1 FROM ", table.shape->name, " LIMIT 1"),
                                   {}, [&](const sql::Row&) {
                                     any = true;
                                     return absl::OkStatus();
                                   }));
  }
  return any;
}

// Of those made under the label row as it stands.
absl::Status CheckNotes(sql::Transaction& tx, const std::string& label,
                        const crypto::KeyRing& keys) {
  absl::Status known;
  const absl::Status read =
      tx.Query(absl::StrCat("SELECT label FROM ", kSealingKeysTable, " WHERE since_label = ?"),
               {label}, [&](const sql::Row& row) {
                 known.Update(CheckKnown(keys, row.Text(0)));
                 return absl::OkStatus();
               });
  // The original has no such table.
  if (sql::KindOf(read) == sql::ErrorKind::kTableMissing) return absl::OkStatus();
  return read.ok() ? known : read;
}

}  // namespace

absl::Status CheckKeys(sql::Database& database, const crypto::KeyRing& keys) {
  const absl::Status checked = database.Read([&](sql::Transaction& tx) -> absl::Status {
    DIEGO_ASSIGN_OR_RETURN(const auto label, ReadConfiguration(tx, kKeyLabelRow));
    if (label) DIEGO_RETURN_IF_ERROR(CheckKnown(keys, *label));
    return CheckNotes(tx, label.value_or(""), keys);
  });
  // Nobody has used it yet.
  return sql::KindOf(checked) == sql::ErrorKind::kTableMissing ? absl::OkStatus() : checked;
}

absl::Status NoteActiveKey(sql::Database& database, uint64_t epoch, const crypto::KeyRing& keys) {
  static const sql::TableShape kShape = {kSealingKeysTable, {"label", "since_label"}, 1};
  return Annotate(database.Transact([&](sql::Transaction& tx) -> absl::Status {
    DIEGO_RETURN_IF_ERROR(CheckOffice(tx, epoch));
    DIEGO_ASSIGN_OR_RETURN(const auto label, ReadConfiguration(tx, kKeyLabelRow));
    if (label == keys.active_label()) return absl::OkStatus();
    DIEGO_ASSIGN_OR_RETURN(const bool any, AnySealedRow(tx));
    if (!any) return WriteKeyLabel(tx, keys);
    return tx.Execute(tx.dialect().Upsert(kShape, 1), {keys.active_label(), label.value_or("")})
        .status();
  }),
                  "noting the active key");
}

absl::StatusOr<std::optional<std::string>> StoredKeyLabel(sql::Database& database) {
  std::optional<std::string> label;
  DIEGO_RETURN_IF_ERROR(database.Read([&](sql::Transaction& tx) -> absl::Status {
    DIEGO_ASSIGN_OR_RETURN(label, ReadConfiguration(tx, kKeyLabelRow));
    return absl::OkStatus();
  }));
  return label;
}

absl::Status WriteKeyLabel(sql::Transaction& tx, const crypto::KeyRing& keys) {
  DIEGO_RETURN_IF_ERROR(WriteConfiguration(tx, kKeyLabelRow, keys.active_label()));
  return tx.Execute(absl::StrCat("DELETE FROM ", kSealingKeysTable)).status();
}

}  // namespace diego::bbs
