// UnregistrationCache: unregistrations are said again and again for a while, as a router may have
// missed one. Used by one thread.
// Source: reference/route-emitter.md "Modes, lock, unregistration".
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "services/route-emitter/core/route_message.h"

namespace diego::route_emitter {

class UnregistrationCache {
 public:
  // Each message is repeated `send_count` times; past `capacity` messages new ones are not kept.
  UnregistrationCache(int send_count, size_t capacity)
      : send_count_(send_count), capacity_(capacity) {}

  // Takes over what a change unregistered, and forgets what it registered (again).
  void Note(const Messages& messages);
  // What is to be said now; call it every unregistration_interval.
  std::vector<RegistryMessage> Due();
  size_t size() const { return left_.size(); }

 private:
  const int send_count_;
  const size_t capacity_;
  std::map<RegistryMessage, int, ByRegistration> left_;  // message -> how often still
};

}  // namespace diego::route_emitter
