#include "services/bbs/effects/cell_directory.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/models/cell_address.h"

namespace diego::bbs {
namespace {

template <typename Cells>
std::vector<std::string> Names(const Cells& cells) {
  std::vector<std::string> names;
  for (const CellId& cell : cells) names.push_back(cell.value());
  return names;
}

std::vector<CellId> Lost(const CellLosses& losses) {
  std::vector<CellId> cells;
  for (const auto& [cell, at] : losses.lost) cells.push_back(cell);
  return cells;
}

}  // namespace

CellDirectory::CellDirectory(const Options& options, const Clock& clock, const log::Logger& log,
                             ReadFunction read, std::function<void()> vanished,
                             EffectsMetrics* metrics)
    : options_(options),
      clock_(clock),
      log_(log.Session("cell-directory")),
      read_(std::move(read)),
      vanished_(std::move(vanished)),
      metrics_(metrics) {}

absl::Duration CellDirectory::Step() {
  absl::StatusOr<std::vector<CellPresence>> read = read_();
  if (!read.ok()) {
    if (!std::exchange(complained_, true)) log_.Error("failed-listing-cells", read.status());
  } else if (std::exchange(complained_, false)) {
    log_.Info("listing-cells-again");
  }
  CellReading reading{clock_.Monotonic(), std::nullopt};
  std::optional<List> list;
  if (read.ok()) {
    list.emplace();
    list->read_at = reading.now;
    for (CellPresence& cell : *read) list->cells[cell.cell_id] = std::move(cell);
    reading.present.emplace();
    for (const auto& [id, cell] : list->cells) reading.present->insert(id);
    list->ids = std::make_shared<const std::set<CellId>>(*reading.present);
  }
  CellLossHold before = CellLossHold::kNone;
  const CellLossDecision decision = data_.With([&](Data& data) {
    before = data.losses.hold;
    const bool was_held = data.losses.held();
    CellLossDecision judged = Judge(data.losses, reading, options_.losses);
    if (judged.losses.held() && !was_held) data.held_since = clock_.Now();
    data.losses = judged.losses;
    if (list) data.list = std::move(list);
    return judged;
  });
  Tell(decision, before);
  if (decision.act) vanished_();
  return options_.interval;
}

void CellDirectory::Tell(const CellLossDecision& decision, CellLossHold before) {
  const CellLosses& losses = decision.losses;
  const std::vector<std::string> missing = Names(Lost(losses));
  metrics_->CellsSeen(losses.counted.size(), losses.held() ? missing.size() : 0, losses.held());
  if (!decision.vanished.empty()) {
    log_.Info("detected-missing-cells", {{"cells", Names(decision.vanished)}});
  }
  const absl::Duration now = clock_.Monotonic();
  if (!losses.held()) {
    if (held_told_at_) log_.Info("cell-losses-no-longer-held", {{"missing_cells", missing}});
    held_told_at_.reset();
  } else if (!held_told_at_ || losses.hold != before ||
             now - *held_told_at_ >= options_.complaint_interval) {
    held_told_at_ = now;
    const std::string cause = data_.With([this](const Data& data) { return CauseOf(data); });
    log_.Error("cell-losses-held", absl::UnavailableError(cause),
               {{"missing_cells", missing},
                {"meaning",
                 "no instance is replaced for want of its cell until the cells are back or an "
                 "operator accepts the losses (cfdot accept-cell-losses)"}});
  }
}

LiveCells::Seen CellDirectory::Get() const {
  return data_.With([&](const Data& data) -> Seen {
    const bool known =
        data.list.has_value() && clock_.Monotonic() - data.list->read_at <= options_.good_for;
    return {known ? data.list->ids : nullptr, data.losses.held()};
  });
}

void CellDirectory::Expect(const std::set<CellId>& cells) {
  data_.With([&](Data& data) {
    data.losses = Expecting(data.losses, cells);
    data.held_since = clock_.Now();
  });
}

absl::StatusOr<std::vector<CellPresence>> CellDirectory::Cells() const {
  return data_.With([](const Data& data) -> absl::StatusOr<std::vector<CellPresence>> {
    if (!data.list) return absl::UnavailableError("the cells are not known yet; try again");
    std::vector<CellPresence> cells;
    cells.reserve(data.list->cells.size());
    for (const auto& [id, cell] : data.list->cells) cells.push_back(cell);
    return cells;
  });
}

std::optional<HeldCellLosses> CellDirectory::held_losses() const {
  return data_.With([this](const Data& data) -> std::optional<HeldCellLosses> {
    if (!data.losses.held()) return std::nullopt;
    return HeldCellLosses{CauseOf(data), Lost(data.losses), data.held_since};
  });
}

std::string CellDirectory::AddressOf(const CellId& cell_id) const {
  return data_.With([&](const Data& data) -> std::string {
    if (!data.list) return "";
    const auto at = data.list->cells.find(cell_id);
    return at == data.list->cells.end() ? "" : CellAddressOf(at->second);
  });
}

absl::StatusOr<std::vector<CellId>> CellDirectory::AcceptLosses() {
  const auto accepted = data_.With([](Data& data) -> absl::StatusOr<std::vector<CellId>> {
    if (data.losses.unreadable()) {
      return absl::FailedPreconditionError(
          "the presences of the cells cannot be read from Locket, so that nobody can say which "
          "cells are lost; see to Locket first");
    }
    if (!data.losses.held()) return std::vector<CellId>();
    std::vector<CellId> lost = Lost(data.losses);
    data.losses = Accepting(data.losses);
    return lost;
  });
  if (accepted.ok() && !accepted->empty()) {
    log_.Info("cell-losses-accepted", {{"cells", Names(*accepted)}});
    vanished_();
  }
  return accepted;
}

std::string CellDirectory::CauseOf(const Data& data) const {
  const size_t lost = data.losses.lost.size();
  switch (data.losses.hold) {
    case CellLossHold::kNone: break;
    case CellLossHold::kNotRead: return "the presences of the cells have not been read yet";
    case CellLossHold::kUnreadable:
      return data.losses.unreadable()
                 ? "the presences of the cells cannot be read from Locket"
                 : "the presences could not be read from Locket until a moment ago";
    case CellLossHold::kMassLoss:
      return absl::StrCat("more than the configured share of the cells vanished at once; ", lost,
                          " of ", lost + data.losses.counted.size(), " are missing");
    case CellLossHold::kNoCells: return "all cells vanished at once";
  }
  return "";
}

}  // namespace diego::bbs
