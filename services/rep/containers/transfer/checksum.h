// Digests of artifacts.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace diego::rep {

// Lower-case hexadecimal. `algorithm` is md5, sha1 or sha256 in any case; InvalidArgument
// otherwise.
absl::StatusOr<std::string> FileDigest(absl::string_view algorithm, int fd);
std::string Md5Hex(absl::string_view text);

// OK when no algorithm is named. DataLoss when the digest differs.
absl::Status CheckDigest(absl::string_view algorithm, absl::string_view expected, int fd);

}  // namespace diego::rep
