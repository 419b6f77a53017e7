// Archives that mean no good, the cache, checksums, and downloads from a real HTTP server.
#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/sync/worker.h"
#include "libs/testing/loopback_listener.h"
#include "services/rep/containers/file_io.h"
#include "services/rep/containers/transfer/archive.h"
#include "services/rep/containers/transfer/checksum.h"
#include "services/rep/containers/transfer/download_cache.h"
#include "services/rep/containers/transfer/http_transfers.h"

namespace diego::rep {
namespace {

struct TemporaryDir {
  TemporaryDir() {
    char name[] = "/tmp/diego-transfer-XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    path = name;
  }
  ~TemporaryDir() { (void)RemoveTree(path); }
  std::string path;
};

struct Member {
  std::string name;
  int type = AE_IFREG;
  std::string content;  // or where a link points
  bool hard_link = false;
  int mode = 0644;
};

enum class Format { kTar, kTarGz, kZip };

std::string MakeArchive(Format format, const std::vector<Member>& members) {
  archive* writer = archive_write_new();
  if (format == Format::kZip) {
    archive_write_set_format_zip(writer);
  } else {
    archive_write_set_format_pax_restricted(writer);
  }
  if (format == Format::kTarGz) archive_write_add_filter_gzip(writer);
  std::string buffer(1 << 20, '\0');
  size_t used = 0;
  archive_write_open_memory(writer, buffer.data(), buffer.size(), &used);
  for (const Member& member : members) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, member.name.c_str());
    archive_entry_set_filetype(entry, member.type);
    archive_entry_set_perm(entry, member.mode);
    if (member.hard_link) {
      archive_entry_set_hardlink(entry, member.content.c_str());
    } else if (member.type == AE_IFLNK) {
      archive_entry_set_symlink(entry, member.content.c_str());
    } else {
      archive_entry_set_size(entry, member.content.size());
    }
    archive_write_header(writer, entry);
    if (member.type == AE_IFREG && !member.hard_link) {
      archive_write_data(writer, member.content.data(), member.content.size());
    }
    archive_entry_free(entry);
  }
  archive_write_free(writer);
  return buffer.substr(0, used);
}

absl::Status Expand(const std::string& archive, const std::string& dir) {
  UniqueFd file(memfd_create("archive", MFD_CLOEXEC));
  REQUIRE(write(file.get(), archive.data(), archive.size()) ==
          static_cast<ssize_t>(archive.size()));
  UniqueFd target(open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  Cancellation never;
  return ExpandArchive(file.get(), target.get(), {getuid(), getgid()}, never);
}

// Answers every request with what the test's function makes of it.
class HttpServer {
 public:
  explicit HttpServer(std::function<std::string(const std::string&)> answer)
      : answer_(std::move(answer)), url_(absl::StrCat("http://127.0.0.1:", listener_.port())) {
    worker_ = std::make_unique<Worker>("http-server", [this] { return ServeOne(); });
  }
  ~HttpServer() { worker_->Stop(); }
  const std::string& url() const { return url_; }

 private:
  absl::Duration ServeOne() {
    UniqueFd peer(listener_.Accept(50));
    if (!peer.valid()) return absl::ZeroDuration();
    std::string request;
    char buffer[65536];
    const auto is_whole = [&] {
      const size_t end = request.find("\r\n\r\n");
      if (end == std::string::npos) return false;
      const size_t at = request.find("Content-Length: ");
      const size_t body = at == std::string::npos ? 0 : std::stoul(request.substr(at + 16));
      return request.size() >= end + 4 + body;
    };
    while (!is_whole()) {
      const ssize_t n = read(peer.get(), buffer, sizeof buffer);
      if (n <= 0) return absl::ZeroDuration();
      request.append(buffer, n);
    }
    const std::string reply = answer_(request);
    (void)!send(peer.get(), reply.data(), reply.size(), MSG_NOSIGNAL);
    return absl::ZeroDuration();
  }

  const std::function<std::string(const std::string&)> answer_;
  diego::testing::LoopbackListener listener_;
  const std::string url_;
  std::unique_ptr<Worker> worker_;
};

std::string Ok(const std::string& body, const std::string& header = "") {
  return absl::StrCat("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ", body.size(),
                      "\r\n", header, "\r\n", body);
}

// One container whose root is a directory of this machine.
class DirectoryRuntime final : public Runtime {
 public:
  explicit DirectoryRuntime(std::string root) : root_(std::move(root)) {}
  absl::StatusOr<std::unique_ptr<FileTree>> Files(const std::string&) override {
    class Tree final : public FileTree {
     public:
      explicit Tree(const std::string& path)
          : fd_(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {}
      int root_fd() const override { return fd_.get(); }

     private:
      UniqueFd fd_;
    };
    return std::make_unique<Tree>(root_);
  }
  absl::StatusOr<UserIds> LookUpUser(const std::string&, const std::string&) override {
    UserIds ids;
    ids.uid = getuid();
    ids.gid = getgid();
    return ids;
  }
  absl::StatusOr<NetworkInfo> Create(const ContainerSpec&) override { return NetworkInfo{}; }
  absl::StatusOr<std::shared_ptr<Process>> Run(const std::string&, const ProcessSpec&,
                                               ProcessCallbacks) override {
    return absl::UnimplementedError("this runtime only has files");
  }
  absl::Status Destroy(const std::string&) override { return absl::OkStatus(); }
  std::vector<ContainerInfo> List() override { return {}; }
  absl::StatusOr<ContainerMetrics> Metrics(const std::string&) override {
    return ContainerMetrics{};
  }

 private:
  const std::string root_;
};

struct World {
  TemporaryDir dir;
  DirectoryRuntime runtime{dir.path + "/root"};
  std::unique_ptr<HttpTransfers> transfers;

  World() {
    REQUIRE(MakeDirectories(dir.path + "/root").ok());
    TransferConfig config;
    config.cache_path = dir.path + "/cache";
    transfers = std::make_unique<HttpTransfers>(config, runtime);
    REQUIRE(transfers->Start().ok());
  }
  absl::StatusOr<uint64_t> Await(const std::function<void(Transfers::Finished)>& begin) {
    Guarded<std::optional<absl::StatusOr<uint64_t>>> result;
    begin([&](absl::StatusOr<uint64_t> bytes) {
      result.With([&](auto& value) { value = std::move(bytes); });
    });
    return result.When([](const auto& value) { return value.has_value(); }, absl::Seconds(20),
                       [](auto& value, bool held) {
                         REQUIRE(held);
                         return *value;
                       });
  }
  absl::StatusOr<uint64_t> Download(const DownloadRequest& request) {
    return Await([&](Transfers::Finished finished) {
      transfers->Download(request, "c", "/home/app", "vcap", std::make_shared<Cancellation>(),
                          std::move(finished));
    });
  }
  std::string Content(const std::string& path) {
    return ReadWholeFile(dir.path + "/root/home/app/" + path).value_or("(none)");
  }
};

}  // namespace

TEST_CASE("archives of each kind are expanded", "[rep][transfer]") {
  const Format format = GENERATE(Format::kTar, Format::kTarGz, Format::kZip);
  TemporaryDir dir;
  const absl::Status status = Expand(MakeArchive(format, {{"./bin/", AE_IFDIR, "", false, 0755},
                                                          {"bin/run", AE_IFREG, "go", false, 0755},
                                                          {"a/b/c", AE_IFREG, "deep"},
                                                          {"bin/again", AE_IFLNK, "run"}}),
                                     dir.path);
  INFO(status.ToString());
  REQUIRE(status.ok());
  CHECK(ReadWholeFile(dir.path + "/bin/again").value_or("") == "go");
  CHECK(ReadWholeFile(dir.path + "/a/b/c").value_or("") == "deep");
  struct stat info {};
  REQUIRE(stat((dir.path + "/bin/run").c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == 0755);
}

TEST_CASE("nothing of an archive lands outside its directory", "[rep][transfer]") {
  TemporaryDir dir;
  const std::string inside = dir.path + "/inside";
  const std::string outside = dir.path + "/outside";
  REQUIRE(MakeDirectories(inside).ok());
  REQUIRE(MakeDirectories(outside).ok());
  REQUIRE(WriteWholeFile(outside + "/secret", "s", 0600).ok());
  const std::vector<Member> members = GENERATE_COPY(values<std::vector<Member>>({
      {{"../outside/new", AE_IFREG, "x"}},
      {{"a/../../outside/new", AE_IFREG, "x"}},
      {{"link", AE_IFLNK, "../outside"}, {"link/new", AE_IFREG, "x"}},
      {{"link", AE_IFLNK, outside}, {"link/new", AE_IFREG, "x"}},
      {{"link", AE_IFLNK, "/"}, {"link/tmp/diego-new", AE_IFREG, "x"}},
      {{"link", AE_IFLNK, "../outside"}, {"link/new/", AE_IFDIR, ""}},
      {{"hard", AE_IFREG, "../outside/secret", true}},
      {{"link", AE_IFLNK, "../outside"}, {"hard", AE_IFREG, "link/secret", true}},
  }));
  CHECK(absl::IsInvalidArgument(Expand(MakeArchive(Format::kTar, members), inside)));
  CHECK(ListDirectory(outside) == std::vector<std::string>{"secret"});
  CHECK(access("/tmp/diego-new", F_OK) != 0);
}

TEST_CASE("an absolute name lands below the directory, a link is replaced not followed",
          "[rep][transfer]") {
  TemporaryDir dir;
  const std::string victim = dir.path + "/victim";
  const std::string inside = dir.path + "/inside";
  REQUIRE(MakeDirectories(inside).ok());
  REQUIRE(WriteWholeFile(victim, "safe", 0600).ok());
  REQUIRE(Expand(MakeArchive(Format::kTar, {{"/etc/passwd", AE_IFREG, "x"},
                                            {"name", AE_IFLNK, victim},
                                            {"name", AE_IFREG, "new"}}),
                 inside)
              .ok());
  CHECK(ReadWholeFile(inside + "/etc/passwd").value_or("") == "x");
  CHECK(ReadWholeFile(inside + "/name").value_or("") == "new");
  CHECK(ReadWholeFile(victim).value_or("") == "safe");
}

TEST_CASE("garbage is not an archive", "[rep][transfer]") {
  TemporaryDir dir;
  const std::string garbage = GENERATE(as<std::string>{}, "", "hello", std::string(5000, 'x'));
  CHECK(absl::IsInvalidArgument(Expand(garbage, dir.path)));
  const std::string whole = MakeArchive(Format::kTarGz, {{"f", AE_IFREG, std::string(9999, 'y')}});
  CHECK_FALSE(Expand(whole.substr(0, whole.size() / 2), dir.path).ok());
}

TEST_CASE("checksums", "[rep][transfer]") {
  UniqueFd file(memfd_create("f", MFD_CLOEXEC));
  REQUIRE(write(file.get(), "abc", 3) == 3);
  const auto [algorithm, digest] = GENERATE(table<std::string, std::string>({
      {"md5", "900150983cd24fb0d6963f7d28e17f72"},
      {"SHA1", "a9993e364706816aba3e25717850c26c9cd0d89d"},
      {"sha256", "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"},
      {"", ""},
  }));
  CHECK(CheckDigest(algorithm, digest, file.get()).ok());
  CHECK(absl::IsDataLoss(CheckDigest("md5", "00", file.get())));
  CHECK(absl::IsInvalidArgument(CheckDigest("crc32", "00", file.get())));
}

TEST_CASE("the cache keeps what is used and drops what was used longest ago", "[rep][transfer]") {
  TemporaryDir dir;
  DownloadCache cache(dir.path, 100);
  REQUIRE(cache.Prepare().ok());
  const auto put = [&](const std::string& key, uint64_t bytes) {
    const std::string path = cache.NewPath();
    REQUIRE(WriteWholeFile(path, key, 0600).ok());
    cache.Put(key, {path, {}, bytes});
    return path;
  };
  const std::string a = put("a", 40);
  cache.Release(a);
  const std::string b = put("b", 40);
  cache.Release(b);
  REQUIRE(cache.Acquire("a"));
  put("c", 40);
  CHECK(cache.Acquire("a"));
  CHECK_FALSE(cache.Acquire("b"));
  CHECK(access(b.c_str(), F_OK) != 0);
  CHECK(cache.used_bytes() == 80);

  const std::string newer = put("a", 10);  // the old one is still held
  CHECK(access(a.c_str(), F_OK) == 0);
  cache.Release(a);
  cache.Release(a);
  CHECK(access(a.c_str(), F_OK) != 0);
  CHECK(cache.Acquire("a")->path == newer);
}

TEST_CASE("a download is checked, expanded and cached", "[rep][transfer]") {
  World world;
  const std::string tar = MakeArchive(Format::kTarGz, {{"f", AE_IFREG, "content"}});
  Guarded<int> requests;
  Guarded<int> unmodified;
  HttpServer server([&](const std::string& request) {
    requests.With([](int& n) { ++n; });
    if (absl::StrContains(request, "If-None-Match: \"v1\"")) {
      unmodified.With([](int& n) { ++n; });
      return std::string("HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n");
    }
    return Ok(tar, "ETag: \"v1\"\r\n");
  });
  const DownloadRequest request{server.url() + "/a.tgz", "key", "", ""};
  const auto first = world.Download(request);
  INFO(first.status().ToString());
  REQUIRE(first.ok());
  CHECK(*first == tar.size());
  CHECK(world.Content("f") == "content");
  CHECK(world.Download(request).ok());
  CHECK(unmodified.With([](int& n) { return n; }) == 1);

  const auto expanded = world.transfers->Expand(request);
  REQUIRE(expanded.ok());
  CHECK(ReadWholeFile(*expanded + "/f").value_or("") == "content");
  CHECK(world.transfers->Expand(request).value_or("") == *expanded);
}

TEST_CASE("a download that fails is tried four times", "[rep][transfer]") {
  World world;
  Guarded<int> requests;
  const std::string tar = MakeArchive(Format::kTar, {{"f", AE_IFREG, "content"}});
  const int good_from = GENERATE(4, 5);
  HttpServer server([&](const std::string&) {
    const int n = requests.With([](int& count) { return ++count; });
    return n >= good_from ? Ok(tar)
                          : std::string(
                                "HTTP/1.1 500 No\r\nConnection: close\r\n"
                                "Content-Length: 0\r\n\r\n");
  });
  const auto result = world.Download({server.url(), "", "", ""});
  CHECK(result.ok() == (good_from == 4));
  CHECK(requests.With([](int& n) { return n; }) == 4);
}

TEST_CASE("a download with the wrong checksum changes nothing", "[rep][transfer]") {
  World world;
  HttpServer server([](const std::string&) {
    return Ok(MakeArchive(Format::kTar, {{"f", AE_IFREG, "content"}}));
  });
  const auto result = world.Download({server.url(), "", "sha256", "00"});
  CHECK(absl::IsDataLoss(result.status()));
  CHECK(world.Content("f") == "(none)");
  CHECK(absl::IsInvalidArgument(world.Download({"file:///etc/passwd", "", "", ""}).status()));
}

TEST_CASE("an upload sends the first file", "[rep][transfer]") {
  World world;
  Guarded<std::string> body;
  HttpServer server([&](const std::string& request) {
    body.With([&](std::string& text) { text = request; });
    return Ok("");
  });
  REQUIRE(MakeDirectories(world.dir.path + "/root/out/empty").ok());
  REQUIRE(WriteWholeFile(world.dir.path + "/root/out/file", "payload", 0600).ok());
  const auto upload = [&](const std::string& from) {
    return world.Await([&](Transfers::Finished finished) {
      world.transfers->Upload(server.url() + "/to", "c", from, "vcap",
                              std::make_shared<Cancellation>(), std::move(finished));
    });
  };
  CHECK(upload("/out").value_or(0) == 7);
  const std::string request = body.With([](std::string& text) { return text; });
  CHECK(absl::StartsWith(request, "POST /to HTTP/1.1\r\n"));
  CHECK(absl::EndsWith(request, "\r\n\r\npayload"));
  CHECK(absl::IsNotFound(upload("/out/empty").status()));
}

}  // namespace diego::rep
