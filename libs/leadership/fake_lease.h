// A Locket with one key, for tests: it grants, collides, expires and goes away as told, by a clock.
#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "libs/base/clock.h"
#include "libs/leadership/lease_port.h"
#include "libs/sync/guarded.h"

namespace diego::leadership {

// Thread-safe.
class FakeLocket {
 public:
  explicit FakeLocket(const Clock& clock) : clock_(clock) {}

  // Unreachable until told otherwise: every call fails with Unavailable.
  void SetAway(bool away) {
    data_.With([away](Data& data) { data.away = away; });
  }
  // "" when nobody holds the lease.
  std::string owner() const {
    return data_.With([this](const Data& data) { return Live(data) ? data.owner : ""; });
  }
  std::string value() const {
    return data_.With([](const Data& data) { return data.value; });
  }

  absl::StatusOr<int64_t> Acquire(const std::string& owner, const std::string& value,
                                  absl::Duration ttl, int64_t least_token = 0) {
    return data_.With([&](Data& data) -> absl::StatusOr<int64_t> {
      if (data.away) return absl::UnavailableError("locket is away");
      if (Live(data) && data.owner != owner) return absl::AlreadyExistsError("lock-collision");
      if (!Live(data)) ++data.token;
      data.token = std::max(data.token, least_token);
      data.owner = owner;
      data.value = value;
      data.expires = clock_.Monotonic() + ttl;
      return data.token;
    });
  }
  // Loses its database: leases and counters.
  void Forget() {
    data_.With([](Data& data) { data = Data{}; });
  }
  absl::Status Release(const std::string& owner) {
    return data_.With([&](Data& data) -> absl::Status {
      if (data.away) return absl::UnavailableError("locket is away");
      if (data.owner == owner) data.owner.clear();
      return absl::OkStatus();
    });
  }

 private:
  struct Data {
    bool away = false;
    int64_t token = 0;
    std::string owner;
    std::string value;
    absl::Duration expires;
  };
  bool Live(const Data& data) const {
    return !data.owner.empty() && clock_.Monotonic() < data.expires;
  }

  const Clock& clock_;
  Guarded<Data> data_;
};

// One owner's door to it.
class FakeLease final : public LeasePort {
 public:
  FakeLease(FakeLocket& locket, std::string owner) : locket_(locket), owner_(std::move(owner)) {}
  absl::StatusOr<int64_t> Acquire(const std::string& value, absl::Duration ttl,
                                  int64_t least_token) override {
    return locket_.Acquire(owner_, value, ttl, least_token);
  }
  absl::Status Release() override { return locket_.Release(owner_); }

 private:
  FakeLocket& locket_;
  const std::string owner_;
};

}  // namespace diego::leadership
