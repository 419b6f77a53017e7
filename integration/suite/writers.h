// Writers: write LRPs through their whole lives, and keep the ledger of what was acknowledged.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/clients/bbs_client.h"
#include "libs/sync/worker.h"

namespace diego::suite {

class Writer;

// Not thread-safe.
class Writers {
 public:
  // Begin at once.
  Writers(std::unique_ptr<clients::BbsClient> bbs, int count);
  ~Writers();

  // Waits until a good many more writes have been acknowledged.
  absl::Status Progress();
  // Ends them, and CHECKs that nothing acknowledged is lost and no call was refused for what it
  // itself had done.
  void Check(clients::BbsClient& reader);

 private:
  void Stop();
  int acknowledged() const;

  const std::unique_ptr<clients::BbsClient> bbs_;
  std::vector<std::unique_ptr<Writer>> writers_;
  std::vector<std::unique_ptr<Worker>> threads_;
};

}  // namespace diego::suite
