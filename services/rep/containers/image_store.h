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
  // expanded below `work_dir`/images when first used, once for each content that it is given.
  ImageStore(std::map<std::string, std::string> images, std::string work_dir);

  // Call before use. From here on an image stays what it is, whatever becomes of its archive: one
  // that is replaced is taken by the next ImageStore. Finds out, too, whether overlayfs works in
  // the work directory; without it images are copied. InvalidArgument names the image at fault.
  absl::Status Prepare();
  // Removes all expanded archives that are not an image. While no container is there: those of the
  // predecessor have them mounted.
  absl::Status RemoveUnused() const;
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
  struct Source {
    std::string directory;
    std::string archive;  // which the directory is expanded from; empty: it is the operator's
  };
  absl::StatusOr<Source> Find(const std::string& name, const std::string& path) const;
  absl::Status MountOverlay(const std::string& image_dir, const std::string& dir) const;

  const std::map<std::string, std::string> images_;
  const std::string work_dir_;
  const std::string images_dir_;
  std::map<std::string, Source> sources_;  // written by Prepare only
  bool uses_overlay_ = false;
  Guarded<int> expanding_;
};

}  // namespace diego::rep
