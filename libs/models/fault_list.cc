#include "libs/models/fault_list.h"
#include "absl/strings/string_view.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/models/error.h"

namespace diego {

void FaultList::Field(absl::string_view name) {
  faults_.push_back(absl::StrCat("Invalid field: ", name));
}

void FaultList::Text(absl::string_view text) { faults_.emplace_back(text); }

absl::Status FaultList::ToStatus() const {
  if (faults_.empty()) return absl::OkStatus();
  return DiegoError(ErrorType::kInvalidRequest, absl::StrJoin(faults_, ", "));
}

}  // namespace diego
