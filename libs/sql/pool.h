// Pool: at most N connections, handed out one user at a time. Internal to libs/sql. Thread-safe.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/sql/backend.h"
#include "libs/sync/guarded.h"

namespace diego::sql {

class Pool {
 public:
  explicit Pool(DatabaseOptions options, Flavor flavor);

  // A connection on loan; goes back at the end, or is closed if it broke.
  class Loan {
   public:
    Loan(Pool* pool, std::unique_ptr<Backend> backend);
    ~Loan();
    Loan(Loan&&) = default;
    Backend* operator->() const { return backend_.get(); }
    Backend* get() const { return backend_.get(); }

   private:
    Pool* pool_;
    std::unique_ptr<Backend> backend_;
  };

  // Waits up to the connect timeout for a free one. ResourceExhausted: none came free.
  absl::StatusOr<Loan> Borrow();

 private:
  struct Data {
    std::vector<std::unique_ptr<Backend>> idle;
    int open = 0;  // idle and on loan
  };
  absl::StatusOr<std::unique_ptr<Backend>> Connect();
  void Return(std::unique_ptr<Backend> backend);

  const DatabaseOptions options_;
  const Flavor flavor_;
  Guarded<Data> data_;
};

}  // namespace diego::sql
