#include "services/rep/containers/image_store.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "libs/base/status_util.h"
#include "services/rep/containers/errno_status.h"
#include "services/rep/containers/file_io.h"
#include "services/rep/containers/spawn.h"

namespace diego::rep {
namespace {

constexpr absl::Duration kCopyTimeout = absl::Minutes(10);

// Without links and dots.
absl::StatusOr<std::string> RealPath(const std::string& path) {
  std::error_code error;
  std::string real = std::filesystem::canonical(path, error);
  if (error) return ErrnoStatus(absl::StrCat("resolving ", path), error.value());
  return real;
}

// Another one for every content that a file has had: the time of its last change, unlike that of
// its last modification, is nobody's to set.
std::string NameOfContent(const struct stat& file) {
  return absl::StrCat(file.st_ino, "-", file.st_size, "-", file.st_ctim.tv_sec, ".",
                      file.st_ctim.tv_nsec);
}

bool IsDirectory(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

// The root directory itself is the writable layer's, so it takes after the image's.
absl::Status CopyMode(const std::string& from, const std::string& to) {
  struct stat info {};
  if (stat(from.c_str(), &info) != 0) return ErrnoStatus(absl::StrCat("reading ", from));
  if (chown(to.c_str(), info.st_uid, info.st_gid) != 0 ||
      chmod(to.c_str(), info.st_mode & 07777) != 0) {
    return ErrnoStatus(absl::StrCat("setting the mode of ", to));
  }
  return absl::OkStatus();
}

}  // namespace

ImageStore::ImageStore(std::map<std::string, std::string> images, std::string work_dir)
    : images_(std::move(images)),
      work_dir_(std::move(work_dir)),
      images_dir_(absl::StrCat(work_dir_, "/images")) {}

absl::StatusOr<ImageStore::Source> ImageStore::Find(const std::string& name,
                                                    const std::string& path) const {
  const auto fault = [&](absl::string_view text) {
    return absl::InvalidArgumentError(
        absl::StrCat("preloaded_root_fs: the path of '", name, "' ", text, ": ", path));
  };
  if (access(path.c_str(), R_OK) != 0) return fault("cannot be read");
  if (path.find_first_of(":,\\") != std::string::npos) {
    return fault("must not hold ':', ',' or '\\'");
  }
  DIEGO_ASSIGN_OR_RETURN(const std::string real, RealPath(path));
  DIEGO_ASSIGN_OR_RETURN(const std::string ours, RealPath(images_dir_));
  if (absl::StartsWith(absl::StrCat(real, "/"), absl::StrCat(ours, "/"))) {
    return fault(absl::StrCat("is in ", images_dir_, ", which the rep empties"));
  }
  struct stat info {};
  if (stat(real.c_str(), &info) != 0) return ErrnoStatus(absl::StrCat("reading ", real));
  if (S_ISDIR(info.st_mode)) return Source{path, ""};
  return Source{absl::StrCat(images_dir_, "/", NameOfContent(info)), real};
}

absl::Status ImageStore::Prepare() {
  DIEGO_RETURN_IF_ERROR(MakeDirectories(images_dir_));
  for (const auto& [name, path] : images_) {
    DIEGO_ASSIGN_OR_RETURN(sources_[name], Find(name, path));
  }
  const std::string probe = absl::StrCat(work_dir_, "/overlay-probe");
  DIEGO_RETURN_IF_ERROR(MakeDirectories(absl::StrCat(probe, "/image")));
  uses_overlay_ = MountOverlay(absl::StrCat(probe, "/image"), probe).ok();
  DIEGO_RETURN_IF_ERROR(Unmount(probe));
  return RemoveTree(probe);
}

absl::Status ImageStore::RemoveUnused() const {
  std::set<std::string> used;
  for (const auto& [name, source] : sources_) used.insert(source.directory);
  absl::Status result;
  for (const std::string& name : ListDirectory(images_dir_)) {
    const std::string path = absl::StrCat(images_dir_, "/", name);
    if (!used.contains(path)) result.Update(RemoveTree(path));
  }
  return result;
}

absl::StatusOr<std::string> ImageStore::Resolve(const std::string& root_fs) {
  absl::string_view name = root_fs;
  if (!absl::ConsumePrefix(&name, "preloaded:")) {
    return absl::InvalidArgumentError(
        absl::StrCat("root filesystem '", root_fs, "': this cell only knows preloaded:NAME"));
  }
  const auto found = sources_.find(std::string(name));
  if (found == sources_.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("root filesystem '", root_fs, "' is not preloaded on this cell"));
  }
  const Source& source = found->second;
  if (source.archive.empty()) return source.directory;
  // Under the lock although it is slow: whoever comes second needs the result anyway.
  return expanding_.With([&](int&) -> absl::StatusOr<std::string> {
    if (IsDirectory(source.directory)) return source.directory;
    const std::string partial = absl::StrCat(source.directory, ".partial");
    DIEGO_RETURN_IF_ERROR(RemoveTree(partial));
    DIEGO_RETURN_IF_ERROR(MakeDirectories(partial));
    SpawnSpec tar;
    tar.argv = {"tar", "-x", "-p", "--numeric-owner", "-f", source.archive, "-C", partial};
    DIEGO_RETURN_IF_ERROR(RunToSuccess(tar, "", kCopyTimeout));
    if (rename(partial.c_str(), source.directory.c_str()) != 0) {
      return ErrnoStatus(source.directory);
    }
    return source.directory;
  });
}

absl::Status ImageStore::MountOverlay(const std::string& image_dir, const std::string& dir) const {
  for (const char* part : {"/upper", "/work", "/rootfs"}) {
    DIEGO_RETURN_IF_ERROR(MakeDirectories(absl::StrCat(dir, part)));
  }
  DIEGO_RETURN_IF_ERROR(CopyMode(image_dir, absl::StrCat(dir, "/upper")));
  const std::string options =
      absl::StrCat("lowerdir=", image_dir, ",upperdir=", dir, "/upper,workdir=", dir, "/work");
  if (mount("overlay", absl::StrCat(dir, "/rootfs").c_str(), "overlay", MS_NODEV,
            options.c_str()) != 0) {
    return ErrnoStatus(absl::StrCat("mounting an overlay over ", image_dir));
  }
  return absl::OkStatus();
}

absl::Status ImageStore::Mount(const std::string& image_dir, const std::string& dir) const {
  if (uses_overlay_) return MountOverlay(image_dir, dir);
  DIEGO_RETURN_IF_ERROR(MakeDirectories(absl::StrCat(dir, "/rootfs")));
  SpawnSpec copy;
  copy.argv = {"cp", "-a", "--reflink=auto", absl::StrCat(image_dir, "/."),
               absl::StrCat(dir, "/rootfs")};
  return RunToSuccess(copy, "", kCopyTimeout);
}

absl::Status ImageStore::Unmount(const std::string& dir) const {
  for (const std::string& point : MountPointsBelow(dir)) {
    DIEGO_RETURN_IF_ERROR(rep::Unmount(point));
  }
  return absl::OkStatus();
}

uint64_t ImageStore::WrittenBytes(const std::string& dir) const {
  SpawnSpec du;
  du.argv = {"du", "-s", "-x", "--block-size=1",
             absl::StrCat(dir, uses_overlay_ ? "/upper" : "/rootfs")};
  const absl::StatusOr<CommandResult> result = RunCommand(du, "", absl::Seconds(30));
  return result.ok() ? std::strtoull(result->standard_output.c_str(), nullptr, 10) : 0;
}

}  // namespace diego::rep
