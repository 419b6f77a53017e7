// Root filesystems: the read-only images of the cell, and a writable layer for each container.
#pragma once

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/sync/guarded.h"

namespace diego::rep {

// Any thread.
class ImageStore {
 public:
  // `images`: NAME of "preloaded:NAME" -> absolute path of a directory, or of a tar archive that is
  // expanded below `work_dir`/images when first used.
  ImageStore(std::map<std::string, std::string> images, std::string work_dir);

  // Finds out whether overlayfs works in the work directory; without it images are copied.
  absl::Status Prepare();
  bool uses_overlay() const { return uses_overlay_; }

  // The directory of an image. InvalidArgument for a URL that is not an image of this cell.
  absl::StatusOr<std::string> Resolve(const std::string& root_fs);

  // Makes the root filesystem of a container at `dir`/rootfs; everything is below `dir`.
  absl::Status Mount(const std::string& image_dir, const std::string& dir) const;
  // Undoes Mount, however far it came; leaves removing `dir` to the caller. Repeatable.
  absl::Status Unmount(const std::string& dir) const;
  // Bytes the container has written.
  uint64_t WrittenBytes(const std::string& dir) const;

 private:
  absl::Status MountOverlay(const std::string& image_dir, const std::string& dir) const;

  const std::map<std::string, std::string> images_;
  const std::string work_dir_;
  bool uses_overlay_ = false;
  Guarded<int> expanding_;
};

}  // namespace diego::rep
