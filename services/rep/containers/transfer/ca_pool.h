// The CAs that servers of downloads and uploads may descend from.
// Source: reference/config-and-metrics.md "Rep".
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace diego::rep {

// Replaces the PEM file `pool` by all certificates of these files. Of `system_file` it takes what
// there is, be it nothing. Of `added`, "" names no file and white space no certificate;
// InvalidArgument names a file that holds something else and not one certificate, and one that
// cannot be read.
absl::Status WriteCaPool(const std::string& system_file, const std::vector<std::string>& added,
                         const std::string& pool);

}  // namespace diego::rep
