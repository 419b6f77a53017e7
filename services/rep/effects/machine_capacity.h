// What this machine has, where the configuration leaves it to be found out.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace diego::rep {

absl::StatusOr<int64_t> MachineMemoryMb();
// The address that the machine's default route goes out from; no packet is sent.
absl::StatusOr<std::string> MachineAddress();
// Of the filesystem that holds `path`.
absl::StatusOr<int64_t> MachineDiskMb(const std::string& path);

}  // namespace diego::rep
