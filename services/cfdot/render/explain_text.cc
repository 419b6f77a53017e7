#include "services/cfdot/render/explain_text.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/cfdot/render/text_table.h"

namespace diego::cfdot {
namespace {

using models::PlacementRefusal;

// "3 cells", "1 cell".
std::string Cells(int64_t count) { return absl::StrCat(count, count == 1 ? " cell" : " cells"); }

// "9 are short of memory (the nearest by 512 MB of 1 GB)".
void AddShortage(int32_t cells, const char* of, int64_t short_by, int64_t needed,
                 std::vector<std::string>* parts) {
  if (cells == 0) return;
  std::string text = absl::StrCat(cells, cells == 1 ? " is" : " are", " short of ", of);
  if (short_by > 0) {
    absl::StrAppend(&text, " (the nearest by ", FormatMegabytes(short_by), " of ",
                    FormatMegabytes(needed), ")");
  }
  parts->push_back(std::move(text));
}

std::string Considered(const PlacementRefusal& refusal) {
  std::vector<std::string> lacking;
  const auto add = [&](int32_t cells, const char* what) {
    if (cells > 0) lacking.push_back(absl::StrCat(cells, cells == 1 ? " lacks " : " lack ", what));
  };
  add(refusal.cells_without_root_fs(), "the rootfs");
  add(refusal.cells_without_volume_drivers(), "the volume drivers");
  add(refusal.cells_without_placement_tags(), "the placement tags");
  std::vector<std::string> parts;
  if (!lacking.empty()) parts.push_back(absl::StrJoin(lacking, ", "));
  if (refusal.reason() == PlacementRefusal::NO_ROOM) {
    const int32_t fitting = refusal.cells_considered() - refusal.cells_without_root_fs() -
                            refusal.cells_without_volume_drivers() -
                            refusal.cells_without_placement_tags();
    std::vector<std::string> shortages;
    AddShortage(refusal.cells_short_of_memory(), "memory", refusal.memory_short_mb(),
                refusal.memory_needed_mb(), &shortages);
    AddShortage(refusal.cells_short_of_disk(), "disk", refusal.disk_short_mb(),
                refusal.disk_needed_mb(), &shortages);
    AddShortage(refusal.cells_short_of_containers(), "containers", 0, 0, &shortages);
    parts.push_back(absl::StrCat(fitting, fitting == 1 ? " matches" : " match",
                                 shortages.empty() ? "" : ": ", absl::StrJoin(shortages, ", ")));
  }
  if (parts.empty()) return "";
  return absl::StrCat("of ", Cells(refusal.cells_considered()), ", ", absl::StrJoin(parts, "; "));
}

std::string CrashText(const models::ActualLRP& lrp) {
  return absl::StrCat("crashed ", lrp.crash_count(), lrp.crash_count() == 1 ? " time" : " times",
                      lrp.crash_reason().empty() ? "" : ", at last: ", lrp.crash_reason());
}

std::string PlaceText(const models::ActualLRP& lrp) {
  std::vector<std::string> parts = {"waits for a place"};
  if (!lrp.placement_error().empty()) parts.push_back(lrp.placement_error());
  const std::string refusal = RefusalText(lrp.placement_refusal());
  if (!refusal.empty()) parts.push_back(refusal);
  return absl::StrJoin(parts, "; ");
}

}  // namespace

std::string RefusalText(const PlacementRefusal& refusal) {
  std::vector<std::string> parts;
  if (std::string considered = Considered(refusal); !considered.empty()) {
    parts.push_back(std::move(considered));
  }
  if (refusal.reason() == PlacementRefusal::IN_FLIGHT_LIMIT) {
    parts.push_back(absl::StrCat(refusal.containers_starting(), " containers start already, ",
                                 refusal.containers_starting_limit(), " may"));
  }
  if (refusal.reason() == PlacementRefusal::HANDED_BACK) {
    parts.push_back(absl::StrCat("of ", Cells(refusal.cells_considered()), " those with room ",
                                 "handed it back, ", refusal.times_handed_back(), " times"));
  }
  if (refusal.cells_unreachable() > 0) {
    parts.push_back(absl::StrCat(Cells(refusal.cells_unreachable()), " did not answer"));
  }
  if (refusal.cells_evacuating() > 0) {
    parts.push_back(absl::StrCat(Cells(refusal.cells_evacuating()),
                                 refusal.cells_evacuating() == 1 ? " evacuates" : " evacuate"));
  }
  return absl::StrJoin(parts, "; ");
}

std::string WhyText(const InstanceExplanation& explanation, absl::Time now) {
  const models::ActualLRP& lrp = explanation.instance();
  switch (explanation.waiting()) {
    case InstanceExplanation::NOTHING: return "runs";
    case InstanceExplanation::FOR_RECORD: return "has no record; the next convergence makes one";
    case InstanceExplanation::FOR_PLACE: return PlaceText(lrp);
    case InstanceExplanation::FOR_CELL: return "is started by its cell";
    case InstanceExplanation::FOR_RESTART: {
      const absl::Duration left = absl::FromUnixNanos(explanation.restart_due_at()) - now;
      return absl::StrCat(CrashText(lrp), "; ",
                          left > absl::ZeroDuration()
                              ? absl::StrCat("restarts in ", FormatAge(left))
                              : "its restart is due, with the next convergence");
    }
    case InstanceExplanation::FOR_EVER:
      return absl::StrCat(CrashText(lrp), "; is not restarted any more");
    case InstanceExplanation::FOR_STOP:
      return lrp.actual_lrp_instance_key().cell_id().empty()
                 ? "is not desired; convergence removes it when its domain is fresh"
                 : "is not desired; its cell is to stop it when its domain is fresh, unless the "
                   "LRP's record is quarantined";
    case InstanceExplanation::FOR_REPLACEMENT:
      return lrp.presence() == models::ActualLRP::SUSPECT
                 ? "its cell is missing; counts until it is back or a replacement runs"
                 : "its cell evacuates or an update rolls; serves until a replacement runs";
    default: return "";
  }
}

}  // namespace diego::cfdot
