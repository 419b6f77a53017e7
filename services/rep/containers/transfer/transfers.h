// Transfers: moving files between a container and HTTP servers.
// Source: reference/behaviours.md section 10 "downloads", "uploads"; design-notes.md section 8.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/sync/guarded.h"
#include "services/rep/containers/runtime.h"

namespace diego::rep {

// Tells a transfer under way that nobody wants it any more. Thread-safe.
class Cancellation {
 public:
  void Cancel() {
    cancelled_.With([](bool& value) { value = true; });
  }
  bool cancelled() const {
    return cancelled_.With([](const bool& value) { return value; });
  }
  // Waits so long, or until cancelled: true then.
  bool WaitFor(absl::Duration duration) {
    return cancelled_.When([](bool value) { return value; }, duration,
                           [](bool, bool held) { return held; });
  }

 private:
  Guarded<bool> cancelled_;
};

struct DownloadRequest {
  std::string url;
  std::string cache_key;           // empty = not cached
  std::string checksum_algorithm;  // md5, sha1, sha256 in any case, or empty
  std::string checksum_value;      // hexadecimal
};

// Any thread.
class Transfers {
 public:
  using Finished = std::function<void(absl::StatusOr<uint64_t> bytes)>;
  virtual ~Transfers() = default;

  // Fetches an archive and expands it into directory `to` of the container, everything owned by
  // `user`. `finished` is called once, on any thread, with the archive's size. Cancelled when
  // cancelled.
  virtual void Download(const DownloadRequest& request, const std::string& handle,
                        const std::string& to, const std::string& user,
                        std::shared_ptr<Cancellation> cancellation, Finished finished) = 0;
  // Sends the file at `from`, or the first file below it, with POST.
  virtual void Upload(const std::string& url, const std::string& handle, const std::string& from,
                      const std::string& user, std::shared_ptr<Cancellation> cancellation,
                      Finished finished) = 0;
  // Fetches an archive and expands it into a directory of the host, which stays as long as the
  // cache keeps it and at least until Release. Blocks.
  virtual absl::StatusOr<std::string> Expand(const DownloadRequest& request) = 0;
  virtual void Release(const std::string& directory) = 0;
};

}  // namespace diego::rep
