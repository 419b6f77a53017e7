// The cell's cache of downloaded archives and expanded directories, bounded in bytes. What is in
// use stays; otherwise the least recently used goes first.
// Source: reference/behaviours.md section 10 "downloads"; design-notes.md section 8.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/sync/guarded.h"
#include "services/rep/containers/transfer/http_client.h"
#include "services/rep/containers/unique_fd.h"

namespace diego::rep {

// Thread-safe. The directory belongs to this object: it starts empty with each process.
class DownloadCache {
 public:
  struct Entry {
    std::string path;
    HttpValidators validators;
    uint64_t bytes = 0;
  };

  DownloadCache(std::string dir, uint64_t max_bytes);
  absl::Status Prepare();

  // A name for a file or directory that will be put into the cache, below its directory.
  std::string NewPath();
  // The entry, held against eviction until Release(path); absent when there is none.
  std::optional<Entry> Acquire(const std::string& key);
  // Puts what is at `path` under `key`, held like by Acquire; a former entry goes when released.
  void Put(const std::string& key, Entry entry);
  void Release(const std::string& path);

  uint64_t used_bytes() const;

 private:
  struct Item {
    std::string key;  // empty: replaced, goes with its last holder
    Entry entry;
    int holders = 0;
    uint64_t last_used = 0;
  };
  struct State {
    std::map<std::string, Item> by_path;
    std::map<std::string, std::string> path_by_key;
    uint64_t used_bytes = 0;
    uint64_t ticks = 0;
    uint64_t next_name = 1;
  };
  std::vector<std::string> TakeExcess(State& state) const;
  static void Erase(const std::vector<std::string>& paths);

  const std::string dir_;
  const uint64_t max_bytes_;
  Guarded<State> state_;
};

}  // namespace diego::rep
