// Who a user is inside an image, from the text of its /etc/passwd and /etc/group. Pure.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/rep/containers/runtime.h"

namespace diego::rep {

// `user` is a name, "UID" or "UID:GID"; empty means root. A name must be in `passwd`, but root is
// always 0:0; a number need not be. NotFound names the user.
absl::StatusOr<UserIds> FindUser(absl::string_view user, absl::string_view passwd,
                                 absl::string_view group);

}  // namespace diego::rep
