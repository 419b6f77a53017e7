// CommittedView: what has committed, for readers. All reads come from here; none touches working
// state or SQL. Rule 7 of docs/architecture.md "Rules of the engine".
//
// A narrow read (one key, one cell, one process) looks its records up under a short lock. A wide
// one takes a snapshot, a pointer for each hundred records, and walks it with no lock at all, so
// that listing 250,000 instances stops neither writers nor other readers. Every listing stands at
// one revision. See sorted_chunks.h for what this costs a writer.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/base/clock.h"
#include "libs/sync/guarded.h"
#include "services/bbs/core/change.h"
#include "services/bbs/core/state.h"
#include "services/bbs/engine/committer.h"
#include "services/bbs/engine/sorted_chunks.h"

namespace diego::bbs {

// Which records are asked for; what is empty or absent does not restrict.
struct ActualLrpFilter {
  Domain domain;
  CellId cell_id;
  ProcessGuid process_guid;
  std::optional<int32_t> index;
};
struct DesiredLrpFilter {
  Domain domain;
  std::vector<ProcessGuid> process_guids;
  std::vector<std::string> app_guids;  // prefixes of process guids
};
struct TaskFilter {
  Domain domain;
  CellId cell_id;
  std::vector<TaskGuid> task_guids = {};
};
struct DomainFilter {
  std::vector<Domain> domains;
};

// A domain as it was when it was read.
// Source: reference/behaviours.md section 7.
struct KnownDomain {
  DomainRecord record;
  bool fresh = false;
};

// Records in key order at one revision, read one after the other. Moveable; belongs to one thread
// at a time; needs no lock and may outlive the term.
template <typename R>
class Listing {
 public:
  using Wanted = std::function<bool(const R&)>;
  Listing(uint64_t revision, RecordChunks<R> chunks, Wanted wanted)
      : revision_(revision), chunks_(std::move(chunks)), wanted_(std::move(wanted)) {}
  // Of a few, all of them wanted.
  Listing(uint64_t revision, RecordChunk<R> records)
      : revision_(revision), chunks_{std::make_shared<const RecordChunk<R>>(std::move(records))} {}

  uint64_t revision() const { return revision_; }
  // The next record, nullptr after the last. Good until the listing goes.
  const R* Next() {
    while (chunk_ < chunks_.size()) {
      const RecordChunk<R>& rows = *chunks_[chunk_];
      while (row_ < rows.size()) {
        const R* record = rows[row_++].get();
        if (!wanted_ || wanted_(*record)) return record;
      }
      ++chunk_;
      row_ = 0;
    }
    return nullptr;
  }

 private:
  uint64_t revision_;
  RecordChunks<R> chunks_;
  Wanted wanted_;
  size_t chunk_ = 0;
  size_t row_ = 0;
};

// All that is known of one LRP, at one revision. Nothing: `desired` is nullptr and there are no
// rows.
struct WholeLrp {
  uint64_t revision = 0;
  Record<DesiredLrp> desired;
  CrashRestartPolicy domain_policy;  // of the LRP's domain, while it is desired
  bool domain_is_fresh = false;      // likewise
  std::vector<Record<ActualLrp>> rows;
};

// Thread-safe. Every read fails with Unavailable unless the database confirmed lately that this
// term holds office.
class CommittedView {
 public:
  // Both outlive it.
  CommittedView(const Clock& clock, const Confirmation& confirmation)
      : clock_(clock), confirmation_(confirmation) {}

  // Writer's side, one thread: takes committed changes in.
  void Apply(const Changes& changes, uint64_t revision);

  absl::StatusOr<Listing<ActualLrp>> ActualLrps(const ActualLrpFilter& filter);
  // Those of the processes named; one that is named twice has its rows once.
  absl::StatusOr<Listing<ActualLrp>> ActualLrpsOf(const std::vector<ProcessGuid>& process_guids);
  absl::StatusOr<Listing<DesiredLrp>> DesiredLrps(const DesiredLrpFilter& filter);
  absl::StatusOr<Listing<Task>> Tasks(const TaskFilter& filter);
  // ResourceNotFound when there is none. `revision` becomes what the record stands at.
  absl::StatusOr<Record<DesiredLrp>> FindDesiredLrp(const ProcessGuid& process_guid,
                                                    uint64_t* revision = nullptr);
  absl::StatusOr<WholeLrp> FindWholeLrp(const ProcessGuid& process_guid);
  absl::StatusOr<Record<Task>> FindTask(const TaskGuid& task_guid, uint64_t* revision = nullptr);
  // Fresh or not.
  absl::StatusOr<Listing<KnownDomain>> Domains(const DomainFilter& filter);
  absl::StatusOr<KnownDomain> FindDomain(const Domain& domain, uint64_t* revision = nullptr);

  // The writer's thread, who knows that they count: the rows of an index.
  State::ActualLrpRows RowsOf(const ProcessGuid& process_guid, int32_t index) const;

  // OK while reads are answered.
  absl::Status Readable() const;
  uint64_t revision() const;

 private:
  struct ActualKey {
    using View = std::tuple<absl::string_view, int32_t, Presence>;
    static View Of(const ActualLrp& lrp) {
      return {lrp.key.process_guid.value(), lrp.key.index, lrp.presence};
    }
    static View Of(const ActualLrpSlot& slot) {
      return {slot.process_guid.value(), slot.index, slot.presence};
    }
  };
  struct DesiredKey {
    static const ProcessGuid& Of(const DesiredLrp& lrp) { return lrp.process_guid; }
  };
  struct TaskKey {
    static const TaskGuid& Of(const Task& task) { return task.task_guid; }
  };
  struct Data {
    void Take(const DesiredLrpChange& change);
    void Take(const ActualLrpChange& change);
    void Take(const TaskChange& change);
    void Take(const DomainChange& change);
    void Take(const AnsweredCallChange&) {}  // nobody reads them
    void AddActualsOf(const ProcessGuid& process_guid, RecordChunk<ActualLrp>* rows) const;

    SortedChunks<ActualLrp, ActualKey> actuals;
    SortedChunks<DesiredLrp, DesiredKey> desired;
    SortedChunks<Task, TaskKey> tasks;
    absl::btree_map<Domain, Record<DomainRecord>> domains;
    absl::btree_map<CellId, absl::btree_set<ActualLrpSlot>> actuals_by_cell;
    absl::btree_map<CellId, absl::btree_set<TaskGuid>> tasks_by_cell;
    uint64_t revision = 0;
  };

  const Clock& clock_;
  const Confirmation& confirmation_;
  Guarded<Data> data_;
};

}  // namespace diego::bbs
