// CellDirectory: which cells are present, from their presences in Locket, read every second or so,
// and whether those that vanish may be believed lost (core/cell_loss.h). Keeps the last good list,
// and knows its age.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/log/log.h"
#include "libs/models/cell.h"
#include "libs/sync/guarded.h"
#include "services/bbs/core/cell_loss.h"
#include "services/bbs/effects/effects_metrics.h"
#include "services/bbs/engine/live_cells.h"

namespace diego::bbs {

class CellDirectory final : public LiveCells {
 public:
  struct Options {
    absl::Duration interval = absl::Seconds(1);
    // A list older than this says nothing about who is there.
    absl::Duration good_for = absl::Seconds(10);
    CellLossSettings losses;
    // Held losses are logged this often.
    absl::Duration complaint_interval = absl::Minutes(1);
  };
  // Reads all presences; blocking.
  using ReadFunction = std::function<absl::StatusOr<std::vector<CellPresence>>()>;

  // `vanished` is told, on the thread of Step or of AcceptLosses, when there are lost cells to act
  // on. `clock` and `metrics` outlive it.
  CellDirectory(const Options& options, const Clock& clock, const log::Logger& log,
                ReadFunction read, std::function<void()> vanished, EffectsMetrics* metrics);

  // One thread: reads once; returns the time until the next.
  absl::Duration Step();

  // Any thread. LiveCells.
  Seen Get() const override;
  void Expect(const std::set<CellId>& cells) override;
  // The last good list, however old, by cell id. Unavailable before the first.
  absl::StatusOr<std::vector<CellPresence>> Cells() const;
  // Nothing while losses are believed.
  std::optional<HeldCellLosses> held_losses() const;
  // CellAddressOf the cell's presence; "" when the cell is not known.
  std::string AddressOf(const CellId& cell_id) const;

  // Any thread: an operator's word that the missing cells are gone; returns them.
  // FailedPrecondition: the presences cannot be read.
  absl::StatusOr<std::vector<CellId>> AcceptLosses();

 private:
  struct List {
    std::map<CellId, CellPresence> cells;
    std::shared_ptr<const std::set<CellId>> ids;
    absl::Duration read_at;
  };
  struct Data {
    std::optional<List> list;
    CellLosses losses;
    absl::Time held_since;
  };
  std::string CauseOf(const Data& data) const;
  void Tell(const CellLossDecision& decision, CellLossHold before);

  const Options options_;
  const Clock& clock_;
  const log::Logger log_;
  const ReadFunction read_;
  const std::function<void()> vanished_;
  EffectsMetrics* const metrics_;
  Guarded<Data> data_;
  // Of the thread of Step.
  bool complained_ = false;
  std::optional<absl::Duration> held_told_at_;
};

}  // namespace diego::bbs
