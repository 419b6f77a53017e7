// Operator: desires, scales, rolls and removes LRPs and tasks, and keeps book of what was
// acknowledged: nothing of that may ever be missing from the database. Half of its wishes about
// LRPs carry a request id; these it repeats until they are answered, now and then twice at once,
// and as nobody else has wishes about them, not one may be refused or carried out twice.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "integration/simulation/bbs_node.h"
#include "integration/simulation/wishes.h"

namespace diego::simulation {

inline constexpr char kOperator[] = "operator";

class Operator {
 public:
  Operator(World* world, Network* network, Database* database, std::vector<BbsNode*> bbs,
           int process_count);

  // No new wishes from now on, but for updates of what does not come up; domains are kept fresh.
  void Calm() { calm_ = true; }
  // No wish is under way, and none will be.
  bool idle() const;

  // Every acknowledged wish is in the database as it was acknowledged.
  void Verify();

 private:
  struct Process {
    ProcessGuid guid;
    bool in_flight = false;
    Picture acknowledged;
    bool was_at_rest = false;  // not rolling at some time since the last wish
    bool mended = false;       // once calm has come
  };

  void Beat();
  void Mend(Process* process);
  void Carry(Process* process, const LrpWish& wish);
  void WishTask();
  void KeepDomain();
  using Settled = std::function<void(const absl::Status&)>;
  // Sends the command; `settle` is called once, when nothing can come of it any more: with the
  // reply as the BBS gave it, whether or not a client would have heard it.
  void Issue(bbs::Command command, Settled settle,
             std::optional<bbs::RequestIdentity> once = std::nullopt);
  // Sends it again and again until it is answered. Copies of it may still be on their way when
  // `settle` is called.
  void Insist(const LrpWish& wish, const bbs::RequestIdentity& once, const Settled& settle);
  void Settle(Process* process, const LrpWish& wish, const absl::Status& status);
  void CheckDone(const Process& process, const LrpWish& wish, const Picture& stored);
  void CheckRefusal(const Process& process, const LrpWish& wish, const absl::Status& status);
  Picture Stored(const ProcessGuid& guid) const;
  bool IsRolling(const ProcessGuid& guid) const;

  World* const world_;
  Network* const network_;
  Database* const database_;
  const std::vector<BbsNode*> bbs_;
  Wishes wishes_;
  std::vector<Process> processes_;
  size_t at_ = 0;
  int next_task_ = 0;
  int next_request_ = 0;
  bool calm_ = false;
};

}  // namespace diego::simulation
