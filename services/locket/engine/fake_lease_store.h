// A LeaseStore in memory that several servers may share, and that can be made to fail. For tests
// and simulations. Thread-safe.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/sync/guarded.h"
#include "services/locket/engine/lease_store.h"

namespace diego::locket {

class FakeLeaseStore final : public LeaseStore {
 public:
  // Every call fails with `status` until it is OK again.
  void FailWith(absl::Status status) {
    data_.With([&](Data& data) { data.failure = std::move(status); });
  }
  // A transaction that touches `key` fails, as if the database refused the row.
  void RefuseKey(std::string key) {
    data_.With([&](Data& data) { data.refused_key = std::move(key); });
  }
  // Another server writes.
  void Write(const LeaseChange& change) {
    data_.With([&](Data& data) { Apply(change, data.table); });
  }
  LeaseTable Table() const {
    return data_.With([](const Data& data) { return data.table; });
  }
  int transactions() const {
    return data_.With([](const Data& data) { return data.transactions; });
  }

  absl::Status Transact(const std::set<std::string>& keys, Decide decide) override {
    return data_.With([&](Data& data) -> absl::Status {
      if (!data.failure.ok()) return data.failure;
      if (keys.count(data.refused_key) > 0) return absl::UnknownError("Incorrect string value");
      ++data.transactions;
      LeaseTable rows;
      for (const std::string& key : keys) {
        if (const auto it = data.table.leases.find(key); it != data.table.leases.end()) {
          rows.leases.insert(*it);
        }
        if (const auto it = data.table.fences.find(key); it != data.table.fences.end()) {
          rows.fences.insert(*it);
        }
      }
      for (const LeaseChange& change : decide(std::move(rows))) Apply(change, data.table);
      return absl::OkStatus();
    });
  }
  absl::StatusOr<std::vector<StoredLease>> Read(const std::set<std::string>& keys) override {
    return Select([&](const Lease& lease) { return keys.count(lease.key) > 0; });
  }
  absl::StatusOr<std::vector<StoredLease>> ReadAll() override {
    return Select([](const Lease&) { return true; });
  }
  absl::StatusOr<std::vector<Lease>> Scan() override {
    return data_.With([](const Data& data) -> absl::StatusOr<std::vector<Lease>> {
      if (!data.failure.ok()) return data.failure;
      std::vector<Lease> rows;
      for (const auto& [key, lease] : data.table.leases) rows.push_back(lease);
      return rows;
    });
  }
  bool HasLostItsTables(const absl::Status& status) const override {
    return absl::IsInternal(status);
  }

 private:
  struct Data {
    LeaseTable table;
    absl::Status failure;
    std::string refused_key;
    int transactions = 0;
  };
  template <typename Wanted>
  absl::StatusOr<std::vector<StoredLease>> Select(Wanted wanted) {
    return data_.With([&](const Data& data) -> absl::StatusOr<std::vector<StoredLease>> {
      if (!data.failure.ok()) return data.failure;
      std::vector<StoredLease> rows;
      for (const auto& [key, lease] : data.table.leases) {
        if (!wanted(lease)) continue;
        const auto fence = data.table.fences.find(key);
        rows.push_back({lease, fence == data.table.fences.end() ? 0 : fence->second.token});
      }
      return rows;
    });
  }

  Guarded<Data> data_;
};

}  // namespace diego::locket
