#include "services/route-emitter/engine/route_state.h"

#include <utility>

namespace diego::route_emitter {

RouteState::Data::Data(const RouteStateOptions& options)
    : table(options.table),
      unregistrations(options.unregistration_send_count, options.unregistration_capacity) {}

RouteState::RouteState(const RouteStateOptions& options)
    : outbox_capacity_(options.outbox_capacity), data_(std::in_place, options) {}

TableUpdate RouteState::Update(const std::function<TableUpdate(RoutingTable&)>& update) {
  return data_.With([&](Data& data) {
    TableUpdate done = update(data.table);
    data.unregistrations.Note(done.messages);
    Queue(data, done.messages);
    return done;
  });
}

bool RouteState::Knows(const ProcessGuid& process_guid) const {
  return data_.With([&](const Data& data) { return data.table.Knows(process_guid); });
}

size_t RouteState::QueueAll(RouterKind kind) {
  return data_.With([&](Data& data) {
    Messages all = data.table.All();
    if (kind == RouterKind::kRouter) {
      all.internal_registrations.clear();
    } else {
      all.registrations.clear();
    }
    const size_t count = all.registrations.size() + all.internal_registrations.size();
    Queue(data, std::move(all));
    return count;
  });
}

void RouteState::QueueUnregistrations() {
  data_.With([&](Data& data) {
    Messages due;
    due.unregistrations = data.unregistrations.Due();
    Queue(data, std::move(due));
  });
}

std::optional<Messages> RouteState::Pop(absl::Duration timeout) {
  return data_.When([](const Data& data) { return !data.outbox.empty(); }, timeout,
                    [](Data& data, bool held) -> std::optional<Messages> {
                      if (!held) return std::nullopt;
                      Messages next = std::move(data.outbox.front());
                      data.outbox.pop_front();
                      return next;
                    });
}

size_t RouteState::TakeDropped() {
  return data_.With([](Data& data) { return std::exchange(data.dropped, 0); });
}

void RouteState::Queue(Data& data, Messages messages) const {
  if (messages.empty()) return;
  if (data.outbox.size() >= outbox_capacity_) {
    ++data.dropped;
    return;
  }
  data.outbox.push_back(std::move(messages));
}

}  // namespace diego::route_emitter
