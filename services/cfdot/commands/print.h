// Prints records as the user asked for them.
#pragma once

#include <vector>

#include "libs/wire/json.h"
#include "services/cfdot/render/columns.h"
#include "services/cfdot/render/json_lines.h"
#include "services/cfdot/session.h"

namespace diego::cfdot {

inline std::string JsonOf(const google::protobuf::Message& message) {
  return wire::ToJson(message);
}
// Of the original's fields: what we always add to them is for tables.
inline std::string JsonOf(models::Resource resource) {
  resource.clear_fencing_token();
  return wire::ToJson(resource);
}
inline std::string JsonOf(models::CellPresence cell) {
  cell.clear_rep_grpc_address();
  return wire::ToJson(cell);
}
// An id that was made up is not one to desire another LRP with.
inline std::string JsonOf(models::DesiredLRP lrp) {
  if (lrp.definition_id() == lrp.modification_tag().epoch()) lrp.clear_definition_id();
  return wire::ToJson(lrp);
}
inline std::string JsonOf(const StateResponse& state) { return CellStateJson(state); }

// A JSON line each, or one table.
template <typename Record>
void PrintRecords(Session& session, const std::vector<Record>& records) {
  if (!session.as_table()) {
    for (const Record& record : records) session.Print(JsonOf(record));
    return;
  }
  std::vector<Row> rows;
  for (const Record& record : records) rows.push_back(RowOf(record, session.io().clock.Now()));
  session.io().out << FormatTable(TitlesOf(Record::default_instance()), rows);
}

template <typename Record>
void PrintRecord(Session& session, const Record& record) {
  PrintRecords(session, std::vector<Record>{record});
}

}  // namespace diego::cfdot
