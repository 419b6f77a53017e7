#include "integration/simulation/emitter_node.h"

#include "absl/strings/str_cat.h"

namespace diego::simulation {
namespace {

using route_emitter::FeedGroup;
using route_emitter::FeedSnapshot;
using route_emitter::RoutingInfo;

constexpr absl::Duration kBeat = absl::Milliseconds(300);
constexpr int kStepsABeat = 20;

RoutingInfo InfoOf(const DesiredLrp& lrp) {
  RoutingInfo info;
  info.process_guid = lrp.process_guid;
  info.domain = lrp.domain;
  info.log_guid = lrp.log_guid;
  info.instances = lrp.instances;
  info.tag = lrp.tag;
  route_emitter::HttpRoute route;
  route.container_port = 8080;
  route.hostname = EmitterNode::HostnameOf(lrp.process_guid);
  info.http_routes = {route};
  return info;
}

std::optional<route_emitter::Change> ChangeOf(const bbs::Event& event) {
  if (const auto* desired = std::get_if<bbs::DesiredLrpEvent>(&event)) {
    if (desired->after != nullptr) return route_emitter::DesiredSet{InfoOf(*desired->after)};
    return route_emitter::DesiredRemoved{desired->before->process_guid, desired->before->tag};
  }
  if (const auto* actual = std::get_if<bbs::ActualLrpInstanceEvent>(&event)) {
    if (actual->before == nullptr) return route_emitter::InstanceCreated{*actual->after};
    if (actual->after == nullptr) return route_emitter::InstanceRemoved{*actual->before};
    return route_emitter::InstanceChanged{*actual->before, *actual->after};
  }
  return std::nullopt;
}

absl::Status NoBbs() { return absl::UnavailableError("no BBS is active"); }

}  // namespace

EmitterNode::EmitterNode(World* world, std::vector<BbsNode*> bbs)
    : world_(world),
      bbs_(std::move(bbs)),
      loop_({}, *this, state_, world->clock(), metrics_, log::Logger::Discard()) {
  world_->After(kBeat, [this] { Beat(); });
}

std::string EmitterNode::HostnameOf(const ProcessGuid& guid) {
  return absl::StrCat(guid.value(), ".example");
}

void EmitterNode::Beat() {
  world_->After(world_->Between(kBeat / 2, kBeat * 2), [this] { Beat(); });
  // A connection may break at any time, within a revision too.
  if (world_->Chance(0.02)) subscription_.reset();
  for (int i = 0; i < kStepsABeat; ++i) loop_.Step();
  Publish();
}

void EmitterNode::Publish() {
  while (const auto messages = state_.Pop(absl::ZeroDuration())) {
    const auto address = [](const route_emitter::RegistryMessage& message) {
      return absl::StrCat(message.host, ":", message.port);
    };
    for (const auto& message : messages->unregistrations) {
      for (const std::string& uri : message.uris) routes_.erase({uri, address(message)});
    }
    for (const auto& message : messages->registrations) {
      for (const std::string& uri : message.uris) {
        routes_[{uri, address(message)}] = message.private_instance_id;
      }
    }
  }
}

bool EmitterNode::Leads(const std::string& hostname, const InstanceGuid& instance) const {
  for (const auto& [name, known] : routes_) {
    if (name.first == hostname && known == instance.value()) return true;
  }
  return false;
}

std::shared_ptr<bbs::Term> EmitterNode::FindActive() {
  for (BbsNode* node : bbs_) {
    const auto term = node->serving();
    if (term != nullptr && term->healthy()) return term;
  }
  return nullptr;
}

absl::StatusOr<FeedSnapshot> EmitterNode::List() {
  const auto term = FindActive();
  if (term == nullptr) return NoBbs();
  auto desired = term->view().DesiredLrps({});
  auto actuals = term->view().ActualLrps({});
  auto domains = term->view().Domains({});
  if (!desired.ok() || !actuals.ok() || !domains.ok()) return NoBbs();
  FeedSnapshot read;
  read.desired_revision = static_cast<int64_t>(desired->revision());
  read.actual_revision = static_cast<int64_t>(actuals->revision());
  while (const auto* lrp = desired->Next()) read.snapshot.desired.push_back(InfoOf(*lrp));
  while (const auto* lrp = actuals->Next()) read.snapshot.actuals.push_back(*lrp);
  while (const auto* domain = domains->Next()) {
    if (domain->fresh) read.snapshot.fresh_domains.insert(domain->record.domain);
  }
  return read;
}

absl::StatusOr<RoutingInfo> EmitterNode::Find(const ProcessGuid& process_guid) {
  const auto term = FindActive();
  if (term == nullptr) return NoBbs();
  const auto lrp = term->view().FindDesiredLrp(process_guid);
  if (!lrp.ok()) return lrp.status();
  return InfoOf(**lrp);
}

void EmitterNode::FollowAfter(int64_t revision) {
  subscription_.reset();
  groups_.clear();
  revision_ = static_cast<uint64_t>(revision);
}

absl::StatusOr<std::optional<FeedGroup>> EmitterNode::Next(absl::Duration) {
  if (subscription_ == nullptr) {
    open_ = {};
    term_ = FindActive();
    if (term_ == nullptr) return NoBbs();
    auto subscription = term_->hub().Subscribe({}, revision_, [] {});
    if (!subscription.ok()) return subscription.status();
    subscription_ = *subscription;
  }
  if (groups_.empty()) {
    const auto batch = subscription_->Take(1 + world_->Below(10));
    if (!batch.ok()) {
      subscription_.reset();
      return batch.status();
    }
    for (const auto& item : batch->items) {
      open_.revision = static_cast<int64_t>(item.revision);
      if (auto change = ChangeOf(*item.event)) open_.changes.push_back(*std::move(change));
      if (!item.complete) continue;
      revision_ = item.revision;
      groups_.push_back(std::exchange(open_, {}));
    }
  }
  if (groups_.empty()) return std::optional<FeedGroup>();
  std::optional<FeedGroup> group = std::move(groups_.front());
  groups_.pop_front();
  return group;
}

}  // namespace diego::simulation
