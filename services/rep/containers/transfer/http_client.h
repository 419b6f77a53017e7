// HTTP for artifacts: whole files to and from disk.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/rep/containers/transfer/transfers.h"

namespace diego::rep {

struct HttpOptions {
  absl::Duration timeout = absl::Minutes(10);
  absl::Duration idle_timeout = absl::Seconds(10);
  bool skip_cert_verify = false;
  std::string ca_certs_file;  // empty = the system's
  std::string client_cert_file;
  std::string client_key_file;
};

struct HttpValidators {
  std::string etag;
  std::string last_modified;
};

struct HttpFetched {
  bool not_modified = false;
  uint64_t bytes = 0;
  HttpValidators validators;
};

// Any thread; each call blocks. http and https only, at most ten redirections.
class HttpClient {
 public:
  explicit HttpClient(HttpOptions options);

  // GET into `fd`, from its start. With validators the server may answer "not modified".
  // Unavailable for what may get better, FailedPrecondition for a status that is not 200,
  // Cancelled.
  absl::StatusOr<HttpFetched> Get(const std::string& url, const HttpValidators& known, int fd,
                                  Cancellation& cancellation) const;
  // POST of `bytes` bytes of `fd`. A status of 2xx is success.
  absl::Status Post(const std::string& url, int fd, uint64_t bytes,
                    Cancellation& cancellation) const;

 private:
  const HttpOptions options_;
};

}  // namespace diego::rep
