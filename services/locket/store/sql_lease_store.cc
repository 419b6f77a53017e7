#include "services/locket/store/sql_lease_store.h"

#include <algorithm>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/status_util.h"
#include "libs/sql/batch.h"
#include "libs/sql/error.h"
#include "services/locket/store/schema.h"

namespace diego::locket {
namespace {

// Times a group decides anew because another server wrote the same new key first.
constexpr int kMaxRaces = 5;

constexpr char kSelectLeases[] =
    "SELECT l.path, l.owner, l.value, l.type, l.modified_index, l.modified_id, l.ttl,"
    " f.token, f.modified_id"
    " FROM locks l LEFT JOIN lock_fences f ON f.path = l.path";
constexpr char kSelectFences[] = "SELECT path, token, modified_id FROM lock_fences WHERE path IN ";

Lease ReadLease(const sql::Row& row) {
  return {row.Text(0),  row.Text(1), row.Text(2), ParseLeaseType(row.Text(3)),
          row.Int64(4), row.Text(5), row.Int64(6)};
}

sql::Values LeaseValues(const Lease& lease) {
  return {sql::Text(lease.key),   sql::Text(lease.owner),
          sql::Text(lease.value), sql::Text(LeaseTypeName(lease.type)),
          lease.modified_index,   sql::Text(lease.modified_id),
          lease.ttl_seconds};
}

sql::Values FenceValues(const std::string& key, const Fence& fence) {
  return {sql::Text(key), fence.token, sql::Text(fence.modified_id)};
}

// "(?,?,?)"
std::string Placeholders(size_t count) {
  return absl::StrCat("(", absl::StrJoin(std::vector<std::string>(count, "?"), ","), ")");
}

// Calls `query` with lists of keys in a few fixed sizes, so that few statements are prepared; a
// list is filled up by repeating its last key.
absl::Status ForEachKeyList(
    const std::set<std::string>& keys,
    absl::FunctionRef<absl::Status(const std::string& placeholders, const sql::Values& list)>
        query) {
  constexpr size_t kSizes[] = {1, 4, 16, 64, 256};
  for (auto next = keys.begin(); next != keys.end();) {
    const size_t left = static_cast<size_t>(std::distance(next, keys.end()));
    size_t size = 256;
    for (const size_t candidate : kSizes) {
      if (candidate >= left) {
        size = candidate;
        break;
      }
    }
    sql::Values list;
    for (; list.size() < size && next != keys.end(); ++next) list.push_back(sql::Text(*next));
    while (list.size() < size) list.push_back(sql::Value(list.back()));
    DIEGO_RETURN_IF_ERROR(query(Placeholders(size), list));
  }
  return absl::OkStatus();
}

// Fails with kDuplicate when one of the keys is there.
absl::Status InsertRows(sql::Transaction& tx, const sql::TableShape& table,
                        const std::vector<sql::Values>& rows) {
  constexpr size_t kSizes[] = {64, 8, 1};
  const std::string head = absl::StrCat("INSERT INTO ", table.name, " (",
                                        absl::StrJoin(table.columns, ", "), ") VALUES ");
  size_t done = 0;
  for (const size_t size : kSizes) {
    const std::string row = Placeholders(table.columns.size());
    const std::string text =
        absl::StrCat(head, absl::StrJoin(std::vector<std::string>(size, row), ","));
    while (rows.size() - done >= size) {
      sql::Values values;
      for (size_t i = 0; i < size; ++i, ++done) {
        values.insert(values.end(), rows[done].begin(), rows[done].end());
      }
      if (auto inserted = tx.Execute(text, values); !inserted.ok()) return inserted.status();
    }
  }
  return absl::OkStatus();
}

absl::Status LoadLocked(sql::Transaction& tx, const std::set<std::string>& keys,
                        LeaseTable* table) {
  const absl::string_view lock_rows = tx.dialect().ForUpdate();
  std::set<std::string> free = keys;
  const auto add_lease = [&](const sql::Row& row) {
    Lease lease = ReadLease(row);
    free.erase(lease.key);
    if (!row.IsNull(7)) table->fences[lease.key] = {row.Int64(7), row.Text(8)};
    table->leases[lease.key] = std::move(lease);
    return absl::OkStatus();
  };
  DIEGO_RETURN_IF_ERROR(ForEachKeyList(keys, [&](const std::string& placeholders,
                                                 const sql::Values& list) {
    return tx.Query(absl::StrCat(kSelectLeases, " WHERE l.path IN ", placeholders, " ", lock_rows),
                    list, add_lease);
  }));
  // A renewal, the common case, ends here: its fence came with the lease.
  const auto add_fence = [&](const sql::Row& row) {
    table->fences[row.Text(0)] = {row.Int64(1), row.Text(2)};
    return absl::OkStatus();
  };
  return ForEachKeyList(free, [&](const std::string& placeholders, const sql::Values& list) {
    return tx.Query(absl::StrCat(kSelectFences, placeholders, " ", lock_rows), list, add_fence);
  });
}

absl::Status Write(sql::Transaction& tx, const std::vector<LeaseChange>& changes) {
  std::vector<sql::Values> new_leases;
  std::vector<sql::Values> changed_leases;
  std::vector<sql::Values> gone_leases;
  std::vector<sql::Values> new_fences;
  std::vector<sql::Values> changed_fences;
  for (const LeaseChange& change : changes) {
    if (change.after) {
      (change.before ? changed_leases : new_leases).push_back(LeaseValues(*change.after));
    } else if (change.before) {
      gone_leases.push_back({sql::Text(change.key)});
    }
    if (change.fence_after) {
      (change.fence_before ? changed_fences : new_fences)
          .push_back(FenceValues(change.key, *change.fence_after));
    }
  }
  DIEGO_RETURN_IF_ERROR(InsertRows(tx, FencesTable(), new_fences));
  DIEGO_RETURN_IF_ERROR(sql::UpsertRows(tx, FencesTable(), changed_fences));
  DIEGO_RETURN_IF_ERROR(InsertRows(tx, LocksTable(), new_leases));
  DIEGO_RETURN_IF_ERROR(sql::UpsertRows(tx, LocksTable(), changed_leases));
  return sql::DeleteRows(tx, LocksTable(), gone_leases);
}

// UNAVAILABLE when the database cannot be reached, else UNKNOWN, with its text. The kind stays with
// it as payload.
absl::Status Told(const absl::Status& status) {
  if (status.ok() || absl::IsUnavailable(status)) return status;
  absl::Status unknown(absl::StatusCode::kUnknown, status.message());
  status.ForEachPayload(
      [&](absl::string_view url, const absl::Cord& payload) { unknown.SetPayload(url, payload); });
  return unknown;
}

StoredLease ReadStored(const sql::Row& row) { return {ReadLease(row), row.Int64(7)}; }

}  // namespace

absl::Status SqlLeaseStore::Transact(const std::set<std::string>& keys, Decide decide) {
  absl::Status status;
  for (int race = 0; race < kMaxRaces; ++race) {
    status = database_.Transact([&](sql::Transaction& tx) -> absl::Status {
      LeaseTable table;
      DIEGO_RETURN_IF_ERROR(LoadLocked(tx, keys, &table));
      return Write(tx, decide(std::move(table)));
    });
    if (sql::KindOf(status) != sql::ErrorKind::kDuplicate) break;
  }
  return Told(status);
}

absl::StatusOr<std::vector<StoredLease>> SqlLeaseStore::Read(const std::set<std::string>& keys) {
  std::vector<StoredLease> rows;
  const absl::Status status = database_.Read([&](sql::Transaction& tx) {
    rows.clear();
    return ForEachKeyList(keys, [&](const std::string& placeholders, const sql::Values& list) {
      return tx.Query(absl::StrCat(kSelectLeases, " WHERE l.path IN ", placeholders), list,
                      [&](const sql::Row& row) {
                        rows.push_back(ReadStored(row));
                        return absl::OkStatus();
                      });
    });
  });
  if (!status.ok()) return Told(status);
  std::sort(rows.begin(), rows.end(),
            [](const StoredLease& a, const StoredLease& b) { return a.lease.key < b.lease.key; });
  return rows;
}

absl::StatusOr<std::vector<StoredLease>> SqlLeaseStore::ReadAll() {
  std::vector<StoredLease> rows;
  const absl::Status status = database_.Read([&](sql::Transaction& tx) {
    rows.clear();
    return tx.Query(absl::StrCat(kSelectLeases, " ORDER BY l.path"), {}, [&](const sql::Row& row) {
      rows.push_back(ReadStored(row));
      return absl::OkStatus();
    });
  });
  if (!status.ok()) return Told(status);
  return rows;
}

absl::StatusOr<std::vector<Lease>> SqlLeaseStore::Scan() {
  std::vector<Lease> rows;
  const absl::Status status = database_.Read([&](sql::Transaction& tx) {
    rows.clear();
    return tx.Query(
        "SELECT path, owner, '', type, modified_index, modified_id, ttl FROM locks ORDER BY path",
        {}, [&](const sql::Row& row) {
          rows.push_back(ReadLease(row));
          return absl::OkStatus();
        });
  });
  if (!status.ok()) return Told(status);
  return rows;
}

bool SqlLeaseStore::HasLostItsTables(const absl::Status& status) const {
  return sql::KindOf(status) == sql::ErrorKind::kTableMissing;
}

}  // namespace diego::locket
