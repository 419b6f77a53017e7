// Events as the original's HTTP streams carry them: a name, and a message in base64.
// Source: reference/bbs-http-api.md "Event streams".
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/sync/guarded.h"
#include "services/bbs/core/event.h"
#include "services/bbs/core/group_event.h"

namespace diego::bbs {

// Which shape desired LRPs and tasks have: today's, or that of the r0 streams.
enum class EventForm { kCurrent, kR0 };

struct EncodedEvent {
  absl::string_view name;  // "actual_lrp_instance_created"
  std::string base64;
};

// Deserialize: the record's opaque part is no message.
absl::StatusOr<EncodedEvent> EncodeEvent(const Event& event, EventForm form);
absl::StatusOr<EncodedEvent> EncodeEvent(const GroupEvent& event, EventForm form);

// The text of one server-sent event.
std::string EventText(uint64_t id, const EncodedEvent& event);

// Thousands of streams tell the same events: the latest are encoded once. Thread-safe; bounded in
// number and bytes.
class EncodedEvents {
 public:
  template <typename E>
  absl::StatusOr<std::shared_ptr<const EncodedEvent>> Get(const std::shared_ptr<const E>& event,
                                                          EventForm form) {
    const Key key(event.get(), form);
    if (auto found = Find(key)) return found;
    absl::StatusOr<EncodedEvent> encoded = EncodeEvent(*event, form);
    if (!encoded.ok()) return encoded.status();
    auto shared = std::make_shared<const EncodedEvent>(*std::move(encoded));
    Keep(key, event, shared);
    return shared;
  }

 private:
  using Key = std::pair<const void*, EventForm>;
  struct Entry {
    std::shared_ptr<const void> event;  // so that its address is nobody else's meanwhile
    std::shared_ptr<const EncodedEvent> encoded;
  };
  struct Data {
    std::map<Key, Entry> entries;
    std::deque<Key> order;
    size_t bytes = 0;
  };
  std::shared_ptr<const EncodedEvent> Find(const Key& key) const;
  void Keep(const Key& key, std::shared_ptr<const void> event,
            const std::shared_ptr<const EncodedEvent>& encoded);

  Guarded<Data> data_;
};

}  // namespace diego::bbs
