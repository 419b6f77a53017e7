// Which directory an image is, over restarts of the rep and changes of what it is made from.
#include "services/rep/containers/image_store.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "services/rep/containers/file_io.h"
#include "services/rep/containers/spawn.h"

namespace diego::rep {
namespace {

class World {
 public:
  World() {
    char name[] = "/tmp/diego-images-XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    dir_ = name;
    REQUIRE(MakeDirectories(work_dir()).ok());
  }
  ~World() { (void)RemoveTree(dir_); }

  std::string path(const std::string& name) const { return dir_ + "/" + name; }
  std::string work_dir() const { return path("cell"); }
  std::vector<std::string> expanded() const { return ListDirectory(work_dir() + "/images"); }

  // What a rep does that starts.
  std::unique_ptr<ImageStore> Start(std::map<std::string, std::string> images) const {
    auto store = std::make_unique<ImageStore>(std::move(images), work_dir());
    const absl::Status prepared = store->Prepare();
    INFO(prepared.ToString());
    REQUIRE(prepared.ok());
    REQUIRE(store->RemoveUnused().ok());
    return store;
  }
  void MakeTree(const std::string& name, const std::string& version) const {
    REQUIRE(MakeDirectories(path(name)).ok());
    REQUIRE(WriteWholeFile(path(name) + "/version", version, 0644).ok());
  }
  // Puts an archive there in one step, as an installation does.
  void MakeArchive(const std::string& name, const std::string& version) const {
    MakeTree("tree", version);
    Run({"tar", "-c", "-f", path(name) + ".new", "-C", path("tree"), "."});
    std::filesystem::rename(path(name) + ".new", path(name));
  }
  void Run(std::vector<std::string> command) const {
    SpawnSpec spec;
    spec.argv = std::move(command);
    REQUIRE(RunToSuccess(spec, "", absl::Seconds(20)).ok());
  }

 private:
  std::string dir_;
};

std::string Directory(ImageStore& store, const std::string& name) {
  const auto directory = store.Resolve("preloaded:" + name);
  INFO(directory.status().ToString());
  REQUIRE(directory.ok());
  return *directory;
}

std::string Version(ImageStore& store, const std::string& name) {
  return ReadWholeFile(Directory(store, name) + "/version").value_or("(none)");
}

struct stat StatusOf(const std::string& path) {
  struct stat info {};
  REQUIRE(stat(path.c_str(), &info) == 0);
  return info;
}

TEST_CASE("image store: an archive is expanded once", "[rep][images]") {
  World world;
  world.MakeArchive("a.tar", "old");
  std::string first;
  {
    auto store = world.Start({{"a", world.path("a.tar")}});
    CHECK(world.expanded().empty());
    first = Directory(*store, "a");
    CHECK(Directory(*store, "a") == first);
  }
  REQUIRE(WriteWholeFile(first + "/mark", "kept", 0644).ok());
  auto store = world.Start({{"a", world.path("a.tar")}, {"same", world.path("a.tar")}});
  CHECK(Directory(*store, "a") == first);
  CHECK(Directory(*store, "same") == first);
  CHECK(ReadWholeFile(first + "/mark").value_or("") == "kept");
}

TEST_CASE("image store: a rep that starts takes an archive's new content", "[rep][images]") {
  World world;
  world.MakeArchive("a.tar", "old");
  auto store = world.Start({{"a", world.path("a.tar")}});
  REQUIRE(Version(*store, "a") == "old");
  world.MakeArchive("a.tar", "new");
  // Containers run from it.
  CHECK(Version(*store, "a") == "old");

  store = world.Start({{"a", world.path("a.tar")}});
  CHECK(world.expanded().empty());
  CHECK(Version(*store, "a") == "new");
  CHECK(world.expanded().size() == 1);
}

TEST_CASE("image store: the same size and times do not hide new content", "[rep][images]") {
  World world;
  world.MakeArchive("a.tar", "old");
  auto store = world.Start({{"a", world.path("a.tar")}});
  REQUIRE(Version(*store, "a") == "old");

  world.MakeArchive("b.tar", "new");
  const struct stat before = StatusOf(world.path("a.tar"));
  const timespec times[] = {before.st_atim, before.st_mtim};
  struct stat after = before;
  // Two changes in one tick of the filesystem's clock look like one.
  while (after.st_ctim.tv_sec == before.st_ctim.tv_sec &&
         after.st_ctim.tv_nsec == before.st_ctim.tv_nsec) {
    std::filesystem::copy_file(world.path("b.tar"), world.path("a.tar"),
                               std::filesystem::copy_options::overwrite_existing);
    REQUIRE(utimensat(AT_FDCWD, world.path("a.tar").c_str(), times, 0) == 0);
    after = StatusOf(world.path("a.tar"));
  }
  REQUIRE(after.st_size == before.st_size);
  REQUIRE(after.st_ino == before.st_ino);

  store = world.Start({{"a", world.path("a.tar")}});
  CHECK(Version(*store, "a") == "new");
}

TEST_CASE("image store: a link is followed once, when the rep starts", "[rep][images]") {
  World world;
  world.MakeArchive("1.tar", "old");
  world.MakeArchive("2.tar", "new");
  const auto point_to = [&](const std::string& name) {
    std::filesystem::remove(world.path("a.tar"));
    std::filesystem::create_symlink(world.path(name), world.path("a.tar"));
  };
  point_to("1.tar");
  auto store = world.Start({{"a", world.path("a.tar")}});
  // Before the first use: what is expanded is what it was named after.
  point_to("2.tar");
  CHECK(Version(*store, "a") == "old");
  store = world.Start({{"a", world.path("a.tar")}});
  CHECK(Version(*store, "a") == "new");
  CHECK(world.expanded().size() == 1);
}

TEST_CASE("image store: a rep that starts removes what no stack uses", "[rep][images]") {
  World world;
  world.MakeArchive("a.tar", "a");
  world.MakeArchive("b.tar", "b");
  std::string kept;
  {
    auto store = world.Start({{"a", world.path("a.tar")}, {"b", world.path("b.tar")}});
    kept = Directory(*store, "a");
    REQUIRE(Version(*store, "b") == "b");
  }
  world.MakeTree("cell/images/stack-of-an-older-rep", "x");
  world.MakeTree("cell/images/half.partial", "x");
  (void)world.Start({{"a", world.path("a.tar")}});
  REQUIRE(world.expanded().size() == 1);
  CHECK(world.work_dir() + "/images/" + world.expanded()[0] == kept);
}

TEST_CASE("image store: a directory is used as it is", "[rep][images]") {
  World world;
  world.MakeTree("tree", "old");
  auto store = world.Start({{"a", world.path("tree")}});
  CHECK(Directory(*store, "a") == world.path("tree"));
  CHECK(world.expanded().empty());
  CHECK(absl::IsInvalidArgument(store->Resolve("preloaded:b").status()));
  CHECK(absl::IsInvalidArgument(store->Resolve("docker:///a").status()));
}

TEST_CASE("image store: what the operator gives is not where the rep removes", "[rep][images]") {
  World world;
  world.MakeTree("cell/images/mine", "x");
  const std::string direct = world.work_dir() + "/images/mine";
  std::filesystem::create_directory_symlink(direct, world.path("link"));
  const bool by_link = GENERATE(false, true);
  const std::string path = by_link ? world.path("link") : direct;
  ImageStore store({{"a", path}}, world.work_dir());
  const absl::Status status = store.Prepare();
  CHECK(absl::IsInvalidArgument(status));
  CHECK_THAT(std::string(status.message()), Catch::Contains("'a'") && Catch::Contains("/images"));
}

TEST_CASE("image store: what cannot be read is named", "[rep][images]") {
  World world;
  ImageStore store({{"a", world.path("missing.tar")}}, world.work_dir());
  CHECK_THAT(std::string(store.Prepare().message()),
             Catch::Contains("'a'") && Catch::Contains("missing.tar"));
}

}  // namespace
}  // namespace diego::rep
