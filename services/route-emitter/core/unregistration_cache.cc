#include "services/route-emitter/core/unregistration_cache.h"

namespace diego::route_emitter {

void UnregistrationCache::Note(const Messages& messages) {
  for (const RegistryMessage& message : messages.unregistrations) {
    if (send_count_ <= 0) break;
    if (const auto found = left_.find(message); found != left_.end()) {
      found->second = send_count_;
    } else if (left_.size() < capacity_) {
      left_.emplace(message, send_count_);
    }
  }
  for (const RegistryMessage& message : messages.registrations) left_.erase(message);
}

std::vector<RegistryMessage> UnregistrationCache::Due() {
  std::vector<RegistryMessage> due;
  due.reserve(left_.size());
  for (auto it = left_.begin(); it != left_.end();) {
    due.push_back(it->first);
    it = --it->second > 0 ? std::next(it) : left_.erase(it);
  }
  return due;
}

}  // namespace diego::route_emitter
