// EventSource: one subscriber of the original's event streams over HTTP. A stream ends when its
// subscriber falls too far behind, or the term ends; the client then lists anew.
// Source: reference/bbs-http-api.md "Event streams".
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "libs/http/responder.h"
#include "services/bbs/api/event_encoding.h"
#include "services/bbs/engine/event_hub.h"
#include "services/bbs/engine/term.h"

namespace diego::bbs {

// Events that may wait for a subscriber. With more it is cut off, unless they become fewer: a burst
// of events is nobody's fault who reads.
inline constexpr size_t kEventsBeforeCut = 1024;

template <typename E, typename Filter>
class EventSource final : public http::StreamSource {
 public:
  using Done = std::function<void(const absl::Status&)>;
  // `done` hears the end of the stream, once. The term is held as long as its hub is followed.
  EventSource(std::shared_ptr<Term> term, std::shared_ptr<SubscriptionOf<E, Filter>> subscription,
              EventForm form, std::shared_ptr<EncodedEvents> encoded, Done done)
      : term_(std::move(term)),
        subscription_(std::move(subscription)),
        form_(form),
        encoded_(std::move(encoded)),
        done_(std::move(done)) {}
  ~EventSource() override { done_(end_); }

  Next Write(http::ChunkWriter* out, size_t enough) override {
    while (out->size() < enough) {
      if (items_.empty()) {
        absl::StatusOr<BatchOf<E>> batch = subscription_->Take(kEventsPerTake);
        if (!batch.ok()) return End(batch.status());
        if (batch->items.empty()) {
          waited_before_ = kNoneYet;
          return Next::kWait;
        }
        items_.assign(batch->items.begin(), batch->items.end());
      }
      const auto event = encoded_->Get(items_.front().event, form_);
      if (!event.ok()) return End(event.status());
      out->Write(EventText(next_id_++, **event));
      items_.pop_front();
    }
    return Next::kMore;
  }
  bool Patient() override {
    const size_t waiting = items_.size() + subscription_->behind();
    const bool catching_up = waiting < std::exchange(waited_before_, waiting);
    if (waiting <= kEventsBeforeCut || catching_up) return true;
    end_ = subscription_->CutOff();
    return false;
  }

 private:
  static constexpr size_t kEventsPerTake = 64;
  static constexpr size_t kNoneYet = std::numeric_limits<size_t>::max();
  Next End(const absl::Status& reason) {
    end_ = reason;
    return Next::kEnd;
  }

  const std::shared_ptr<Term> term_;
  const std::shared_ptr<SubscriptionOf<E, Filter>> subscription_;
  const EventForm form_;
  const std::shared_ptr<EncodedEvents> encoded_;
  const Done done_;
  std::deque<typename BatchOf<E>::Item> items_;
  uint64_t next_id_ = 0;
  size_t waited_before_ = kNoneYet;  // when Patient was last asked, since it had caught up
  absl::Status end_ = absl::CancelledError("the client is gone");
};

}  // namespace diego::bbs
