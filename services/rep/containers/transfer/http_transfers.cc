#include "services/rep/containers/transfer/http_transfers.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"
#include "services/rep/containers/errno_status.h"
#include "services/rep/containers/file_io.h"
#include "services/rep/containers/rooted_path.h"
#include "services/rep/containers/transfer/archive.h"
#include "services/rep/containers/transfer/checksum.h"

namespace diego::rep {
namespace {

constexpr int kDownloadTries = 4;
constexpr absl::Duration kFirstPause = absl::Milliseconds(100);
constexpr size_t kMostWaiting = 10000;
constexpr int kMostDepth = 64;

absl::Status CheckUrl(const std::string& url) {
  if (absl::StartsWithIgnoreCase(url, "http://") || absl::StartsWithIgnoreCase(url, "https://")) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("'", url, "' must be an http or https URL"));
}

// The file at the descriptor, or the first regular file of the directory, by name.
absl::StatusOr<UniqueFd> FirstFile(int root_fd, const std::string& path, int depth) {
  DIEGO_ASSIGN_OR_RETURN(UniqueFd fd, OpenInRoot(root_fd, path, O_RDONLY | O_NONBLOCK));
  struct stat info {};
  if (fstat(fd.get(), &info) != 0) return ErrnoStatus(absl::StrCat("reading ", path));
  if (S_ISREG(info.st_mode)) return fd;
  if (S_ISDIR(info.st_mode) && depth < kMostDepth) {
    for (const std::string& name : ListDirectory(absl::StrCat("/proc/self/fd/", fd.get()))) {
      absl::StatusOr<UniqueFd> found = FirstFile(root_fd, absl::StrCat(path, "/", name), depth + 1);
      if (found.ok()) return found;
    }
  }
  return absl::NotFoundError(absl::StrCat("there is no file at ", path));
}

uint64_t TreeBytes(const std::string& dir) {
  uint64_t total = 0;
  for (const std::string& name : ListDirectory(dir)) {
    const std::string path = absl::StrCat(dir, "/", name);
    struct stat info {};
    if (lstat(path.c_str(), &info) != 0) continue;
    total += info.st_blocks * 512;
    if (S_ISDIR(info.st_mode)) total += TreeBytes(path);
  }
  return total;
}

}  // namespace

HttpTransfers::HttpTransfers(TransferConfig config, Runtime& runtime)
    : config_(std::move(config)),
      runtime_(runtime),
      http_(config_.http),
      cache_(config_.cache_path, config_.max_cache_size_in_bytes),
      downloads_("download", config_.max_concurrent_downloads, kMostWaiting),
      uploads_("upload", config_.max_concurrent_downloads, kMostWaiting) {}

absl::Status HttpTransfers::Start() { return cache_.Prepare(); }

void HttpTransfers::Download(const DownloadRequest& request, const std::string& handle,
                             const std::string& to, const std::string& user,
                             std::shared_ptr<Cancellation> cancellation, Finished finished) {
  auto work = [=, this] {
    if (cancellation->cancelled()) return finished(absl::CancelledError("cancelled"));
    finished(DownloadInto(request, handle, to, user, *cancellation));
  };
  if (!downloads_.TryRun(work)) {
    finished(absl::ResourceExhaustedError("too many downloads are waiting on this cell"));
  }
}

void HttpTransfers::Upload(const std::string& url, const std::string& handle,
                           const std::string& from, const std::string& /*user*/,
                           std::shared_ptr<Cancellation> cancellation, Finished finished) {
  auto work = [=, this] {
    if (cancellation->cancelled()) return finished(absl::CancelledError("cancelled"));
    finished(UploadFrom(url, handle, from, *cancellation));
  };
  if (!uploads_.TryRun(work)) {
    finished(absl::ResourceExhaustedError("too many uploads are waiting on this cell"));
  }
}

absl::StatusOr<HttpTransfers::Archive> HttpTransfers::FetchOnce(const DownloadRequest& request,
                                                                Cancellation& cancellation) {
  const std::string key = request.cache_key.empty() ? "" : Md5Hex(request.cache_key);
  std::optional<DownloadCache::Entry> cached;
  UniqueFd cached_fd;
  if (!key.empty()) cached = cache_.Acquire(key);
  if (cached) {
    // An open file outlives its eviction.
    cached_fd.Reset(open(cached->path.c_str(), O_RDONLY | O_CLOEXEC));
    cache_.Release(cached->path);
    if (!cached_fd.valid()) cached.reset();
  }
  const std::string path = cache_.NewPath();
  UniqueFd fd(open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd.valid()) return ErrnoStatus(absl::StrCat("creating ", path));
  absl::StatusOr<HttpFetched> fetched = http_.Get(
      request.url, cached ? cached->validators : HttpValidators{}, fd.get(), cancellation);
  absl::Status status = fetched.status();
  if (status.ok() && fetched->not_modified && cached) {
    unlink(path.c_str());
    DIEGO_RETURN_IF_ERROR(
        CheckDigest(request.checksum_algorithm, request.checksum_value, cached_fd.get()));
    return Archive{std::move(cached_fd), cached->bytes, cached->validators};
  }
  if (status.ok()) {
    status = CheckDigest(request.checksum_algorithm, request.checksum_value, fd.get());
  }
  const bool is_kept =
      status.ok() && !key.empty() &&
      !(fetched->validators.etag.empty() && fetched->validators.last_modified.empty());
  if (!is_kept) unlink(path.c_str());
  DIEGO_RETURN_IF_ERROR(status);
  if (is_kept) {
    cache_.Put(key, {path, fetched->validators, fetched->bytes});
    cache_.Release(path);
  }
  return Archive{std::move(fd), fetched->bytes, fetched->validators};
}

absl::StatusOr<HttpTransfers::Archive> HttpTransfers::Fetch(const DownloadRequest& request,
                                                            Cancellation& cancellation) {
  DIEGO_RETURN_IF_ERROR(CheckUrl(request.url));
  absl::Duration pause = kFirstPause;
  for (int attempt = 1;; ++attempt) {
    absl::StatusOr<Archive> archive = FetchOnce(request, cancellation);
    if (archive.ok()) return archive;
    if (absl::IsCancelled(archive.status()) || attempt == kDownloadTries) {
      return Annotate(archive.status(), absl::StrCat("fetching ", request.url));
    }
    if (cancellation.WaitFor(pause)) return absl::CancelledError("cancelled");
    pause *= 2;
  }
}

absl::StatusOr<uint64_t> HttpTransfers::DownloadInto(const DownloadRequest& request,
                                                     const std::string& handle,
                                                     const std::string& to, const std::string& user,
                                                     Cancellation& cancellation) {
  DIEGO_ASSIGN_OR_RETURN(const UserIds ids, runtime_.LookUpUser(handle, user));
  DIEGO_ASSIGN_OR_RETURN(const Archive archive, Fetch(request, cancellation));
  DIEGO_ASSIGN_OR_RETURN(const std::unique_ptr<FileTree> files, runtime_.Files(handle));
  const Owner owner = {ids.uid, ids.gid};
  DIEGO_ASSIGN_OR_RETURN(const UniqueFd target, MakeDirectoriesInRoot(files->root_fd(), to, owner));
  const absl::Status expanded = ExpandArchive(archive.fd.get(), target.get(), owner, cancellation);
  if (!expanded.ok()) return Annotate(expanded, "Copying into the container failed");
  return archive.bytes;
}

absl::StatusOr<uint64_t> HttpTransfers::UploadFrom(const std::string& url,
                                                   const std::string& handle,
                                                   const std::string& from,
                                                   Cancellation& cancellation) {
  DIEGO_RETURN_IF_ERROR(CheckUrl(url));
  DIEGO_ASSIGN_OR_RETURN(const std::unique_ptr<FileTree> files, runtime_.Files(handle));
  DIEGO_ASSIGN_OR_RETURN(const UniqueFd file, FirstFile(files->root_fd(), from, 0));
  struct stat info {};
  if (fstat(file.get(), &info) != 0) return ErrnoStatus(absl::StrCat("reading ", from));
  const uint64_t bytes = static_cast<uint64_t>(info.st_size);
  const absl::Status posted = http_.Post(url, file.get(), bytes, cancellation);
  if (!posted.ok()) return Annotate(posted, absl::StrCat("sending to ", url));
  return bytes;
}

absl::StatusOr<std::string> HttpTransfers::Expand(const DownloadRequest& request) {
  Cancellation never;
  DIEGO_ASSIGN_OR_RETURN(const Archive archive, Fetch(request, never));
  // One directory for each version of the archive: what a container has mounted never changes.
  const std::string key = absl::StrCat(
      "expanded-",
      Md5Hex(absl::StrCat(request.cache_key.empty() ? request.url : request.cache_key, "\n",
                          archive.validators.etag, "\n", archive.validators.last_modified)));
  const bool has_version =
      !archive.validators.etag.empty() || !archive.validators.last_modified.empty();
  if (has_version) {
    if (const auto cached = cache_.Acquire(key)) return cached->path;
  }
  const std::string path = cache_.NewPath();
  DIEGO_RETURN_IF_ERROR(MakeDirectories(path));
  const UniqueFd target(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const absl::Status expanded = ExpandArchive(archive.fd.get(), target.get(), {}, never);
  if (!expanded.ok()) {
    (void)RemoveTree(path);
    return expanded;
  }
  cache_.Put(has_version ? key : path, {path, archive.validators, TreeBytes(path)});
  return path;
}

void HttpTransfers::Release(const std::string& directory) { cache_.Release(directory); }

}  // namespace diego::rep
