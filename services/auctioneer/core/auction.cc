#include "services/auctioneer/core/auction.h"

namespace diego::auctioneer {

Work ToWork(const CellWork& work) {
  Work sent;
  sent.cell_id = work.cell_id;
  sent.lrps.reserve(work.lrps.size());
  for (const LrpAuction& auction : work.lrps) {
    CellLrp& lrp = sent.lrps.emplace_back();
    lrp.key = auction.key();
    lrp.placement = auction.request->placement;
    lrp.size = auction.request->size;
    lrp.definition_id = auction.request->definition_id;
  }
  sent.tasks.reserve(work.tasks.size());
  for (const TaskAuction& auction : work.tasks) {
    CellTask& task = sent.tasks.emplace_back();
    task.task_guid = auction.request->task_guid;
    task.domain = auction.request->domain;
    task.placement = auction.request->placement;
    task.size = auction.request->size;
  }
  return sent;
}

}  // namespace diego::auctioneer
