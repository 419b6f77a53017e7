#include "services/bbs/core/rows.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "libs/models/error.h"

namespace diego::bbs {
namespace {

std::string Text(const ModificationTag& tag) { return absl::StrCat(tag.epoch, ":", tag.index); }

}  // namespace

absl::Status CheckTag(const DesiredLrp& lrp, const std::optional<ModificationTag>& expected) {
  if (!expected || lrp.tag == *expected) return absl::OkStatus();
  return DiegoError(ErrorType::kResourceConflict,
                    absl::StrCat("desired LRP ", lrp.process_guid.value(),
                                 " is at modification tag ", Text(lrp.tag), ", not at ",
                                 Text(*expected), " as expected; read it again and decide anew"));
}

void MovePresence(const Record<ActualLrp>& row, ActualLrp moved, Changes* changes) {
  using Cause = ActualLrpChange::Cause;
  changes->push_back(ActualLrpChange{{row, nullptr}, Cause::kPresenceMove, ""});
  changes->push_back(
      ActualLrpChange{{nullptr, MakeRecord(std::move(moved))}, Cause::kPresenceMove, ""});
}

std::string StoredText(const std::string& text) {
  constexpr size_t kLimitBytes = 1024;
  const std::string mark = "(truncated)";
  if (text.size() < kLimitBytes) return text;
  size_t kept = kLimitBytes - mark.size();
  // A character of UTF-8 is left out whole, where the original may split it: a column that holds
  // characters would refuse the row for half a one. The text is then up to three bytes shorter.
  while (kept > 0 && (static_cast<unsigned char>(text[kept]) & 0xc0) == 0x80) --kept;
  return text.substr(0, kept) + mark;
}

}  // namespace diego::bbs
