// The bytes of the container init program (init.cc), to be written into the cell's work directory.
#pragma once

#include "absl/strings/string_view.h"

namespace diego::rep {

absl::string_view InitImage();

}  // namespace diego::rep
