#include "services/rep/containers/rooted_path.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/status_util.h"
#include "services/rep/containers/errno_status.h"

namespace diego::rep {

absl::StatusOr<UniqueFd> OpenInRoot(int root_fd, absl::string_view path, int flags, mode_t mode) {
  open_how how{};
  how.flags = static_cast<uint64_t>(flags) | O_CLOEXEC;
  how.mode = mode;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  const std::string text = path.empty() ? "." : std::string(path);
  int fd = -1;
  // The kernel gives up with EAGAIN when something is renamed meanwhile.
  for (int attempt = 0; attempt < 16; ++attempt) {
    fd = static_cast<int>(syscall(SYS_openat2, root_fd, text.c_str(), &how, sizeof how));
    if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) break;
  }
  if (fd < 0) return ErrnoStatus(absl::StrCat("opening ", text, " in the container"));
  return UniqueFd(fd);
}

absl::StatusOr<UniqueFd> MakeDirectoriesInRoot(int root_fd, absl::string_view path, Owner owner) {
  std::string so_far = "/";
  DIEGO_ASSIGN_OR_RETURN(UniqueFd current, OpenInRoot(root_fd, "/", O_RDONLY | O_DIRECTORY));
  for (absl::string_view part : absl::StrSplit(path, '/', absl::SkipEmpty())) {
    absl::StrAppend(&so_far, so_far.size() > 1 ? "/" : "", part);
    if (part != "." && part != "..") {
      const std::string name(part);
      if (mkdirat(current.get(), name.c_str(), 0755) == 0) {
        if (fchownat(current.get(), name.c_str(), owner.uid, owner.gid, AT_SYMLINK_NOFOLLOW) != 0) {
          return ErrnoStatus(absl::StrCat("owning ", so_far));
        }
      } else if (errno != EEXIST) {
        return ErrnoStatus(absl::StrCat("making directory ", so_far));
      }
    }
    DIEGO_ASSIGN_OR_RETURN(current, OpenInRoot(root_fd, so_far, O_RDONLY | O_DIRECTORY));
  }
  return current;
}

absl::StatusOr<std::string> ReadFileInRoot(int root_fd, absl::string_view path, size_t most_bytes) {
  DIEGO_ASSIGN_OR_RETURN(UniqueFd fd, OpenInRoot(root_fd, path, O_RDONLY | O_NONBLOCK));
  struct stat info {};
  if (fstat(fd.get(), &info) != 0) return ErrnoStatus(absl::StrCat("reading ", path));
  if (!S_ISREG(info.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is not a regular file"));
  }
  std::string content;
  char buffer[16384];
  while (true) {
    const ssize_t n = read(fd.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return ErrnoStatus(absl::StrCat("reading ", path));
    if (n == 0) return content;
    if (content.size() + n > most_bytes) {
      return absl::ResourceExhaustedError(
          absl::StrCat(path, " is longer than ", most_bytes, " bytes"));
    }
    content.append(buffer, n);
  }
}

}  // namespace diego::rep
