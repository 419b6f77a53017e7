#include "services/bbs/store/key_use.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
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

// Those made under the label row as it stands.
absl::StatusOr<std::vector<std::string>> ReadNotes(sql::Transaction& tx, const std::string& label) {
  std::vector<std::string> noted;
  const absl::Status read =
      tx.Query(absl::StrCat("SELECT label FROM ", kSealingKeysTable, " WHERE since_label = ?"),
               {label}, [&](const sql::Row& row) {
                 noted.push_back(row.Text(0));
                 return absl::OkStatus();
               });
  // The original has no such table.
  if (!read.ok() && sql::KindOf(read) != sql::ErrorKind::kTableMissing) return read;
  return noted;
}

}  // namespace

absl::Status CheckKeys(sql::Database& database, const crypto::KeyRing& keys) {
  const absl::Status checked = database.Read([&](sql::Transaction& tx) -> absl::Status {
    DIEGO_ASSIGN_OR_RETURN(const auto label, ReadConfiguration(tx, kKeyLabelRow));
    if (label) DIEGO_RETURN_IF_ERROR(CheckKnown(keys, *label));
    DIEGO_ASSIGN_OR_RETURN(const auto noted, ReadNotes(tx, label.value_or("")));
    for (const std::string& key : noted) DIEGO_RETURN_IF_ERROR(CheckKnown(keys, key));
    return absl::OkStatus();
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

absl::StatusOr<bool> AllUnderActiveKey(sql::Database& database, const crypto::KeyRing& keys) {
  bool all = false;
  DIEGO_RETURN_IF_ERROR(database.Read([&](sql::Transaction& tx) -> absl::Status {
    DIEGO_ASSIGN_OR_RETURN(const auto label, ReadConfiguration(tx, kKeyLabelRow));
    all = label == keys.active_label();
    if (!all) return absl::OkStatus();
    DIEGO_ASSIGN_OR_RETURN(const auto noted, ReadNotes(tx, *label));
    for (const std::string& key : noted) all = all && key == *label;
    return absl::OkStatus();
  }));
  return all;
}

absl::Status CheckNoKeyChange(sql::Database& database) {
  return database.Read([](sql::Transaction& tx) -> absl::Status {
    DIEGO_ASSIGN_OR_RETURN(const auto label, ReadConfiguration(tx, kKeyLabelRow));
    DIEGO_ASSIGN_OR_RETURN(const auto noted, ReadNotes(tx, label.value_or("")));
    if (noted.empty()) return absl::OkStatus();
    return absl::FailedPreconditionError(absl::StrCat(
        "a change of keys is under way: beside \"", label.value_or(""), "\" rows may be under \"",
        absl::StrJoin(noted, "\", \""),
        "\", and what is to be dropped says so; run a BBS until encryption_state is 0 first"));
  });
}

absl::Status WriteKeyLabel(sql::Transaction& tx, const crypto::KeyRing& keys) {
  DIEGO_RETURN_IF_ERROR(WriteConfiguration(tx, kKeyLabelRow, keys.active_label()));
  return tx.Execute(absl::StrCat("DELETE FROM ", kSealingKeysTable)).status();
}

}  // namespace diego::bbs
