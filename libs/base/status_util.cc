#include "libs/base/status_util.h"
#include "absl/strings/string_view.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace diego {

absl::Status Annotate(const absl::Status& status, absl::string_view context) {
  if (status.ok()) return status;
  absl::Status annotated(status.code(), absl::StrCat(context, ": ", status.message()));
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    annotated.SetPayload(url, payload);
  });
  return annotated;
}

}  // namespace diego
