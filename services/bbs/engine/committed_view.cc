#include "services/bbs/engine/committed_view.h"

#include <algorithm>
#include <memory>
#include <variant>

#include "absl/strings/match.h"
#include "libs/base/status_util.h"
#include "libs/models/error.h"
#include "services/bbs/core/domain_rules.h"

namespace diego::bbs {

namespace {

template <typename R>
RecordChunks<R> OneChunk(RecordChunk<R> rows) {
  RecordChunks<R> chunks;
  if (!rows.empty()) chunks.push_back(std::make_shared<const RecordChunk<R>>(std::move(rows)));
  return chunks;
}

// Moves `key` from one cell's set to another's. Empty cell ids have none.
template <typename Index, typename Key>
void Reindex(Index* index, const CellId* before, const CellId* after, const Key& key) {
  if (before != nullptr && after != nullptr && *before == *after) return;
  if (before != nullptr && !before->empty()) {
    const auto at = index->find(*before);
    if (at != index->end()) {
      at->second.erase(key);
      if (at->second.empty()) index->erase(at);
    }
  }
  if (after != nullptr && !after->empty()) (*index)[*after].insert(key);
}

bool Matches(const ActualLrpFilter& filter, const ActualLrp& lrp) {
  return (filter.domain.empty() || lrp.key.domain == filter.domain) &&
         (filter.cell_id.empty() || lrp.instance.cell_id == filter.cell_id) &&
         (filter.process_guid.empty() || lrp.key.process_guid == filter.process_guid) &&
         (!filter.index || lrp.key.index == *filter.index);
}

bool HasPrefixIn(const std::vector<std::string>& prefixes, const DesiredLrp& lrp) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const std::string& prefix) {
    return absl::StartsWith(lrp.process_guid.value(), prefix);
  });
}

KnownDomain KnownAt(absl::Time now, const DomainRecord& record) {
  return {record, IsFresh(record, now)};
}

}  // namespace

void CommittedView::Data::Take(const DesiredLrpChange& change) {
  if (change.after != nullptr) {
    desired.Put(change.after);
  } else {
    desired.Remove(*change.before);
  }
}

void CommittedView::Data::Take(const ActualLrpChange& change) {
  const ActualLrp* before = change.before.get();
  const ActualLrp* after = change.after.get();
  if (after != nullptr) {
    actuals.Put(change.after);
  } else {
    actuals.Remove(*before);
  }
  Reindex(&actuals_by_cell, before == nullptr ? nullptr : &before->instance.cell_id,
          after == nullptr ? nullptr : &after->instance.cell_id,
          SlotOf(after != nullptr ? *after : *before));
}

void CommittedView::Data::Take(const TaskChange& change) {
  const Task* before = change.before.get();
  const Task* after = change.after.get();
  if (after != nullptr) {
    tasks.Put(change.after);
  } else {
    tasks.Remove(*before);
  }
  Reindex(&tasks_by_cell, before == nullptr ? nullptr : &before->cell_id,
          after == nullptr ? nullptr : &after->cell_id,
          after != nullptr ? after->task_guid : before->task_guid);
}

void CommittedView::Data::Take(const DomainChange& change) {
  if (change.after != nullptr) {
    domains[change.after->domain] = change.after;
  } else {
    domains.erase(change.before->domain);
  }
}

void CommittedView::Data::AddActualsOf(const ProcessGuid& process_guid,
                                       RecordChunk<ActualLrp>* rows) const {
  const ActualLrpSlot first{process_guid, 0, Presence::kOrdinary};
  actuals.Scan(ActualKey::Of(first), [&](const Record<ActualLrp>& record) {
    if (record->key.process_guid != process_guid) return false;
    rows->push_back(record);
    return true;
  });
}

void CommittedView::Apply(const Changes& changes, uint64_t revision) {
  data_.With([&](Data& data) {
    for (const Change& change : changes) {
      std::visit([&](const auto& one) { data.Take(one); }, change);
    }
    data.revision = revision;
  });
}

State::ActualLrpRows CommittedView::RowsOf(const ProcessGuid& process_guid, int32_t index) const {
  return data_.With([&](const Data& data) {
    State::ActualLrpRows rows;
    for (const Presence presence :
         {Presence::kOrdinary, Presence::kEvacuating, Presence::kSuspect}) {
      rows.by_presence[static_cast<size_t>(presence)] =
          data.actuals.Find(ActualKey::Of(ActualLrpSlot{process_guid, index, presence}));
    }
    return rows;
  });
}

absl::Status CommittedView::Readable() const {
  if (confirmation_.GoodAt(clock_.Monotonic())) return absl::OkStatus();
  return absl::UnavailableError(
      "the database has not confirmed lately that this BBS is the active one; try again");
}

uint64_t CommittedView::revision() const {
  return data_.With([](const Data& data) { return data.revision; });
}

absl::StatusOr<Listing<ActualLrp>> CommittedView::ActualLrps(const ActualLrpFilter& filter) {
  DIEGO_RETURN_IF_ERROR(Readable());
  auto wanted = [filter](const ActualLrp& lrp) { return Matches(filter, lrp); };
  return data_.With([&](Data& data) -> absl::StatusOr<Listing<ActualLrp>> {
    if (filter.process_guid.empty() && filter.cell_id.empty()) {
      return Listing<ActualLrp>(data.revision, data.actuals.Snapshot(), std::move(wanted));
    }
    RecordChunk<ActualLrp> rows;
    if (!filter.process_guid.empty()) {
      data.AddActualsOf(filter.process_guid, &rows);
    } else if (const auto at = data.actuals_by_cell.find(filter.cell_id);
               at != data.actuals_by_cell.end()) {
      rows.reserve(at->second.size());
      for (const ActualLrpSlot& slot : at->second)
        rows.push_back(data.actuals.Find(ActualKey::Of(slot)));
    }
    return Listing<ActualLrp>(data.revision, OneChunk(std::move(rows)), std::move(wanted));
  });
}

absl::StatusOr<Listing<ActualLrp>> CommittedView::ActualLrpsOf(
    const std::vector<ProcessGuid>& process_guids) {
  DIEGO_RETURN_IF_ERROR(Readable());
  return data_.With([&](Data& data) -> absl::StatusOr<Listing<ActualLrp>> {
    const absl::btree_set<ProcessGuid> asked(process_guids.begin(), process_guids.end());
    RecordChunk<ActualLrp> rows;
    for (const ProcessGuid& process_guid : asked) data.AddActualsOf(process_guid, &rows);
    return Listing<ActualLrp>(data.revision, OneChunk(std::move(rows)), nullptr);
  });
}

absl::StatusOr<Listing<DesiredLrp>> CommittedView::DesiredLrps(const DesiredLrpFilter& filter) {
  DIEGO_RETURN_IF_ERROR(Readable());
  auto wanted = [filter](const DesiredLrp& lrp) {
    return (filter.domain.empty() || lrp.domain == filter.domain) &&
           (filter.app_guids.empty() || HasPrefixIn(filter.app_guids, lrp));
  };
  return data_.With([&](Data& data) -> absl::StatusOr<Listing<DesiredLrp>> {
    if (filter.process_guids.empty()) {
      return Listing<DesiredLrp>(data.revision, data.desired.Snapshot(), std::move(wanted));
    }
    const absl::btree_set<ProcessGuid> asked(filter.process_guids.begin(),
                                             filter.process_guids.end());
    RecordChunk<DesiredLrp> rows;
    for (const ProcessGuid& process_guid : asked) {
      if (auto record = data.desired.Find(process_guid)) rows.push_back(std::move(record));
    }
    return Listing<DesiredLrp>(data.revision, OneChunk(std::move(rows)), std::move(wanted));
  });
}

absl::StatusOr<Listing<Task>> CommittedView::Tasks(const TaskFilter& filter) {
  DIEGO_RETURN_IF_ERROR(Readable());
  auto wanted = [domain = filter.domain, cell_id = filter.cell_id](const Task& task) {
    return (domain.empty() || task.domain == domain) &&
           (cell_id.empty() || task.cell_id == cell_id);
  };
  return data_.With([&](Data& data) -> absl::StatusOr<Listing<Task>> {
    if (!filter.task_guids.empty()) {
      const absl::btree_set<TaskGuid> asked(filter.task_guids.begin(), filter.task_guids.end());
      RecordChunk<Task> rows;
      for (const TaskGuid& task_guid : asked) {
        if (auto record = data.tasks.Find(task_guid)) rows.push_back(std::move(record));
      }
      return Listing<Task>(data.revision, OneChunk(std::move(rows)), std::move(wanted));
    }
    if (filter.cell_id.empty()) {
      return Listing<Task>(data.revision, data.tasks.Snapshot(), std::move(wanted));
    }
    RecordChunk<Task> rows;
    if (const auto at = data.tasks_by_cell.find(filter.cell_id); at != data.tasks_by_cell.end()) {
      for (const TaskGuid& task_guid : at->second) rows.push_back(data.tasks.Find(task_guid));
    }
    return Listing<Task>(data.revision, OneChunk(std::move(rows)), std::move(wanted));
  });
}

absl::StatusOr<Record<DesiredLrp>> CommittedView::FindDesiredLrp(const ProcessGuid& process_guid,
                                                                 uint64_t* revision) {
  DIEGO_RETURN_IF_ERROR(Readable());
  auto record = data_.With([&](const Data& data) {
    if (revision != nullptr) *revision = data.revision;
    return data.desired.Find(process_guid);
  });
  if (record == nullptr) return DiegoError(ErrorType::kResourceNotFound);
  return record;
}

absl::StatusOr<WholeLrp> CommittedView::FindWholeLrp(const ProcessGuid& process_guid) {
  DIEGO_RETURN_IF_ERROR(Readable());
  const absl::Time now = clock_.Now();
  return data_.With([&](const Data& data) -> absl::StatusOr<WholeLrp> {
    WholeLrp whole;
    whole.revision = data.revision;
    whole.desired = data.desired.Find(process_guid);
    data.AddActualsOf(process_guid, &whole.rows);
    if (whole.desired == nullptr) return whole;
    const auto domain = data.domains.find(whole.desired->domain);
    if (domain == data.domains.end()) return whole;
    whole.domain_policy = domain->second->crash_restart_policy;
    whole.domain_is_fresh = KnownAt(now, *domain->second).fresh;
    return whole;
  });
}

absl::StatusOr<Record<Task>> CommittedView::FindTask(const TaskGuid& task_guid,
                                                     uint64_t* revision) {
  DIEGO_RETURN_IF_ERROR(Readable());
  auto record = data_.With([&](const Data& data) {
    if (revision != nullptr) *revision = data.revision;
    return data.tasks.Find(task_guid);
  });
  if (record == nullptr) return DiegoError(ErrorType::kResourceNotFound);
  return record;
}

absl::StatusOr<Listing<KnownDomain>> CommittedView::Domains(const DomainFilter& filter) {
  DIEGO_RETURN_IF_ERROR(Readable());
  const absl::Time now = clock_.Now();
  return data_.With([&](const Data& data) -> absl::StatusOr<Listing<KnownDomain>> {
    RecordChunk<KnownDomain> known;
    const auto take = [&](const DomainRecord& record) {
      known.push_back(std::make_shared<const KnownDomain>(KnownAt(now, record)));
    };
    if (filter.domains.empty()) {
      for (const auto& [domain, record] : data.domains) take(*record);
    }
    for (const Domain& domain :
         absl::btree_set<Domain>(filter.domains.begin(), filter.domains.end())) {
      const auto at = data.domains.find(domain);
      if (at != data.domains.end()) take(*at->second);
    }
    return Listing<KnownDomain>(data.revision, std::move(known));
  });
}

absl::StatusOr<KnownDomain> CommittedView::FindDomain(const Domain& domain, uint64_t* revision) {
  DIEGO_RETURN_IF_ERROR(Readable());
  const absl::Time now = clock_.Now();
  return data_.With([&](const Data& data) -> absl::StatusOr<KnownDomain> {
    if (revision != nullptr) *revision = data.revision;
    const auto at = data.domains.find(domain);
    if (at == data.domains.end()) return DiegoError(ErrorType::kResourceNotFound);
    return KnownAt(now, *at->second);
  });
}

}  // namespace diego::bbs
