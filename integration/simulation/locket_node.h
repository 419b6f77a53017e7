// LocketNode: one Locket process, with the real core and engine over a store in memory.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include "integration/simulation/faults.h"
#include "libs/log/log.h"
#include "libs/metrics/metrics.h"
#include "libs/models/ids.h"
#include "services/locket/engine/expiry_loop.h"
#include "services/locket/engine/fake_lease_store.h"
#include "services/locket/engine/lease_engine.h"

namespace diego::simulation {

inline constexpr char kLocket[] = "locket";

class LocketNode {
 public:
  struct Grant {
    absl::Status status;
    uint64_t token = 0;
  };
  using Presences = std::shared_ptr<const std::set<CellId>>;

  LocketNode(World* world, Network* network);

  // Away: nothing is answered, nothing expires; what was stored stays.
  void SetAway(bool away);

  // Calls of others, over the network.
  void Acquire(const std::string& from, locket::AcquireLease lease,
               std::function<void(absl::StatusOr<Grant>)> done);
  void Release(const std::string& from, locket::ReleaseLease lease);
  void ListCells(const std::string& from, std::function<void(absl::StatusOr<Presences>)> done);

  // For the books: told of every list of cells that is given out.
  void set_on_listed(std::function<void(const std::set<CellId>&)> on_listed) {
    on_listed_ = std::move(on_listed);
  }

 private:
  void Submit(locket::LeaseRequest request, std::function<void(Grant)> reply);
  void StepExpiry();
  std::set<CellId> PresentCells() const;

  World* const world_;
  Network* const network_;
  metrics::Registry registry_{"locket"};
  locket::LocketMetrics metrics_{registry_};
  locket::FakeLeaseStore store_;
  Guarded<locket::ExpiryWatch> watch_;
  std::unique_ptr<locket::LeaseEngine> engine_;
  std::unique_ptr<locket::ExpiryLoop> expiry_;
  bool away_ = false;
  std::function<void(const std::set<CellId>&)> on_listed_;
};

}  // namespace diego::simulation
