#include "libs/log/file_sink.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "absl/strings/str_cat.h"

namespace diego::log {

absl::StatusOr<std::function<void(absl::string_view)>> FileSink(const std::string& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot open \"", path, "\": ", std::strerror(errno)));
  }
  const std::shared_ptr<const int> file(new int(fd), [](const int* one) {
    close(*one);
    delete one;
  });
  return [file](absl::string_view line) {
    const std::string whole = absl::StrCat(line, "\n");
    static_cast<void>(!write(*file, whole.data(), whole.size()));
  };
}

std::function<void(absl::string_view)> StdoutSink() {
  return [](absl::string_view line) {
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fputc('\n', stdout);
    std::fflush(stdout);
  };
}

}  // namespace diego::log
