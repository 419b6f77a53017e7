#include "services/bbs/engine/group.h"

#include <iterator>
#include <utility>

namespace diego::bbs {

void Group::Append(Group&& later) {
  if (empty() && changes.empty()) {
    *this = std::move(later);
    later = Group{};
    return;
  }
  changes.insert(changes.end(), std::make_move_iterator(later.changes.begin()),
                 std::make_move_iterator(later.changes.end()));
  calls.insert(calls.end(), std::make_move_iterator(later.calls.begin()),
               std::make_move_iterator(later.calls.end()));
  later = Group{};
}

void Group::Refuse(const absl::Status& status) {
  Reply reply;
  reply.status = status;
  for (const ExecutedCall& call : calls) call.reply_to(reply);
  *this = Group{};
}

bool OpenGroup::HasRoom(const Data& data) const {
  return data.group.calls.size() < most_calls_ && data.group.changes.size() < most_changes_;
}

bool OpenGroup::WaitForRoom(absl::Duration patience) {
  return data_.When([this](const Data& data) { return data.closed || HasRoom(data); }, patience,
                    [this](const Data& data, bool) { return !data.closed && HasRoom(data); });
}

bool OpenGroup::Append(Group& part) {
  return data_.With([&](Data& data) {
    if (data.closed) return false;
    data.group.Append(std::move(part));
    return true;
  });
}

Group OpenGroup::Take(absl::Duration patience) {
  return data_.When([](const Data& data) { return data.closed || !data.group.empty(); }, patience,
                    [](Data& data, bool) { return std::exchange(data.group, Group{}); });
}

Group OpenGroup::Close() {
  return data_.With([](Data& data) {
    data.closed = true;
    return std::exchange(data.group, Group{});
  });
}

}  // namespace diego::bbs
