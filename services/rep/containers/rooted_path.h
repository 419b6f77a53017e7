// Paths inside a container's root, resolved by the kernel so that neither ".." nor a symbolic link
// leads out of it (openat2 with RESOLVE_IN_ROOT).
#pragma once

#include <sys/types.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/rep/containers/unique_fd.h"

namespace diego::rep {

struct Owner {
  uid_t uid = 0;
  gid_t gid = 0;
};

// Opens `path` as seen by a process whose root is `root_fd`. NotFound and so on from errno. Use
// O_PATH or O_NOFOLLOW in `flags` as wanted; O_CLOEXEC is added.
absl::StatusOr<UniqueFd> OpenInRoot(int root_fd, absl::string_view path, int flags,
                                    mode_t mode = 0);

// mkdir -p below the root; directories it makes belong to `owner`. Returns the directory, opened
// for reading. FailedPrecondition when a part of the path is not a directory.
absl::StatusOr<UniqueFd> MakeDirectoriesInRoot(int root_fd, absl::string_view path, Owner owner);

// A regular file of at most `most_bytes`; ResourceExhausted when it is longer.
absl::StatusOr<std::string> ReadFileInRoot(int root_fd, absl::string_view path, size_t most_bytes);

}  // namespace diego::rep
