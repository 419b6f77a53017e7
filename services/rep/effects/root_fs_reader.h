// The root filesystem a workload names -> an image of this cell and what is put on top of it.
// Pure function. Source: reference/behaviours.md section 9 "two-layer rootfs".
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "services/rep/containers/action.h"

namespace diego::rep {

struct RootFs {
  std::string url;  // "preloaded:STACK", or as it was given
  ActionPtr layer;  // to be done before any other action; null = none
};

// "preloaded+layer:STACK?layer=URL&layer_path=DIRECTORY&layer_digest=SHA256" is the stack and a
// download: its files belong to `download_user`, or to root when that is empty. Everything else is
// given back as it is. InvalidArgument says what is wrong with the layer.
absl::StatusOr<RootFs> ReadRootFs(const std::string& root_fs, const std::string& download_user);

}  // namespace diego::rep
