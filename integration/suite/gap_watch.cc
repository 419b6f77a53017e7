#include "integration/suite/gap_watch.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "integration/harness/eventually.h"
#include "integration/suite/suite.h"

namespace diego::suite {
namespace {

std::tuple<int32_t, Presence, InstanceGuid> IdentityOf(const ActualLrp& lrp) {
  return {lrp.key.index, lrp.presence, lrp.instance.instance_guid};
}

bool Runs(const ActualLrp& lrp) { return lrp.state == ActualLrpState::kRunning; }

}  // namespace

GapWatch::GapWatch(std::unique_ptr<clients::BbsClient> bbs, const harness::Router& router,
                   ProcessGuid app, std::string hostname, int instances)
    : bbs_(std::move(bbs)),
      router_(router),
      app_(std::move(app)),
      hostname_(std::move(hostname)),
      instances_(instances) {
  Begin();
  worker_ = std::make_unique<Worker>("gap-watch", [this] { return Follow(); });
}

GapWatch::~GapWatch() {
  const auto subscription = data_.With([](Data& data) {
    data.stopping = true;
    return data.subscription;
  });
  bbs_->Cancel();
  if (subscription != nullptr) subscription->Cancel();
  worker_->Stop();
}

absl::StatusOr<clients::Listing<ActualLrp>> GapWatch::List() {
  clients::ActualLrpFilter filter;
  filter.process_guid = app_;
  return bbs_->ActualLrps(filter);
}

// From what is listed now. Without an answer the next step tries again.
void GapWatch::Begin() {
  const auto listing = List();
  if (!listing.ok()) return;
  Running running;
  for (const ActualLrp& lrp : listing->records) {
    if (Runs(lrp)) running.insert(IdentityOf(lrp));
  }
  clients::EventFilter filter;
  filter.desired_lrps = false;
  std::shared_ptr<clients::BbsSubscription> subscription =
      bbs_->Subscribe(filter, listing->revision);
  data_.With([&](Data& data) {
    if (data.stopping) return;
    data.running = running;
    data.subscription = subscription;
    Check(listing->revision, &data);
  });
}

absl::Duration GapWatch::Follow() {
  const auto subscription = data_.With([](Data& data) { return data.subscription; });
  if (subscription == nullptr) {
    Begin();
    return absl::Milliseconds(50);
  }
  const auto group = subscription->Next();
  if (group.ok()) {
    Take(*group);
    return absl::ZeroDuration();
  }
  // A new master has no history: what is listed there has to be whole as well.
  if (absl::IsOutOfRange(group.status())) Begin();
  return absl::Milliseconds(50);
}

void GapWatch::Take(const clients::EventGroup& group) {
  bool ours = false;
  data_.With([&](Data& data) {
    const auto gone = [&](const ActualLrp& lrp) { data.running.erase(IdentityOf(lrp)); };
    const auto came = [&](const ActualLrp& lrp) {
      if (Runs(lrp)) data.running.insert(IdentityOf(lrp));
    };
    for (const clients::BbsEvent& event : group.events) {
      if (const auto* created = std::get_if<clients::ActualLrpCreated>(&event)) {
        if (created->lrp.key.process_guid != app_) continue;
        came(created->lrp);
      } else if (const auto* removed = std::get_if<clients::ActualLrpRemoved>(&event)) {
        if (removed->lrp.key.process_guid != app_) continue;
        gone(removed->lrp);
      } else if (const auto* changed = std::get_if<clients::ActualLrpChanged>(&event)) {
        if (changed->after.key.process_guid != app_) continue;
        gone(changed->before);
        came(changed->after);
      } else {
        continue;
      }
      ours = true;
    }
    if (!ours) return;
    ++data.revisions;
    Check(group.revision, &data);
  });
}

void GapWatch::Check(int64_t revision, Data* data) const {
  std::set<int32_t> served;
  for (const auto& row : data->running) served.insert(std::get<0>(row));
  for (int32_t index = 0; index < instances_; ++index) {
    if (served.count(index)) continue;
    data->gaps.push_back(
        absl::StrCat("revision ", revision, ": index ", index, " has no running instance"));
  }
}

std::vector<std::string> GapWatch::RouteGaps() const {
  const std::vector<harness::RouterMessage> messages = router_.Messages();
  if (messages.size() >= harness::Router::kMostMessages)
    return {"more messages of routes than a router keeps"};
  std::vector<std::string> gaps;
  std::map<std::string, std::set<std::string>> endpoints;  // by index
  bool whole = false;
  for (const harness::RouterMessage& message : messages) {
    const auto json = nlohmann::json::parse(message.json);
    const auto uris = json["uris"].get<std::vector<std::string>>();
    if (std::find(uris.begin(), uris.end(), hostname_) == uris.end()) continue;
    const std::string endpoint =
        absl::StrCat(json["host"].get<std::string>(), ":", json["port"].get<int>());
    std::set<std::string>& of_index = endpoints[json["private_instance_index"].get<std::string>()];
    if (message.subject == "router.register") {
      of_index.insert(endpoint);
    } else {
      of_index.erase(endpoint);
    }
    int routed = 0;
    for (const auto& [index, some] : endpoints) routed += some.empty() ? 0 : 1;
    whole = whole || routed == instances_;
    if (whole && routed < instances_) {
      gaps.push_back(absl::StrCat(routed, " of ", instances_, " indices are routed after ",
                                  message.subject, " ", message.json));
    }
  }
  if (!whole) gaps.push_back("never were all indices routed");
  return gaps;
}

std::vector<std::string> GapWatch::InstanceGaps() {
  const absl::Status up_to_date =
      harness::Eventually("the watch to see all", absl::Seconds(20), [&]() -> absl::Status {
        const auto listing = List();
        if (!listing.ok()) return listing.status();
        Running listed;
        for (const ActualLrp& lrp : listing->records) {
          if (Runs(lrp)) listed.insert(IdentityOf(lrp));
        }
        const Running seen = data_.With([](const Data& data) { return data.running; });
        return seen == listed ? absl::OkStatus() : absl::NotFoundError("others run than it saw");
      });
  std::vector<std::string> gaps = data_.With([](const Data& data) { return data.gaps; });
  if (!up_to_date.ok()) gaps.push_back(up_to_date.ToString());
  return gaps;
}

}  // namespace diego::suite
