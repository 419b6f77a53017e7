// Calls on cells.
#include "libs/models/error.h"
#include "libs/models/fault_list.h"
#include "libs/wire/cell.h"
#include "services/bbs/api/bbs_calls.h"
#include "services/bbs/api/service_steps.h"

namespace diego::bbs {
namespace {

absl::Status Check(const CellByIdRequest& request) {
  FaultList faults;
  if (request.cell_id().empty()) faults.Field("cell_id");
  return faults.ToStatus();
}

}  // namespace

void BbsCalls::Cells(const Caller& caller, const CellsRequest& request,
                     models::CellsResponse* response, Finish finish) const {
  return AnswerList(caller, BbsCall::kCells, kCellList, request, response, std::move(finish));
}

void BbsCalls::CellById(const Caller& caller, const CellByIdRequest& request,
                        CellResponse* response, Finish finish) const {
  const Answer answer(*this, BbsCall::kCellById, caller, std::move(finish));
  if (const absl::Status fault = Check(request); !fault.ok()) {
    const TermOr term = Enter(caller, BbsCall::kCellById);
    return answer.Send(term.ok() ? fault : term.status());
  }
  CellsRequest only;
  only.add_cell_ids(request.cell_id());
  models::CellsResponse list;
  auto cells = OpenList(caller, BbsCall::kCellById, kCellList, only, &list);
  if (!cells.ok()) return answer.Send(cells.status());
  const CellPresence* cell = cells->Next();
  if (cell == nullptr) return answer.Send(DiegoError(ErrorType::kResourceNotFound));
  *response->mutable_cell() = wire::ToProto(*cell);
  response->set_revision(list.revision());
  return answer.Send(absl::OkStatus());
}

void BbsCalls::AcceptCellLosses(const Caller& caller, const AcceptCellLossesRequest&,
                                AcceptCellLossesResponse* response, Finish finish) const {
  const Answer answer(*this, BbsCall::kAcceptCellLosses, caller, std::move(finish));
  const TermOr term = Enter(caller, BbsCall::kAcceptCellLosses);
  if (!term.ok()) return answer.Send(term.status());
  const auto accepted = cells_.accept_losses();
  if (!accepted.ok()) return answer.Send(accepted.status());
  for (const CellId& cell : *accepted) response->add_cell_ids(cell.value());
  return answer.Send(absl::OkStatus());
}

}  // namespace diego::bbs
