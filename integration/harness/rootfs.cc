#include "integration/harness/rootfs.h"

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "integration/harness/process.h"
#include "libs/base/status_util.h"

namespace diego::harness {
namespace {

namespace fs = std::filesystem;
constexpr char kBusybox[] = "/bin/busybox";

absl::Status WriteFile(const fs::path& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  file.close();
  if (!file) return absl::InternalError(absl::StrCat("cannot write ", path.string()));
  return absl::OkStatus();
}

}  // namespace

absl::Status MakeBusyboxRootFs(const std::string& directory) {
  const fs::path root(directory);
  std::error_code error;
  for (const char* folder :
       {"bin", "etc", "dev", "proc", "sys", "tmp", "root", "home/vcap/app", "var"}) {
    fs::create_directories(root / folder, error);
    if (error)
      return absl::InternalError(
          absl::StrCat("cannot make ", directory, "/", folder, ": ", error.message()));
  }
  fs::permissions(root / "tmp", fs::perms::all | fs::perms::sticky_bit, error);
  fs::copy_file(kBusybox, root / "bin/busybox", fs::copy_options::overwrite_existing, error);
  if (error)
    return absl::NotFoundError(
        absl::StrCat(kBusybox, ": ", error.message(), "; install busybox-static"));
  DIEGO_ASSIGN_OR_RETURN(const std::string applets,
                         RunCommand({kBusybox, "--list"}, absl::Seconds(10)));
  for (absl::string_view applet : absl::StrSplit(applets, '\n', absl::SkipEmpty())) {
    if (applet == "busybox") continue;
    fs::create_symlink("busybox", root / "bin" / std::string(applet), error);
    if (error && error != std::errc::file_exists) return absl::InternalError(error.message());
  }
  DIEGO_RETURN_IF_ERROR(WriteFile(root / "etc/passwd",
                                  "root:x:0:0:root:/root:/bin/sh\n"
                                  "vcap:x:2000:2000:vcap:/home/vcap:/bin/sh\n"));
  DIEGO_RETURN_IF_ERROR(WriteFile(root / "etc/group", "root:x:0:\nvcap:x:2000:\n"));
  for (const char* home : {"home/vcap", "home/vcap/app"}) {
    DIEGO_RETURN_IF_ERROR(
        RunCommand({"chown", "2000:2000", (root / home).string()}, absl::Seconds(10)).status());
  }
  return absl::OkStatus();
}

}  // namespace diego::harness
