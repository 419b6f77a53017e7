// BbsClient: the database API. Semantics of each call: reference/behaviours.md.
//
// Refusals come as a status with a Diego error type (libs/models/error.h). A call is repeated, at
// one address after the other, until it is answered or its time is up; a call that changes
// something carries a request id, so that it is carried out once and the repetition gets the first
// outcome (libs/rpc/request_id.h).
//
// The BBS may be one of the original, which speaks HTTP: libs/clients/bbs_over_http.h says what is
// then different. Which kind serves is found out anew whenever one no longer answers, and a BBS of
// ours is preferred: each can take the other's place under a running client.
//
// `request_id`: a caller that goes on repeating after Unavailable or DeadlineExceeded chooses it, a
// new one for every call, and gives the same again for as long as the BBS remembers it (its
// remember_calls_for). Empty: chosen here.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/clients/bbs_types.h"
#include "libs/clients/connection.h"
#include "libs/models/cell.h"
#include "libs/models/placement_refusal.h"

namespace diego::clients {

class BbsSubscription;

// Thread-safe; calls block for at most the connection's timeout (list_timeout for lists).
class BbsClient {
 public:
  // The addresses are those of the active BBS and its standbys. InvalidArgument for the TLS files
  // or for no address. Connects when first used.
  static absl::StatusOr<std::unique_ptr<BbsClient>> Create(const ConnectionOptions& options);
  ~BbsClient();

  // OK: a BBS is active and answers.
  absl::Status Ping();
  absl::StatusOr<std::vector<Domain>> Domains();  // the fresh ones
  absl::StatusOr<Listing<Domain>> ListDomains(const DomainFilter& filter);
  // Fresh or not; ResourceNotFound when nothing is known of it.
  absl::StatusOr<DomainState> DomainByName(const Domain& domain);
  // Of the domains that have one, fresh or not.
  absl::StatusOr<std::map<Domain, CrashRestartPolicy>> DomainCrashRestartPolicies();
  // An infinite `ttl` never expires. The policy becomes the default of the domain's LRPs; an empty
  // one takes the default away, none leaves it.
  absl::Status UpsertDomain(const Domain& domain, absl::Duration ttl,
                            const std::optional<CrashRestartPolicy>& crash_restart_policy = {});
  absl::StatusOr<std::vector<CellPresence>> Cells();
  // The revision is that of the records when the cells were listed; see models.CellsResponse.
  absl::StatusOr<Listing<CellPresence>> ListCells(const CellFilter& filter);
  // ResourceNotFound when it is not present.
  absl::StatusOr<CellPresence> CellById(const CellId& cell_id);

  absl::Status DesireLrp(const DesiredLrp& lrp, absl::string_view request_id = "");
  absl::Status UpdateDesiredLrp(const ProcessGuid& process_guid, const DesiredLrpUpdate& update,
                                const ChangeOptions& options = {});
  absl::Status RemoveDesiredLrp(const ProcessGuid& process_guid, const ChangeOptions& options = {});
  // Goes back to where the update under way began; ResourceConflict when none is.
  absl::Status CancelDesiredLrpUpdate(const ProcessGuid& process_guid,
                                      const ChangeOptions& options = {});
  // Rolls to a definition that is kept; ResourceNotFound when it is not.
  absl::Status RollBackDesiredLrp(const ProcessGuid& process_guid, const std::string& definition_id,
                                  const ChangeOptions& options = {});
  absl::StatusOr<DefinitionList> DesiredLrpDefinitions(const ProcessGuid& process_guid);
  // As it looks with that definition; none: with the active one.
  absl::StatusOr<DesiredLrp> DesiredLrpByProcessGuid(const ProcessGuid& process_guid,
                                                     const std::string& definition_id = "");
  absl::StatusOr<Listing<DesiredLrp>> DesiredLrps(const DesiredLrpFilter& filter);
  // Without run info; otherwise as DesiredLrpByProcessGuid.
  absl::StatusOr<DesiredLrp> DesiredLrpSchedulingInfoByProcessGuid(
      const ProcessGuid& process_guid, const std::string& definition_id = "");
  // Without run info.
  absl::StatusOr<Listing<DesiredLrp>> DesiredLrpSchedulingInfos(const DesiredLrpFilter& filter);
  // Only what routers need: guid, domain, log guid, instances, routes, tag, metric tags.
  absl::StatusOr<Listing<DesiredLrp>> DesiredLrpRoutingInfos(const DesiredLrpFilter& filter);

  absl::StatusOr<Listing<ActualLrp>> ActualLrps(const ActualLrpFilter& filter);
  absl::StatusOr<Listing<ActualLrp>> ActualLrpsByProcessGuids(
      const std::vector<ProcessGuid>& process_guids);
  // `definition_id`: what it is to run; none: the active one.
  absl::Status ClaimActualLrp(const ActualLrpKey& key, const InstanceKey& instance,
                              const std::string& definition_id = "");
  absl::Status StartActualLrp(const RunningInstance& running);
  absl::Status CrashActualLrp(const ActualLrpKey& key, const InstanceKey& instance,
                              absl::string_view reason);
  absl::Status FailActualLrp(const ActualLrpKey& key, absl::string_view placement_error,
                             const PlacementRefusal& refusal = {});
  absl::Status RemoveActualLrp(const ActualLrpKey& key, const InstanceKey& instance);
  absl::Status RetireActualLrp(const ActualLrpKey& key);

  EvacuationAnswer EvacuateClaimedActualLrp(const ActualLrpKey& key, const InstanceKey& instance);
  EvacuationAnswer EvacuateRunningActualLrp(const RunningInstance& running);
  EvacuationAnswer EvacuateStoppedActualLrp(const ActualLrpKey& key, const InstanceKey& instance);
  EvacuationAnswer EvacuateCrashedActualLrp(const ActualLrpKey& key, const InstanceKey& instance,
                                            absl::string_view reason);
  absl::Status RemoveEvacuatingActualLrp(const ActualLrpKey& key, const InstanceKey& instance);

  // Guid, domain and definition count.
  absl::Status DesireTask(const Task& task, absl::string_view request_id = "");
  // True: start it now; false: there is nothing to do.
  absl::StatusOr<bool> StartTask(const TaskGuid& task_guid, const CellId& cell_id);
  absl::Status CancelTask(const TaskGuid& task_guid);
  absl::Status FailTask(const TaskGuid& task_guid, absl::string_view reason);
  // `refusal`: from the auctioneer.
  absl::Status RejectTask(const TaskGuid& task_guid, absl::string_view reason,
                          const PlacementRefusal& refusal = {});
  absl::Status CompleteTask(const TaskCompletion& completion);
  absl::Status ResolvingTask(const TaskGuid& task_guid);
  absl::Status DeleteTask(const TaskGuid& task_guid);
  absl::StatusOr<Task> TaskByGuid(const TaskGuid& task_guid);
  absl::StatusOr<Listing<Task>> Tasks(const TaskFilter& filter);

  // Follows committed changes after `after_revision` (nothing: from now on). Connects at the first
  // Next. The client must outlive the subscription.
  std::unique_ptr<BbsSubscription> Subscribe(const EventFilter& filter,
                                             std::optional<int64_t> after_revision);

  // Cancels what is under way and ends the pauses between attempts. For shutting down.
  void Cancel();

 private:
  struct Impl;
  friend class BbsSubscription;
  explicit BbsClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// A stream of events that mends itself: when it breaks, Next connects again, to any of the
// addresses, and resumes after the last whole revision: no gap, no duplicate.
// Next: one thread. Cancel: any thread.
class BbsSubscription {
 public:
  ~BbsSubscription();

  // Waits for the next revision. Errors:
  //   OutOfRange   the BBS cannot resume after the last revision: list anew, subscribe after that
  //                (one of the original never can, but after the lists made from then on); or we
  //                were cut off for being slow: likewise
  //   Unavailable  no BBS can be reached now; call again after a pause
  //   DataLoss     an event could not be read and is lost: list anew
  //   Cancelled    after Cancel
  // and refusals, as PermissionDenied.
  absl::StatusOr<EventGroup> Next();
  // Ends a waiting Next and all later ones.
  void Cancel();
  // The last whole revision that Next returned, or what was asked for.
  std::optional<int64_t> revision() const;

 private:
  friend class BbsClient;
  struct Impl;
  explicit BbsSubscription(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace diego::clients
