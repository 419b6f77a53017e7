// A small root filesystem to run containers from: busybox and the few files programs expect.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace diego::harness {

// Fills `directory` (made if missing) with a busybox system: /bin with every applet, /etc/passwd
// with root and vcap (2000), /etc/group, /tmp, /home/vcap. Needs Debian's busybox-static.
absl::Status MakeBusyboxRootFs(const std::string& directory);

}  // namespace diego::harness
