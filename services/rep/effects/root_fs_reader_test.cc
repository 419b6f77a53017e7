#include "services/rep/effects/root_fs_reader.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"

namespace diego::rep {
namespace {

constexpr char kLayered[] =
    "preloaded+layer:cflinuxfs4?layer=https%3A%2F%2Fblobs%2Fdroplet.tgz%3Fa%3D1%26b%3D2+3"
    "&layer_path=%2Fhome%2Fvcap&layer_digest=0abc";

TEST_CASE("root filesystems: what has no layer stays as it is", "[rep][runs]") {
  for (const char* root_fs : {"preloaded:cflinuxfs4", "docker:///library/busybox?x=%", ""}) {
    const auto read = ReadRootFs(root_fs, "vcap");
    REQUIRE(read.ok());
    CHECK(read->url == root_fs);
    CHECK(read->layer == nullptr);
  }
}

TEST_CASE("root filesystems: a second layer is a download onto the stack", "[rep][runs]") {
  const auto read = ReadRootFs(kLayered, "vcap");
  REQUIRE(read.ok());
  CHECK(read->url == "preloaded:cflinuxfs4");
  REQUIRE(read->layer != nullptr);
  const auto& download = std::get<DownloadAction>(read->layer->node);
  CHECK(download.from == "https://blobs/droplet.tgz?a=1&b=2 3");
  CHECK(download.to == "/home/vcap");
  CHECK(download.checksum_algorithm == "sha256");
  CHECK(download.checksum_value == "0abc");
  CHECK(download.cache_key == "sha256:0abc");
  CHECK(download.user == "vcap");
  CHECK(std::get<DownloadAction>(ReadRootFs(kLayered, "")->layer->node).user == "root");
}

TEST_CASE("root filesystems: a broken layer is refused with what is wrong", "[rep][runs]") {
  struct Case {
    const char* query;
    const char* named;
  };
  const Case cases[] = {
      {"", "has no layer"},
      {"?layer_path=/&layer_digest=0", "has no layer"},
      {"?layer=http://x&layer_digest=0", "has no layer_path"},
      {"?layer=http://x&layer_path=/&layer_digest=", "has no layer_digest"},
      {"?layer=http%3", "'%3' is not an escape"},
      {"?layer=http%zz", "'%zz' is not an escape"},
  };
  for (const Case& c : cases) {
    INFO(c.query);
    const absl::Status status = ReadRootFs(absl::StrCat("preloaded+layer:s", c.query), "").status();
    CHECK(absl::IsInvalidArgument(status));
    CHECK_THAT(std::string(status.message()), Catch::Contains(c.named));
  }
}

}  // namespace
}  // namespace diego::rep
