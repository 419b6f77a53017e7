#include <catch2/catch.hpp>

#include "libs/base/status_util.h"
#include "libs/models/actual_lrp.h"
#include "libs/models/error.h"
#include "libs/models/fault_list.h"
#include "libs/models/opaque.h"

namespace diego {
namespace {

TEST_CASE("error: the Diego type survives annotation and maps to a canonical code", "[models]") {
  const absl::Status status =
      Annotate(DiegoError(ErrorType::kRunningOnDifferentCell, "Running on cell a not b"), "x");
  CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(ErrorTypeOf(status) == ErrorType::kRunningOnDifferentCell);
  CHECK(IsDiegoError(status, ErrorType::kRunningOnDifferentCell));
  CHECK(ErrorTypeName(ErrorType::kRunningOnDifferentCell) == "RunningOnDifferentCell");
}

TEST_CASE("error: a status without a Diego type is typed by its code", "[models]") {
  CHECK(ErrorTypeOf(absl::NotFoundError("")) == ErrorType::kResourceNotFound);
  CHECK_FALSE(IsDiegoError(absl::NotFoundError(""), ErrorType::kResourceNotFound));
  CHECK(ErrorTypeOf(absl::DeadlineExceededError("")) == ErrorType::kTimeout);
  CHECK(ErrorTypeOf(absl::UnavailableError("")) == ErrorType::kUnknownError);
}

TEST_CASE("modification tag: succession by epoch or index", "[models]") {
  const auto [before, after, succeeds] = GENERATE(table<ModificationTag, ModificationTag, bool>({
      {{"a", 1}, {"a", 2}, true},
      {{"a", 2}, {"a", 2}, false},
      {{"a", 2}, {"a", 1}, false},
      {{"a", 2}, {"b", 0}, true},
      {{"", 2}, {"b", 0}, true},
      {{"a", 2}, {"", 0}, true},
  }));
  CHECK(before.SucceededBy(after) == succeeds);
}

TEST_CASE("actual LRP: state names are read back", "[models]") {
  for (auto state : {ActualLrpState::kUnclaimed, ActualLrpState::kClaimed, ActualLrpState::kRunning,
                     ActualLrpState::kCrashed}) {
    CHECK(ParseActualLrpState(ActualLrpStateName(state)) == state);
  }
  CHECK_FALSE(ParseActualLrpState("running").has_value());
}

TEST_CASE("fault list: all faults are reported together", "[models]") {
  FaultList faults;
  CHECK(faults.ToStatus().ok());
  faults.Field("domain");
  faults.Text("invalid volume_mount mode");
  CHECK(faults.ToStatus().message() == "Invalid field: domain, invalid volume_mount mode");
  CHECK(ErrorTypeOf(faults.ToStatus()) == ErrorType::kInvalidRequest);
}

TEST_CASE("opaque: equal by content", "[models]") {
  CHECK(Opaque("abc") == Opaque("abc"));
  CHECK_FALSE(Opaque("abc") == Opaque("abd"));
  CHECK(Opaque() == Opaque(""));
}

}  // namespace
}  // namespace diego
