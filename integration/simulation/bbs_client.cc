#include "integration/simulation/bbs_client.h"

namespace diego::simulation {
namespace {

template <typename R>
absl::StatusOr<std::vector<R>> All(absl::StatusOr<bbs::Listing<R>> listing) {
  if (!listing.ok()) return listing.status();
  std::vector<R> rows;
  while (const R* row = listing->Next()) rows.push_back(*row);
  return rows;
}

}  // namespace

void BbsClient::Learn(const absl::Status& status) {
  if (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)) {
    at_ = (at_ + 1) % nodes_.size();
  }
}

void BbsClient::Call(bbs::Command command, std::function<void(const bbs::Reply&)> done) {
  BbsNode* const node = nodes_[at_];
  network_->Ask<bbs::Reply>(
      from_, node->name(),
      [node, command = std::move(command)](Answer<bbs::Reply> answer) {
        node->Handle(command, [answer](bbs::Reply reply) {
          if (!IsSilence(reply.status)) answer(std::move(reply));
        });
      },
      [this, done = std::move(done)](absl::StatusOr<bbs::Reply> reply) {
        if (!reply.ok()) {
          bbs::Reply failed;
          failed.status = reply.status();
          reply = failed;
        }
        Learn(reply->status);
        done(*reply);
      });
}

template <typename T>
void BbsClient::AskActive(std::function<absl::StatusOr<T>(BbsNode*, bbs::Term&)> look,
                          std::function<void(absl::StatusOr<T>)> done) {
  BbsNode* const node = nodes_[at_];
  network_->Ask<absl::StatusOr<T>>(
      from_, node->name(),
      [node, look = std::move(look)](Answer<absl::StatusOr<T>> answer) {
        if (!node->alive()) return;
        const auto term = node->serving();
        answer(term == nullptr ? absl::UnavailableError("this BBS is not active")
                               : look(node, *term));
      },
      [this, done = std::move(done)](absl::StatusOr<absl::StatusOr<T>> result) {
        absl::StatusOr<T> flat = result.ok() ? std::move(*result) : result.status();
        Learn(flat.status());
        done(std::move(flat));
      });
}

template <typename T>
void BbsClient::Read(std::function<absl::StatusOr<T>(bbs::CommittedView&)> look,
                     std::function<void(absl::StatusOr<T>)> done) {
  AskActive<T>([look = std::move(look)](BbsNode*, bbs::Term& term) { return look(term.view()); },
               std::move(done));
}

void BbsClient::ReadCells(std::function<void(absl::StatusOr<LocketNode::Presences>)> done) {
  AskActive<LocketNode::Presences>(
      [](BbsNode* node, bbs::Term&) -> absl::StatusOr<LocketNode::Presences> {
        const LocketNode::Presences cells = node->live_cells();
        if (cells == nullptr) return absl::UnavailableError("Locket cannot be read");
        return cells;
      },
      std::move(done));
}

void BbsClient::ReadIndex(const ProcessGuid& process_guid, int32_t index,
                          std::function<void(absl::StatusOr<Rows>)> done) {
  Read<Rows>(
      [process_guid, index](bbs::CommittedView& view) {
        bbs::ActualLrpFilter filter;
        filter.process_guid = process_guid;
        filter.index = index;
        return All(view.ActualLrps(filter));
      },
      std::move(done));
}

void BbsClient::ReadCell(const CellId& cell, std::function<void(absl::StatusOr<Rows>)> done) {
  Read<Rows>(
      [cell](bbs::CommittedView& view) {
        bbs::ActualLrpFilter filter;
        filter.cell_id = cell;
        return All(view.ActualLrps(filter));
      },
      std::move(done));
}

void BbsClient::ReadTask(const TaskGuid& guid, std::function<void(absl::StatusOr<Task>)> done) {
  Read<Task>(
      [guid](bbs::CommittedView& view) -> absl::StatusOr<Task> {
        const auto task = view.FindTask(guid);
        if (!task.ok()) return task.status();
        return **task;
      },
      std::move(done));
}

void BbsClient::ReadTasksOf(const CellId& cell,
                            std::function<void(absl::StatusOr<std::vector<Task>>)> done) {
  Read<std::vector<Task>>(
      [cell](bbs::CommittedView& view) {
        bbs::TaskFilter filter;
        filter.cell_id = cell;
        return All(view.Tasks(filter));
      },
      std::move(done));
}

void BbsClient::ReadDesired(const ProcessGuid& guid,
                            std::function<void(absl::StatusOr<DesiredLrp>)> done) {
  Read<DesiredLrp>(
      [guid](bbs::CommittedView& view) -> absl::StatusOr<DesiredLrp> {
        const auto lrp = view.FindDesiredLrp(guid);
        if (!lrp.ok()) return lrp.status();
        return **lrp;
      },
      std::move(done));
}

}  // namespace diego::simulation
