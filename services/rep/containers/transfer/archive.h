// Expanding archives (tar, tar.gz, zip) into a directory that somebody else controls.
#pragma once

#include "absl/status/status.h"
#include "services/rep/containers/rooted_path.h"
#include "services/rep/containers/transfer/transfers.h"

namespace diego::rep {

// Reads the archive from `archive_fd` and makes its files below the directory `target_fd`, all
// owned by `owner`. Nothing is written outside the target: a member whose path leads out, by ".."
// or through a symbolic link, fails the whole (InvalidArgument), as do devices. What was made until
// then stays.
absl::Status ExpandArchive(int archive_fd, int target_fd, Owner owner, Cancellation& cancellation);

}  // namespace diego::rep
