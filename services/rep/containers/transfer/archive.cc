#include "services/rep/containers/transfer/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/base/status_util.h"
#include "services/rep/containers/errno_status.h"

namespace diego::rep {
namespace {

using Reader = std::unique_ptr<archive, decltype(&archive_read_free)>;

// Never leaves `dir_fd`, also not through links.
absl::StatusOr<UniqueFd> OpenBeneath(int dir_fd, const std::string& path, int flags) {
  open_how how{};
  how.flags = static_cast<uint64_t>(flags) | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  const int fd = static_cast<int>(
      syscall(SYS_openat2, dir_fd, path.empty() ? "." : path.c_str(), &how, sizeof how));
  if (fd >= 0) return UniqueFd(fd);
  if (errno == EXDEV || errno == ELOOP) {
    return absl::InvalidArgumentError(absl::StrCat("'", path, "' leads out of the archive"));
  }
  return ErrnoStatus(absl::StrCat("opening '", path, "'"));
}

// The parts of a member's path; "." and the empty ones dropped.
absl::StatusOr<std::vector<std::string>> PartsOf(absl::string_view path) {
  std::vector<std::string> parts;
  for (absl::string_view part : absl::StrSplit(path, '/', absl::SkipEmpty())) {
    if (part == ".") continue;
    if (part == "..") {
      return absl::InvalidArgumentError(absl::StrCat("'", path, "' leads out of the archive"));
    }
    parts.emplace_back(part);
  }
  return parts;
}

class Expander {
 public:
  Expander(archive* reader, int target_fd, Owner owner, Cancellation& cancellation)
      : reader_(reader), target_fd_(target_fd), owner_(owner), cancellation_(cancellation) {}

  absl::Status All() {
    archive_entry* entry = nullptr;
    while (true) {
      const int code = archive_read_next_header(reader_, &entry);
      if (code == ARCHIVE_EOF) return absl::OkStatus();
      if (code < ARCHIVE_WARN) return ReadError();
      if (cancellation_.cancelled()) return absl::CancelledError("cancelled");
      DIEGO_RETURN_IF_ERROR(One(entry));
    }
  }

 private:
  absl::Status ReadError() const {
    const char* words = archive_error_string(reader_);
    return absl::InvalidArgumentError(
        absl::StrCat("not a sound archive: ", words == nullptr ? "unknown error" : words));
  }

  // The directory that `parts` name, made where it is missing.
  absl::StatusOr<UniqueFd> Directory(const std::vector<std::string>& parts) {
    DIEGO_ASSIGN_OR_RETURN(UniqueFd dir, OpenBeneath(target_fd_, ".", O_RDONLY | O_DIRECTORY));
    std::string so_far;
    for (const std::string& part : parts) {
      absl::StrAppend(&so_far, so_far.empty() ? "" : "/", part);
      if (mkdirat(dir.get(), part.c_str(), 0755) == 0) {
        if (fchownat(dir.get(), part.c_str(), owner_.uid, owner_.gid, AT_SYMLINK_NOFOLLOW) != 0) {
          return ErrnoStatus(absl::StrCat("owning '", so_far, "'"));
        }
      } else if (errno != EEXIST) {
        return ErrnoStatus(absl::StrCat("making directory '", so_far, "'"));
      }
      DIEGO_ASSIGN_OR_RETURN(dir, OpenBeneath(target_fd_, so_far, O_RDONLY | O_DIRECTORY));
    }
    return dir;
  }

  absl::Status One(archive_entry* entry) {
    // In the C locale only the second form holds names beyond ASCII.
    const char* path = archive_entry_pathname(entry);
    if (path == nullptr) path = archive_entry_pathname_utf8(entry);
    if (path == nullptr) return absl::InvalidArgumentError("a member's name cannot be read");
    DIEGO_ASSIGN_OR_RETURN(std::vector<std::string> parts, PartsOf(path));
    const mode_t mode = archive_entry_perm(entry) & 0777;
    if (archive_entry_filetype(entry) == AE_IFDIR || parts.empty()) {
      DIEGO_ASSIGN_OR_RETURN(const UniqueFd dir, Directory(parts));
      if (!parts.empty() && fchmod(dir.get(), mode) != 0) return ErrnoStatus("chmod");
      return absl::OkStatus();
    }
    const std::string name = parts.back();
    parts.pop_back();
    DIEGO_ASSIGN_OR_RETURN(const UniqueFd parent, Directory(parts));
    (void)unlinkat(parent.get(), name.c_str(), 0);  // a later member replaces an earlier one
    if (const char* target = archive_entry_hardlink(entry)) {
      return HardLink(target, parent.get(), name);
    }
    switch (archive_entry_filetype(entry)) {
      case AE_IFREG: return File(entry, parent.get(), name, mode);
      case AE_IFLNK: return SymbolicLink(archive_entry_symlink(entry), parent.get(), name);
      default:
        return absl::InvalidArgumentError(absl::StrCat("'", name,
                                                       "' is neither a file, a "
                                                       "directory nor a link"));
    }
  }

  absl::Status File(archive_entry* entry, int parent, const std::string& name, mode_t mode) {
    UniqueFd fd(
        openat(parent, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd.valid()) return ErrnoStatus(absl::StrCat("creating '", name, "'"));
    // Sparse members leave holes, so each block is written at its own offset.
    const void* data = nullptr;
    size_t size = 0;
    la_int64_t offset = 0;
    while (true) {
      const int code = archive_read_data_block(reader_, &data, &size, &offset);
      if (code == ARCHIVE_EOF) break;
      if (code < ARCHIVE_WARN) return ReadError();
      if (cancellation_.cancelled()) return absl::CancelledError("cancelled");
      size_t done = 0;
      while (done < size) {
        const ssize_t n =
            pwrite(fd.get(), static_cast<const char*>(data) + done, size - done, offset + done);
        if (n < 0) return ErrnoStatus(absl::StrCat("writing '", name, "'"));
        done += n;
      }
    }
    if (archive_entry_size_is_set(entry) != 0 && archive_entry_size(entry) > offset &&
        ftruncate(fd.get(), archive_entry_size(entry)) != 0) {
      return ErrnoStatus(absl::StrCat("sizing '", name, "'"));
    }
    if (fchown(fd.get(), owner_.uid, owner_.gid) != 0 || fchmod(fd.get(), mode) != 0) {
      return ErrnoStatus(absl::StrCat("owning '", name, "'"));
    }
    if (archive_entry_mtime_is_set(entry) != 0) {
      const timespec times[2] = {{0, UTIME_OMIT},
                                 {archive_entry_mtime(entry), archive_entry_mtime_nsec(entry)}};
      (void)futimens(fd.get(), times);
    }
    return absl::OkStatus();
  }

  // The link itself may point anywhere: it means something only inside the container.
  absl::Status SymbolicLink(const char* target, int parent, const std::string& name) {
    if (target == nullptr || symlinkat(target, parent, name.c_str()) != 0) {
      return ErrnoStatus(absl::StrCat("linking '", name, "'"));
    }
    if (fchownat(parent, name.c_str(), owner_.uid, owner_.gid, AT_SYMLINK_NOFOLLOW) != 0) {
      return ErrnoStatus(absl::StrCat("owning '", name, "'"));
    }
    return absl::OkStatus();
  }

  absl::Status HardLink(const char* target, int parent, const std::string& name) {
    DIEGO_ASSIGN_OR_RETURN(const std::vector<std::string> parts, PartsOf(target));
    DIEGO_ASSIGN_OR_RETURN(const UniqueFd source,
                           OpenBeneath(target_fd_, absl::StrJoin(parts, "/"), O_PATH | O_NOFOLLOW));
    struct stat info {};
    // Only to what the archive itself brought.
    if (fstat(source.get(), &info) != 0 || !S_ISREG(info.st_mode) || info.st_uid != owner_.uid) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", name, "' is a hard link to something that is not in the archive"));
    }
    if (linkat(source.get(), "", parent, name.c_str(), AT_EMPTY_PATH) != 0) {
      return ErrnoStatus(absl::StrCat("linking '", name, "'"));
    }
    return absl::OkStatus();
  }

  archive* const reader_;
  const int target_fd_;
  const Owner owner_;
  Cancellation& cancellation_;
};

}  // namespace

absl::Status ExpandArchive(int archive_fd, int target_fd, Owner owner, Cancellation& cancellation) {
  constexpr size_t kBlockBytes = 65536;
  const Reader reader(archive_read_new(), archive_read_free);
  archive_read_support_format_tar(reader.get());
  archive_read_support_format_zip(reader.get());
  archive_read_support_filter_gzip(reader.get());
  if (lseek(archive_fd, 0, SEEK_SET) != 0) return ErrnoStatus("rewinding an archive");
  if (archive_read_open_fd(reader.get(), archive_fd, kBlockBytes) != ARCHIVE_OK) {
    const char* words = archive_error_string(reader.get());
    return absl::InvalidArgumentError(
        absl::StrCat("not a tar, tar.gz or zip archive: ", words == nullptr ? "" : words));
  }
  return Expander(reader.get(), target_fd, owner, cancellation).All();
}

}  // namespace diego::rep
