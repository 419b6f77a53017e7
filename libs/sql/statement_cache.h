// StatementCache<P>: prepared statements by their text, the least recently used falling out.
// Internal to libs/sql; belongs to one connection.
#pragma once

#include <list>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace diego::sql {

template <typename P>
class StatementCache {
 public:
  // nullptr when it is not there.
  P* Find(absl::string_view text) {
    const auto found = by_text_.find(text);
    if (found == by_text_.end()) return nullptr;
    recent_.splice(recent_.begin(), recent_, found->second);
    return &found->second->second;
  }
  P* Keep(absl::string_view text, P prepared) {
    if (recent_.size() >= kMost) {
      by_text_.erase(recent_.back().first);
      recent_.pop_back();
    }
    recent_.emplace_front(std::string(text), std::move(prepared));
    by_text_[recent_.front().first] = recent_.begin();
    return &recent_.front().second;
  }
  void Clear() {
    by_text_.clear();
    recent_.clear();
  }

 private:
  static constexpr size_t kMost = 128;
  using Entry = std::pair<std::string, P>;
  std::list<Entry> recent_;
  absl::flat_hash_map<std::string, typename std::list<Entry>::iterator> by_text_;
};

}  // namespace diego::sql
