// What this machine has, for "auto" in the configuration.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace diego::rep {

absl::StatusOr<int64_t> MachineMemoryMb();
// Of the filesystem that holds `path`.
absl::StatusOr<int64_t> MachineDiskMb(const std::string& path);

}  // namespace diego::rep
