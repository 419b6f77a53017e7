// The version that `--version` prints.
#pragma once

namespace diego::config {

inline constexpr char kVersion[] = "0.1.0";

}  // namespace diego::config
