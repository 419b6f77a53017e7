// FaultPlan: makes one statement of a database's connections fail, in each way that a database can
// fail, or lets the process "die" there. For tests that try every position one after the other.
//
//   FaultPlan plan;
//   sql::DatabaseOptions options = place->options();
//   plan.ApplyTo(&options);
//   …
//   plan.Arm(3, Fault::kLostAfter);   // the fourth statement from here
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "libs/sql/database.h"
#include "libs/sync/guarded.h"

namespace diego::testing {

enum class Fault {
  kDeadlock,     // refused, and the server has rolled the whole transaction back
  kLockTimeout,  // refused; the transaction is still open
  kLostBefore,   // the connection breaks, and the server never sees the statement
  kLostAfter,    // the server has done it, and the connection breaks before the reply
  kDeathBefore,  // as kLostBefore, and nothing that this process sends arrives ever again
  kDeathAfter,   // as kLostAfter, likewise
};
constexpr Fault kFaults[] = {Fault::kDeadlock, Fault::kLockTimeout, Fault::kLostBefore,
                             Fault::kLostAfter};
constexpr Fault kDeaths[] = {Fault::kDeathBefore, Fault::kDeathAfter};
std::string FaultName(Fault fault);

// Thread-safe. Outlives the databases that were opened with it.
class FaultPlan {
 public:
  FaultPlan() = default;
  FaultPlan(const FaultPlan&) = delete;
  FaultPlan& operator=(const FaultPlan&) = delete;

  void ApplyTo(sql::DatabaseOptions* options);

  // The statement `position` places from now, counting from 0, fails: every BEGIN, statement, query
  // and COMMIT counts.
  void Arm(int64_t position, Fault fault);
  // Nothing fails any more; a dead process lives again.
  void Disarm();
  // Since Arm or Disarm.
  int64_t statements() const;
  // Whether the statement that was to fail was reached.
  bool fired() const;

  // For the connections: what becomes of the next statement.
  std::optional<Fault> Next();

 private:
  struct Data {
    int64_t seen = 0;
    std::optional<int64_t> position;
    Fault fault = Fault::kDeadlock;
    bool fired = false;
    bool dead = false;
  };
  Guarded<Data> data_;
};

}  // namespace diego::testing
