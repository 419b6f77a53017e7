// HttpTransfers: the real Transfers, over http and https, with the cell's cache.
#pragma once

#include <memory>
#include <string>

#include "services/rep/containers/runtime.h"
#include "services/rep/containers/transfer/download_cache.h"
#include "services/rep/containers/transfer/http_client.h"
#include "services/rep/containers/transfer/transfers.h"
#include "services/rep/containers/work_pool.h"

namespace diego::rep {

struct TransferConfig {
  std::string cache_path;
  uint64_t max_cache_size_in_bytes = 10'000'000'000;
  int max_concurrent_downloads = 5;  // and as many uploads
  HttpOptions http;
};

// Any thread. `runtime` outlives this.
class HttpTransfers final : public Transfers {
 public:
  HttpTransfers(TransferConfig config, Runtime& runtime);
  // Empties the cache directory. Call before use.
  absl::Status Start();

  void Download(const DownloadRequest& request, const std::string& handle, const std::string& to,
                const std::string& user, std::shared_ptr<Cancellation> cancellation,
                Finished finished) override;
  void Upload(const std::string& url, const std::string& handle, const std::string& from,
              const std::string& user, std::shared_ptr<Cancellation> cancellation,
              Finished finished) override;
  absl::StatusOr<std::string> Expand(const DownloadRequest& request) override;
  void Release(const std::string& directory) override;

 private:
  // An archive on disk, held in the cache while this lives (or deleted, if not cached).
  struct Archive {
    UniqueFd fd;
    uint64_t bytes = 0;
    HttpValidators validators;
  };
  absl::StatusOr<uint64_t> DownloadInto(const DownloadRequest& request, const std::string& handle,
                                        const std::string& to, const std::string& user,
                                        Cancellation& cancellation);
  absl::StatusOr<uint64_t> UploadFrom(const std::string& url, const std::string& handle,
                                      const std::string& from, Cancellation& cancellation);
  absl::StatusOr<Archive> Fetch(const DownloadRequest& request, Cancellation& cancellation);
  absl::StatusOr<Archive> FetchOnce(const DownloadRequest& request, Cancellation& cancellation);

  const TransferConfig config_;
  Runtime& runtime_;
  const HttpClient http_;
  DownloadCache cache_;
  WorkPool downloads_;
  WorkPool uploads_;
};

}  // namespace diego::rep
