#include "services/cfdot/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "services/cfdot/failure.h"

namespace diego::cfdot {

absl::StatusOr<std::string> ReadFile(absl::string_view kind, const std::string& path) {
  const auto refused = [&] {
    return Invalid(absl::StrCat(kind, " file '", path,
                                "' doesn't exist or is not readable: ", std::strerror(errno)));
  };
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return refused();
  const absl::Cleanup close_file = [file] { close(file); };
  std::string text;
  char buffer[1 << 16];
  while (true) {
    const ssize_t count = read(file, buffer, sizeof(buffer));
    if (count == 0) return text;
    if (count > 0) {
      text.append(buffer, static_cast<size_t>(count));
    } else if (errno != EINTR) {
      return refused();
    }
  }
}

}  // namespace diego::cfdot
