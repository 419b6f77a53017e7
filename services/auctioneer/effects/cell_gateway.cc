#include "services/auctioneer/effects/cell_gateway.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/models/cell_address.h"
#include "libs/sync/guarded.h"

namespace diego::auctioneer {
namespace {

// Answers that callbacks bring, some perhaps after nobody waits for them any more.
template <typename T>
class Answers {
 public:
  explicit Answers(size_t count)
      : data_(std::in_place, Data{std::vector<absl::StatusOr<T>>(
                                      count, absl::DeadlineExceededError("no answer in time")),
                                  count}) {}

  void Set(size_t index, absl::StatusOr<T> answer) {
    data_.With([&](Data& data) {
      if (data.is_over) return;
      data.answers[index] = std::move(answer);
      --data.missing;
    });
  }
  std::vector<absl::StatusOr<T>> Wait(absl::Duration timeout) {
    return data_.When([](const Data& data) { return data.missing == 0; }, timeout,
                      [](Data& data, bool) {
                        data.is_over = true;
                        return std::move(data.answers);
                      });
  }

 private:
  struct Data {
    std::vector<absl::StatusOr<T>> answers;
    size_t missing = 0;
    bool is_over = false;
  };
  Guarded<Data> data_;
};

absl::Status NoAddress(const CellPresence& cell) {
  return absl::FailedPreconditionError(
      absl::StrCat("cell \"", cell.cell_id.value(),
                   "\" announces neither a rep_grpc_address nor an https rep_url"));
}

}  // namespace

ClientCellGateway::ClientCellGateway(clients::BbsClient& bbs, clients::CellClient& cells,
                                     absl::Duration state_timeout)
    : bbs_(bbs), cells_(cells), state_timeout_(state_timeout) {}

absl::StatusOr<std::vector<CellPresence>> ClientCellGateway::Cells() { return bbs_.Cells(); }

std::vector<absl::StatusOr<CellState>> ClientCellGateway::States(
    const std::vector<CellPresence>& cells) {
  const auto answers = std::make_shared<Answers<CellState>>(cells.size());
  for (size_t i = 0; i < cells.size(); ++i) {
    const std::string address = CellAddressOf(cells[i]);
    if (address.empty()) {
      answers->Set(i, NoAddress(cells[i]));
      continue;
    }
    cells_.State(address, [answers, i](absl::StatusOr<CellState> state) {
      answers->Set(i, std::move(state));
    });
  }
  return answers->Wait(state_timeout_);
}

std::vector<absl::StatusOr<Work>> ClientCellGateway::Deliver(
    const std::vector<Delivery>& deliveries) {
  const auto answers = std::make_shared<Answers<Work>>(deliveries.size());
  for (size_t i = 0; i < deliveries.size(); ++i) {
    cells_.PerformWork(
        CellAddressOf(deliveries[i].cell), deliveries[i].work,
        [answers, i](absl::StatusOr<Work> rejected) { answers->Set(i, std::move(rejected)); });
  }
  // Every call has the client's deadline, so every answer comes.
  return answers->Wait(absl::InfiniteDuration());
}

}  // namespace diego::auctioneer
