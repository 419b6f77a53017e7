#include "services/bbs/store/row_batch.h"

#include <map>
#include <utility>
#include <variant>

#include "libs/base/status_util.h"
#include "libs/sql/batch.h"
#include "services/bbs/store/schema.h"

namespace diego::bbs {
namespace {

const ProcessGuid& KeyOf(const DesiredLrp& lrp) { return lrp.process_guid; }
ActualLrpSlot KeyOf(const ActualLrp& lrp) { return SlotOf(lrp); }
const TaskGuid& KeyOf(const Task& task) { return task.task_guid; }
const Domain& KeyOf(const DomainRecord& domain) { return domain.domain; }
const std::string& KeyOf(const AnsweredCall& answered) { return answered.request.id; }

// The last record of each key, nullptr when it goes. In key order, so that every transaction locks
// rows in the same order.
struct LastOfEach {
  std::map<ProcessGuid, const DesiredLrp*> desired;
  std::map<ActualLrpSlot, const ActualLrp*> actual;
  std::map<TaskGuid, const Task*> tasks;
  std::map<Domain, const DomainRecord*> domains;
  std::map<std::string, const AnsweredCall*> answered;

  void operator()(const DesiredLrpChange& change) { Note(change, &desired); }
  void operator()(const ActualLrpChange& change) { Note(change, &actual); }
  void operator()(const TaskChange& change) { Note(change, &tasks); }
  void operator()(const DomainChange& change) { Note(change, &domains); }
  void operator()(const AnsweredCallChange& change) { Note(change, &answered); }

  template <typename R, typename Map>
  static void Note(const RowChange<R>& change, Map* map) {
    const R& named = change.after != nullptr ? *change.after : *change.before;
    (*map)[KeyOf(named)] = change.after.get();
  }
};

template <typename Tag>
sql::Values KeyValues(const StrongId<Tag>& id) {
  return {id.value()};
}
sql::Values KeyValues(const std::string& id) { return {id}; }
sql::Values KeyValues(const ActualLrpSlot& slot) {
  return {slot.process_guid.value(), slot.index, static_cast<int64_t>(slot.presence)};
}

}  // namespace

template <typename Map>
void RowBatch::Add(const sql::TableShape& table, const Map& last_by_key, const RowCodec& codec) {
  TableRows rows{&table, {}, {}};
  for (const auto& [key, last] : last_by_key) {
    if (last != nullptr) {
      rows.upserts.push_back(codec.ToRow(*last));
    } else {
      rows.deletions.push_back(KeyValues(key));
    }
  }
  if (!last_by_key.empty()) tables_.push_back(std::move(rows));
}

RowBatch::RowBatch(const Changes& changes, const RowCodec& codec) {
  LastOfEach last;
  for (const Change& change : changes) std::visit(last, change);
  Add(DomainsTable(), last.domains, codec);
  Add(DesiredLrpsTable(), last.desired, codec);
  Add(ActualLrpsTable(), last.actual, codec);
  Add(TasksTable(), last.tasks, codec);
  Add(AnsweredCallsTable(), last.answered, codec);
}

absl::Status RowBatch::Write(sql::Transaction& tx) && {
  for (TableRows& rows : tables_) {
    DIEGO_RETURN_IF_ERROR(sql::DeleteRows(tx, *rows.table, std::move(rows.deletions)));
    DIEGO_RETURN_IF_ERROR(sql::UpsertRows(tx, *rows.table, std::move(rows.upserts)));
  }
  return absl::OkStatus();
}

}  // namespace diego::bbs
