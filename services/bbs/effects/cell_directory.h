// CellDirectory: which cells are present, from their presences in Locket, read every second or so.
// Keeps the last good list, and knows its age: a Locket that does not answer, or answers with
// nothing all of a sudden, is missing information and never makes a cell missing.
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
#include "services/bbs/engine/live_cells.h"

namespace diego::bbs {

class CellDirectory final : public LiveCells {
 public:
  struct Options {
    absl::Duration interval = absl::Seconds(1);
    // A list older than this says nothing about who is absent.
    absl::Duration good_for = absl::Seconds(10);
    // How long an empty list after one with cells has to stay empty to be believed.
    absl::Duration empty_believed_after = absl::Seconds(30);
  };
  // Reads all presences; blocking.
  using ReadFunction = std::function<absl::StatusOr<std::vector<CellPresence>>()>;

  // `vanished` is told, on the thread of Step, when cells are gone that were there. `clock`
  // outlives it.
  CellDirectory(const Options& options, const Clock& clock, const log::Logger& log,
                ReadFunction read, std::function<void()> vanished);

  // One thread: reads once; returns the time until the next.
  absl::Duration Step();

  // Any thread. LiveCells.
  std::shared_ptr<const std::set<CellId>> Get() const override;
  // The last good list, however old, by cell id. Unavailable before the first.
  absl::StatusOr<std::vector<CellPresence>> Cells() const;
  // CellAddressOf the cell's presence; "" when the cell is not known.
  std::string AddressOf(const CellId& cell_id) const;

 private:
  struct List {
    std::map<CellId, CellPresence> cells;
    std::shared_ptr<const std::set<CellId>> ids;
    absl::Duration read_at;
  };
  void Take(std::vector<CellPresence> read);

  const Options options_;
  const Clock& clock_;
  const log::Logger log_;
  const ReadFunction read_;
  const std::function<void()> vanished_;
  Guarded<std::optional<List>> list_;
  // Of the thread of Step.
  std::optional<absl::Duration> empty_since_;
  bool complained_ = false;
};

}  // namespace diego::bbs
