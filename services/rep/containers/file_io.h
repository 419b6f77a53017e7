// Small files of the host, whole.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace diego::rep {

// Reads also files of /proc and /sys, whose size is not known beforehand; at most 4 MiB.
absl::StatusOr<std::string> ReadWholeFile(const std::string& path);
// Replaces the file in one step: a reader sees the old or the new content.
absl::Status WriteWholeFile(const std::string& path, absl::string_view content, mode_t mode);
// mkdir -p
absl::Status MakeDirectories(const std::string& path, mode_t mode = 0755);
// rm -rf, without crossing into mounted filesystems. OK when there is nothing.
absl::Status RemoveTree(const std::string& path);
// Names in a directory, sorted, without "." and ".."; empty when it cannot be read.
std::vector<std::string> ListDirectory(const std::string& path);
// Mount points at or below `prefix`, deepest first.
std::vector<std::string> MountPointsBelow(const std::string& prefix);
// Detaches a mount; OK when nothing is mounted there.
absl::Status Unmount(const std::string& path);

}  // namespace diego::rep
