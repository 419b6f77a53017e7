#include "services/rep/containers/transfer/download_cache.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"
#include "services/rep/containers/file_io.h"

namespace diego::rep {

DownloadCache::DownloadCache(std::string dir, uint64_t max_bytes)
    : dir_(std::move(dir)), max_bytes_(max_bytes) {}

absl::Status DownloadCache::Prepare() {
  DIEGO_RETURN_IF_ERROR(MakeDirectories(dir_, 0711));
  // Only what this class names itself: the directory may be a wrong one.
  for (const std::string& name : ListDirectory(dir_)) {
    if (name.rfind("artifact-", 0) == 0) {
      DIEGO_RETURN_IF_ERROR(RemoveTree(absl::StrCat(dir_, "/", name)));
    }
  }
  return absl::OkStatus();
}

std::string DownloadCache::NewPath() {
  const uint64_t number = state_.With([](State& state) { return state.next_name++; });
  return absl::StrCat(dir_, "/artifact-", number);
}

std::optional<DownloadCache::Entry> DownloadCache::Acquire(const std::string& key) {
  return state_.With([&](State& state) -> std::optional<Entry> {
    const auto found = state.path_by_key.find(key);
    if (found == state.path_by_key.end()) return std::nullopt;
    Item& item = state.by_path[found->second];
    ++item.holders;
    item.last_used = ++state.ticks;
    return item.entry;
  });
}

void DownloadCache::Put(const std::string& key, Entry entry) {
  Erase(state_.With([&](State& state) {
    if (const auto old = state.path_by_key.find(key); old != state.path_by_key.end()) {
      state.by_path[old->second].key.clear();
    }
    state.path_by_key[key] = entry.path;
    state.used_bytes += entry.bytes;
    const std::string path = entry.path;
    state.by_path[path] = Item{key, std::move(entry), 1, ++state.ticks};
    return TakeExcess(state);
  }));
}

void DownloadCache::Release(const std::string& path) {
  Erase(state_.With([&](State& state) -> std::vector<std::string> {
    const auto found = state.by_path.find(path);
    if (found == state.by_path.end()) return {};
    --found->second.holders;
    return TakeExcess(state);
  }));
}

// Forgets what has to go and returns the paths.
std::vector<std::string> DownloadCache::TakeExcess(State& state) const {
  std::vector<std::string> gone;
  const auto drop = [&](std::map<std::string, Item>::iterator it) {
    state.used_bytes -= it->second.entry.bytes;
    if (!it->second.key.empty()) state.path_by_key.erase(it->second.key);
    gone.push_back(it->first);
    return state.by_path.erase(it);
  };
  for (auto it = state.by_path.begin(); it != state.by_path.end();) {
    const bool is_stale = it->second.key.empty() && it->second.holders == 0;
    it = is_stale ? drop(it) : std::next(it);
  }
  while (state.used_bytes > max_bytes_) {
    auto oldest = state.by_path.end();
    for (auto it = state.by_path.begin(); it != state.by_path.end(); ++it) {
      const bool is_older =
          oldest == state.by_path.end() || it->second.last_used < oldest->second.last_used;
      if (it->second.holders == 0 && is_older) oldest = it;
    }
    if (oldest == state.by_path.end()) break;
    drop(oldest);
  }
  return gone;
}

void DownloadCache::Erase(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) (void)RemoveTree(path);
}

uint64_t DownloadCache::used_bytes() const {
  return state_.With([](const State& state) { return state.used_bytes; });
}

}  // namespace diego::rep
