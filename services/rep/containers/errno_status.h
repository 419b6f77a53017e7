// absl::Status from errno, with what was being done in front.
#pragma once

#include <cerrno>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace diego::rep {

inline absl::Status ErrnoStatus(absl::string_view doing, int error = errno) {
  return absl::ErrnoToStatus(error, doing);
}

}  // namespace diego::rep
