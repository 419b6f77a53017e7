#include "services/rep/containers/file_io.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/rep/containers/errno_status.h"
#include "services/rep/containers/unique_fd.h"

namespace diego::rep {
namespace {

// mountinfo writes blanks and backslashes as three octal digits.
std::string Unescape(absl::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      plain.push_back(static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                                        (text[i + 3] - '0')));
      i += 3;
    } else {
      plain.push_back(text[i]);
    }
  }
  return plain;
}

}  // namespace

absl::StatusOr<std::string> ReadWholeFile(const std::string& path) {
  constexpr size_t kMostBytes = 4 << 20;
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoStatus(absl::StrCat("opening ", path));
  std::string content;
  char buffer[16384];
  while (content.size() < kMostBytes) {
    const ssize_t n = read(fd.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return ErrnoStatus(absl::StrCat("reading ", path));
    if (n == 0) break;
    content.append(buffer, n);
  }
  return content;
}

absl::Status WriteWholeFile(const std::string& path, absl::string_view content, mode_t mode) {
  const std::string next = absl::StrCat(path, ".new");
  UniqueFd fd(open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
  if (!fd.valid()) return ErrnoStatus(absl::StrCat("creating ", next));
  while (!content.empty()) {
    const ssize_t n = write(fd.get(), content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return ErrnoStatus(absl::StrCat("writing ", next));
    content.remove_prefix(n);
  }
  if (fchmod(fd.get(), mode) != 0) return ErrnoStatus(absl::StrCat("chmod of ", next));
  if (rename(next.c_str(), path.c_str()) != 0) return ErrnoStatus(absl::StrCat("renaming ", next));
  return absl::OkStatus();
}

absl::Status MakeDirectories(const std::string& path, mode_t mode) {
  std::string so_far;
  for (absl::string_view part : absl::StrSplit(path, '/', absl::SkipEmpty())) {
    absl::StrAppend(&so_far, "/", part);
    if (mkdir(so_far.c_str(), mode) != 0 && errno != EEXIST) {
      return ErrnoStatus(absl::StrCat("making directory ", so_far));
    }
  }
  return absl::OkStatus();
}

absl::Status RemoveTree(const std::string& path) {
  // A mount below would be emptied instead of detached.
  for (const std::string& mount : MountPointsBelow(path)) {
    return absl::FailedPreconditionError(absl::StrCat("still mounted: ", mount));
  }
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (error) return ErrnoStatus(absl::StrCat("removing ", path), error.value());
  return absl::OkStatus();
}

std::vector<std::string> ListDirectory(const std::string& path) {
  std::vector<std::string> names;
  DIR* dir = opendir(path.c_str());
  if (dir == nullptr) return names;
  while (const dirent* entry = readdir(dir)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  closedir(dir);
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> MountPointsBelow(const std::string& prefix) {
  std::vector<std::string> found;
  FILE* file = fopen("/proc/self/mountinfo", "re");
  if (file == nullptr) return found;
  char* line = nullptr;
  size_t capacity = 0;
  while (getline(&line, &capacity, file) > 0) {
    const std::vector<absl::string_view> parts = absl::StrSplit(line, ' ');
    if (parts.size() < 5) continue;
    std::string point = Unescape(parts[4]);
    if (point == prefix || absl::StartsWith(point, absl::StrCat(prefix, "/"))) {
      found.push_back(std::move(point));
    }
  }
  free(line);
  fclose(file);
  std::reverse(found.begin(), found.end());
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.size() > b.size(); });
  return found;
}

absl::Status Unmount(const std::string& path) {
  if (umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0) return absl::OkStatus();
  if (errno == EINVAL || errno == ENOENT) return absl::OkStatus();
  return ErrnoStatus(absl::StrCat("unmounting ", path));
}

}  // namespace diego::rep
