// Small tools for absl::Status: context on the way up, early return, and the macros for both.
#pragma once

#include <utility>
#include "absl/strings/string_view.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace diego {

// The same code and payloads with `context` put in front: "loading cells: no such table".
absl::Status Annotate(const absl::Status& status, absl::string_view context);

}  // namespace diego

#define DIEGO_CONCAT_INNER(a, b) a##b
#define DIEGO_CONCAT(a, b) DIEGO_CONCAT_INNER(a, b)

// Leaves the function with the status of `expression` if it is not OK.
#define DIEGO_RETURN_IF_ERROR(expression)                                                  \
  do {                                                                                     \
    if (absl::Status diego_status = (expression); !diego_status.ok()) return diego_status; \
  } while (false)

// DIEGO_ASSIGN_OR_RETURN(auto row, ReadRow()); leaves with the status if there is no value.
#define DIEGO_ASSIGN_OR_RETURN(declaration, expression) \
  DIEGO_ASSIGN_OR_RETURN_INNER(DIEGO_CONCAT(diego_statusor_, __LINE__), declaration, expression)
#define DIEGO_ASSIGN_OR_RETURN_INNER(temporary, declaration, expression) \
  auto temporary = (expression);                                         \
  if (!temporary.ok()) return temporary.status();                        \
  declaration = *std::move(temporary)
