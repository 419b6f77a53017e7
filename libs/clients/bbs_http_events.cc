#include "libs/clients/bbs_http_events.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/message.h"
#include "libs/http_client/request.h"
#include "libs/wire/serialize.h"

namespace diego::clients {
namespace {

// Without followers a stream is given up at this number, with followers the oldest make room.
constexpr size_t kMostEvents = 20000;
constexpr absl::Duration kPatienceToOpen = absl::Seconds(10);

absl::Status CancelledStatus() { return absl::CancelledError("the subscription was cancelled"); }

}  // namespace

absl::StatusOr<SubscribeResponse> EventNamed(const std::string& name, const std::string& bytes) {
  SubscribeResponse response;
  // The fields of the events are called as the original calls the events.
  const auto* field = SubscribeResponse::descriptor()->FindFieldByName(name);
  if (field == nullptr || field->containing_oneof() == nullptr ||
      field->containing_oneof()->name() != "event") {
    return response;
  }
  auto* event = response.GetReflection()->MutableMessage(&response, field);
  if (!wire::Parse(bytes, name, event).ok()) {
    return absl::DataLossError(absl::StrCat("an event ", name, " cannot be read"));
  }
  return response;
}

HttpEvents::HttpEvents(const SubscribeRequest& filter, RevisionCount& count)
    : lrp_instances_(filter.lrp_instances() || (!filter.desired_lrps() && !filter.tasks())),
      desired_lrps_(filter.desired_lrps() || (!filter.lrp_instances() && !filter.tasks())),
      count_(count) {
  if (lrp_instances_ || desired_lrps_) {
    models::EventsByCellId by_cell;
    by_cell.set_cell_id(filter.cell_id());
    streams_.push_back({"/v1/events/lrp_instances.r1", by_cell.SerializeAsString()});
  }
  if (filter.tasks()) streams_.push_back({"/v1/events/tasks.r1", ""});
}

void HttpEvents::Start(http_client::Client& client, const std::string& url,
                       const http_client::Request& base) {
  const auto self = shared_from_this();
  for (Stream& stream : streams_) {
    http_client::Request request = base;
    request.method = "POST";
    request.url = absl::StrCat(url, stream.path);
    request.body = stream.body;
    request.headers.push_back("Content-Type:");  // none, as the original's client
    request.cancelled = [self] { return self->over(); };
    request.take_status = [self](int status) { self->OnStatus(status); };
    request.take_body = [self, &stream](absl::string_view bytes) {
      const bool readable = stream.parser.Feed(
          bytes,
          [&](const std::string& name, const std::string& event) { self->OnEvent(name, event); });
      if (!readable) self->End(absl::UnavailableError("the event stream cannot be read"));
      return !self->over();
    };
    client.Start(std::move(request), [self](const http_client::Outcome& outcome) {
      self->End(outcome.ok() ? absl::OkStatus()
                             : absl::UnavailableError(absl::StrCat("the event stream broke: ",
                                                                   outcome.status().message())));
    });
  }
}

void HttpEvents::OnStatus(int status) {
  if (status != 200) {
    return End(absl::UnavailableError(absl::StrCat("Invalid Response with status code: ", status)));
  }
  data_.With([&](Data& data) {
    // Whoever has listed before may have missed something.
    if (++data.open == streams_.size()) data.kept_after = ++count_;
  });
}

bool HttpEvents::Wanted(const SubscribeResponse& event) const {
  switch (event.event_case()) {
    case SubscribeResponse::EVENT_NOT_SET: return false;
    case SubscribeResponse::kDesiredLrpCreated:
    case SubscribeResponse::kDesiredLrpChanged:
    case SubscribeResponse::kDesiredLrpRemoved: return desired_lrps_;
    case SubscribeResponse::kTaskCreated:
    case SubscribeResponse::kTaskChanged:
    case SubscribeResponse::kTaskRemoved: return true;
    default: return lrp_instances_;
  }
}

void HttpEvents::OnEvent(const std::string& name, const std::string& bytes) {
  absl::StatusOr<SubscribeResponse> event = EventNamed(name, bytes);
  // Who follows has to list anew, as after every end.
  if (!event.ok()) return End(absl::UnavailableError(event.status().message()));
  if (!Wanted(*event)) return;
  const bool forgotten = data_.With([&](Data& data) {
    event->set_revision(++count_);
    event->set_complete(true);
    data.events.push_back(*std::move(event));
    if (data.events.size() <= kMostEvents) return false;
    if (data.followers == 0) return true;
    data.kept_after = data.events.front().revision();
    data.events.pop_front();
    return false;
  });
  if (forgotten) End(absl::UnavailableError("nobody follows"));
}

void HttpEvents::End(const absl::Status& status) {
  over_ = true;
  data_.With([&](Data& data) {
    if (!data.end) data.end = status;
    if (data.followers == 0 && data.followed) data.events.clear();
  });
}

absl::StatusOr<int64_t> HttpEvents::Attach(std::optional<int64_t> after,
                                           const std::atomic<bool>& cancelled) {
  return data_.When(
      [&](const Data& data) { return cancelled || data.end || data.open == streams_.size(); },
      kPatienceToOpen,
      [&](Data& data, bool opened) -> absl::StatusOr<int64_t> {
        if (cancelled) return CancelledStatus();
        // Who asks for what comes from the opening on may come when all of it has been.
        const bool all_here = data.end && data.end->ok() && !data.followed && !after;
        if (data.end && !all_here) {
          return data.end->ok() ? absl::UnavailableError("the event stream ended") : *data.end;
        }
        if (!opened) return absl::UnavailableError("no event stream in time");
        const int64_t from = after.value_or(data.followed ? count_.load() : data.kept_after);
        if (from < data.kept_after || from > count_.load()) {
          return absl::OutOfRangeError(
              "a BBS of the original does not say what came after a revision; list anew, then "
              "subscribe after the list's revision");
        }
        ++data.followers;
        data.followed = true;
        return from;
      });
}

void HttpEvents::Detach() {
  data_.With([](Data& data) { --data.followers; });
}

absl::StatusOr<std::optional<SubscribeResponse>> HttpEvents::Next(
    int64_t revision, const std::atomic<bool>& cancelled) {
  using Event = std::optional<SubscribeResponse>;
  const auto there = [&](const Data& data) {
    return !data.events.empty() && data.events.back().revision() > revision;
  };
  return data_.When(
      [&](const Data& data) { return cancelled || data.end || there(data); },
      absl::InfiniteDuration(),
      [&](const Data& data, bool) -> absl::StatusOr<Event> {
        if (cancelled) return CancelledStatus();
        if (revision < data.kept_after) {
          return absl::OutOfRangeError("events were not taken in time; list anew");
        }
        if (!there(data)) return data.end->ok() ? absl::StatusOr<Event>(Event()) : *data.end;
        return Event(*std::upper_bound(
            data.events.begin(), data.events.end(), revision,
            [](int64_t at, const SubscribeResponse& event) { return at < event.revision(); }));
      });
}

void HttpEvents::Wake() {
  data_.With([](const Data&) {});
}

}  // namespace diego::clients
