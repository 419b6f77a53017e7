#include "services/locket/engine/lease_reader.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

namespace diego::locket {
namespace {

absl::StatusOr<StoredLease> FindHeld(const std::vector<StoredLease>& rows, const std::string& key) {
  const auto found = std::lower_bound(
      rows.begin(), rows.end(), key,
      [](const StoredLease& row, const std::string& wanted) { return row.lease.key < wanted; });
  if (found == rows.end() || found->lease.key != key || found->lease.owner.empty()) {
    return absl::NotFoundError("resource-not-found");
  }
  return *found;
}

LeaseReader::Leases HeldOfType(const std::vector<StoredLease>& rows, LeaseType type) {
  auto held = std::make_shared<std::vector<StoredLease>>();
  for (const StoredLease& row : rows) {
    if (row.lease.type == type && !row.lease.owner.empty()) held->push_back(row);
  }
  return held;
}

}  // namespace

LeaseReader::LeaseReader(const Options& options, LeaseStore& store, log::Logger log, GiveUp give_up)
    : options_(options),
      store_(store),
      log_(std::move(log)),
      give_up_(std::move(give_up)),
      queue_(options.queue_capacity) {}

void LeaseReader::Fetch(std::string key, FetchReply reply) {
  Push(FetchOne{std::move(key), std::move(reply)});
}

void LeaseReader::FetchAll(LeaseType type, ListReply reply) {
  if (type == LeaseType::kUnknown) return reply(absl::NotFoundError("invalid-type"));
  Push(FetchMany{type, std::move(reply)});
}

void LeaseReader::Push(Waiting waiting) {
  if (queue_.TryPush(waiting)) return;
  const absl::Status refused =
      queue_.closed()
          ? absl::UnavailableError("locket is shutting down")
          : absl::ResourceExhaustedError(absl::StrCat(
                options_.queue_capacity, " reads wait for the database; try again later"));
  std::visit([&](const auto& one) { one.reply(refused); }, waiting);
}

absl::StatusOr<std::vector<StoredLease>> LeaseReader::Load(const std::vector<Waiting>& group) {
  std::set<std::string> keys;
  for (const Waiting& one : group) {
    if (std::holds_alternative<FetchMany>(one)) return store_.ReadAll();
    keys.insert(std::get<FetchOne>(one).key);
  }
  return store_.Read(keys);
}

absl::Duration LeaseReader::Step() {
  const std::vector<Waiting> group = queue_.PopSome(options_.group_most, options_.patience);
  if (group.empty()) return absl::ZeroDuration();
  const absl::StatusOr<std::vector<StoredLease>> rows = Load(group);
  if (!rows.ok()) {
    log_.Error("read-failed", rows.status(), {{"requests", group.size()}});
    if (store_.HasLostItsTables(rows.status())) give_up_(rows.status());
    for (const Waiting& one : group) {
      std::visit([&](const auto& read) { read.reply(ToldToClients(rows.status())); }, one);
    }
    return absl::ZeroDuration();
  }
  std::array<Leases, 3> by_type;  // made when first asked for
  for (const Waiting& one : group) {
    if (const auto* fetch = std::get_if<FetchOne>(&one)) {
      fetch->reply(FindHeld(*rows, fetch->key));
      continue;
    }
    const auto& list = std::get<FetchMany>(one);
    Leases& leases = by_type.at(static_cast<size_t>(list.type));
    if (leases == nullptr) leases = HeldOfType(*rows, list.type);
    list.reply(leases);
  }
  return absl::ZeroDuration();
}

void LeaseReader::Close() {
  queue_.Close();
  const absl::Status closing = absl::UnavailableError("locket is shutting down");
  while (true) {
    const std::vector<Waiting> group = queue_.PopSome(options_.group_most, absl::ZeroDuration());
    if (group.empty()) return;
    for (const Waiting& one : group) {
      std::visit([&](const auto& read) { read.reply(closing); }, one);
    }
  }
}

}  // namespace diego::locket
