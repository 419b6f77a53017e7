#include "services/bbs/effects/cell_directory.h"

#include <algorithm>
#include <utility>

#include "libs/models/cell_address.h"

namespace diego::bbs {

CellDirectory::CellDirectory(const Options& options, const Clock& clock, const log::Logger& log,
                             ReadFunction read, std::function<void()> vanished)
    : options_(options),
      clock_(clock),
      log_(log.Session("cell-directory")),
      read_(std::move(read)),
      vanished_(std::move(vanished)) {}

absl::Duration CellDirectory::Step() {
  absl::StatusOr<std::vector<CellPresence>> read = read_();
  if (!read.ok()) {
    if (!std::exchange(complained_, true)) log_.Error("failed-listing-cells", read.status());
    return options_.interval;
  }
  if (std::exchange(complained_, false)) log_.Info("listing-cells-again");
  Take(*std::move(read));
  return options_.interval;
}

void CellDirectory::Take(std::vector<CellPresence> read) {
  const absl::Duration now = clock_.Monotonic();
  const std::shared_ptr<const std::set<CellId>> before =
      list_.With([](const std::optional<List>& list) { return list ? list->ids : nullptr; });
  if (read.empty() && before != nullptr && !before->empty()) {
    if (!empty_since_) {
      empty_since_ = now;
      log_.Info("no-cells-found", {{"cells_before", before->size()}});
    }
    if (now - *empty_since_ < options_.empty_believed_after) return;
  }
  empty_since_.reset();

  List next{{}, nullptr, now};
  auto ids = std::make_shared<std::set<CellId>>();
  for (CellPresence& cell : read) {
    ids->insert(cell.cell_id);
    next.cells[cell.cell_id] = std::move(cell);
  }
  std::vector<std::string> gone;
  if (before != nullptr) {
    for (const CellId& id : *before) {
      if (ids->count(id) == 0) gone.push_back(id.value());
    }
  }
  next.ids = std::move(ids);
  list_.With([&](std::optional<List>& list) { list = std::move(next); });
  if (gone.empty()) return;
  log_.Info("detected-missing-cells", {{"cells", gone}});
  vanished_();
}

std::shared_ptr<const std::set<CellId>> CellDirectory::Get() const {
  return list_.With(
      [&](const std::optional<List>& list) -> std::shared_ptr<const std::set<CellId>> {
        if (!list || clock_.Monotonic() - list->read_at > options_.good_for) return nullptr;
        return list->ids;
      });
}

absl::StatusOr<std::vector<CellPresence>> CellDirectory::Cells() const {
  return list_.With(
      [](const std::optional<List>& list) -> absl::StatusOr<std::vector<CellPresence>> {
        if (!list) return absl::UnavailableError("the cells are not known yet; try again");
        std::vector<CellPresence> cells;
        cells.reserve(list->cells.size());
        for (const auto& [id, cell] : list->cells) cells.push_back(cell);
        return cells;
      });
}

std::string CellDirectory::AddressOf(const CellId& cell_id) const {
  return list_.With([&](const std::optional<List>& list) -> std::string {
    if (!list) return "";
    const auto at = list->cells.find(cell_id);
    return at == list->cells.end() ? "" : CellAddressOf(at->second);
  });
}

}  // namespace diego::bbs
