#include "libs/wire/enums.h"

#include "absl/strings/str_cat.h"
#include "libs/models/error.h"

namespace diego::wire {

absl::Status UnknownEnumValue(absl::string_view field, int number) {
  return DiegoError(ErrorType::kInvalidRequest,
                    absl::StrCat("Invalid field: ", field, ": unknown value ", number));
}

}  // namespace diego::wire
