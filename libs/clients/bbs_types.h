// What the BBS is asked and what it answers, besides the records of libs/models.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/models/actual_lrp.h"
#include "libs/models/crash_restart_policy.h"
#include "libs/models/desired_lrp.h"
#include "libs/models/ids.h"
#include "libs/models/modification_tag.h"
#include "libs/models/task.h"

namespace diego::clients {

// Records and the revision they stand at: subscribe after it to miss nothing.
template <typename Record>
struct Listing {
  std::vector<Record> records;
  int64_t revision = 0;
};

// How a change is asked for.
struct ChangeOptions {
  std::string request_id = {};  // as in bbs_client.h
  // The tag that the change rests on: refused with ResourceConflict when the record has moved on.
  std::optional<ModificationTag> expected_tag = std::nullopt;
};

// Filters: what is empty does not filter; what is given must all hold.
struct ActualLrpFilter {
  Domain domain;
  CellId cell_id;
  ProcessGuid process_guid;
  std::optional<int32_t> index;
};
struct DesiredLrpFilter {
  Domain domain;
  std::vector<ProcessGuid> process_guids;
  std::vector<std::string> app_guids;  // first parts of process guids
};
struct TaskFilter {
  Domain domain;
  CellId cell_id;
  std::vector<TaskGuid> task_guids = {};
};
struct DomainFilter {
  std::vector<Domain> domains;
};
struct CellFilter {
  std::vector<CellId> cell_ids;
};

// What is known of a domain.
struct DomainState {
  Domain domain;
  bool fresh = false;
  absl::Time expires_at = absl::InfiniteFuture();
  CrashRestartPolicy crash_restart_policy = {};  // the default of its LRPs
};

// An instance that runs, as its cell reports it.
struct RunningInstance {
  ActualLrpKey key;
  InstanceKey instance;
  NetInfo net_info;
  std::vector<std::string> internal_routes;
  std::map<std::string, std::string> metric_tags;
  std::optional<bool> routable;
  std::string availability_zone;
  std::string definition_id = {};  // what it runs; "" = not known
};

// One definition of a desired LRP.
struct DefinitionState {
  std::string id;
  bool active = false;
  bool healthy = false;   // the last of which an instance ran, as far as known
  int32_t instances = 0;  // that run it now
  DesiredLrp lrp;         // as it looks with this one
};
// The active one first, then the newest of the others.
struct DefinitionList {
  std::vector<DefinitionState> definitions;
  bool rolling = false;
  std::string cancel_returns_to;
  std::optional<int32_t> rolling_index;
  std::vector<int32_t> given_up_indices;
};

struct TaskCompletion {
  TaskGuid task_guid;
  CellId cell_id;
  bool failed = false;
  std::string failure_reason;
  std::string result;
};

// `keep_container` is to be followed also when the call itself failed.
struct EvacuationAnswer {
  absl::Status status;
  bool keep_container = false;
};

struct EventFilter {
  CellId cell_id;  // only instances on this cell; desired LRP and task events are not filtered
  bool lrp_instances = true;
  bool desired_lrps = true;
  bool tasks = false;
};

struct DesiredLrpCreated {
  DesiredLrp lrp;
};
struct DesiredLrpChanged {
  DesiredLrp before;
  DesiredLrp after;
};
struct DesiredLrpRemoved {
  DesiredLrp lrp;
};
struct ActualLrpCreated {
  ActualLrp lrp;
};
// Both sides carry the keys of the event; internal routes and metric tags are not in it.
struct ActualLrpChanged {
  ActualLrp before;
  ActualLrp after;
};
struct ActualLrpRemoved {
  ActualLrp lrp;
};
struct ActualLrpCrashed {
  ActualLrpKey key;
  InstanceKey instance;
  int32_t crash_count = 0;
  std::string crash_reason;
  absl::Time since;
};
struct TaskCreated {
  Task task;
};
struct TaskChanged {
  Task before;
  Task after;
};
struct TaskRemoved {
  Task task;
};
using BbsEvent = std::variant<DesiredLrpCreated, DesiredLrpChanged, DesiredLrpRemoved,
                              ActualLrpCreated, ActualLrpChanged, ActualLrpRemoved,
                              ActualLrpCrashed, TaskCreated, TaskChanged, TaskRemoved>;

// All events of one revision, in order. Without events: nothing happened up to this revision that
// the filter lets through.
struct EventGroup {
  int64_t revision = 0;
  std::vector<BbsEvent> events;
};

}  // namespace diego::clients
