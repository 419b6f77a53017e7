#include "services/locket/core/lease_table.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/base/random.h"

namespace diego::locket {
namespace {

using Kind = Decision::Kind;

template <typename Value>
const Value* Find(const std::map<std::string, Value>& rows, const std::string& key) {
  const auto found = rows.find(key);
  return found == rows.end() ? nullptr : &found->second;
}

// A row whose owner is empty is free, as if it were not there.
const Lease* Held(const LeaseTable& table, const std::string& key) {
  const Lease* lease = Find(table.leases, key);
  return lease != nullptr && !lease->owner.empty() ? lease : nullptr;
}

// A change of the key that so far changes nothing.
LeaseChange ChangeOf(const LeaseTable& table, const std::string& key) {
  LeaseChange change;
  change.key = key;
  if (const Lease* lease = Find(table.leases, key)) change.before = change.after = *lease;
  if (const Fence* fence = Find(table.fences, key)) change.fence_before = *fence;
  return change;
}

Decision Refuse(absl::Status why) { return {Kind::kRefused, std::move(why), 0, std::nullopt}; }

Decision Collision() { return Refuse(absl::AlreadyExistsError("lock-collision")); }

Decision Remove(const LeaseTable& table, const std::string& key, Kind kind) {
  LeaseChange change = ChangeOf(table, key);
  change.after.reset();
  return {kind, absl::OkStatus(), 0, std::move(change)};
}

Decision DecideOne(const LeaseTable& table, const AcquireLease& request, uint64_t seed) {
  const Lease* held = Held(table, request.key);
  if (held != nullptr && held->owner != request.owner) return Collision();

  LeaseChange change = ChangeOf(table, request.key);
  Lease& lease = change.after.emplace();
  lease.key = request.key;
  lease.owner = request.owner;
  lease.value = request.value;
  lease.type = request.type;
  lease.ttl_seconds = request.ttl_seconds;
  lease.modified_index = held != nullptr ? held->modified_index + 1 : 1;
  lease.modified_id = held != nullptr ? held->modified_id : Random(seed).Uuid();

  int64_t token = change.fence_before ? change.fence_before->token : 0;
  const bool same_grant =
      change.fence_before && change.fence_before->modified_id == lease.modified_id;
  if (!same_grant || token < request.min_fencing_token) {
    token = std::max(same_grant ? token : token + 1, request.min_fencing_token);
    change.fence_after = Fence{token, lease.modified_id};
  }
  const Kind kind = held != nullptr ? Kind::kRefreshed : Kind::kGranted;
  return {kind, absl::OkStatus(), token, std::move(change)};
}

Decision DecideOne(const LeaseTable& table, const ReleaseLease& request, uint64_t) {
  const Lease* lease = Find(table.leases, request.key);
  if (lease == nullptr) return {};
  if (lease->owner != request.owner) return Collision();
  return Remove(table, request.key, Kind::kReleased);
}

Decision DecideOne(const LeaseTable& table, const ExpireLease& request, uint64_t) {
  const Lease* lease = Find(table.leases, request.key);
  if (lease == nullptr || lease->owner != request.owner ||
      lease->modified_id != request.modified_id ||
      lease->modified_index != request.modified_index) {
    return {};
  }
  return Remove(table, request.key, Kind::kExpired);
}

int CharactersOf(absl::string_view utf8) {
  int characters = 0;
  for (const char byte : utf8) characters += (byte & 0xC0) != 0x80;  // not a continuation byte
  return characters;
}

absl::Status CheckWidth(absl::string_view column, absl::string_view text, int most) {
  const int characters = CharactersOf(text);
  if (characters <= most) return absl::OkStatus();
  // The code and the words that the original's clients get, as its database is what refuses.
  return absl::UnknownError(absl::StrCat("Error 1406: Data too long for column '", column,
                                         "' at row 1: ", characters, " characters, at most ", most,
                                         " fit"));
}

}  // namespace

const std::string& KeyOf(const LeaseRequest& request) {
  return std::visit([](const auto& one) -> const std::string& { return one.key; }, request);
}

absl::Status Validate(const LeaseRequest& request) {
  const auto* acquire = std::get_if<AcquireLease>(&request);
  if (acquire == nullptr) return absl::OkStatus();
  if (acquire->type == LeaseType::kUnknown) return absl::NotFoundError("invalid-type");
  if (acquire->ttl_seconds <= 0) return absl::InvalidArgumentError("invalid-ttl");
  if (acquire->owner.empty()) return absl::InvalidArgumentError("invalid-owner");
  for (const absl::Status& status : {CheckWidth("path", acquire->key, kMaxKeyCharacters),
                                     CheckWidth("owner", acquire->owner, kMaxOwnerCharacters),
                                     CheckWidth("value", acquire->value, kMaxValueCharacters)}) {
    if (!status.ok()) return status;
  }
  if (acquire->min_fencing_token < 0 || acquire->min_fencing_token > kMaxMinFencingToken) {
    return absl::InvalidArgumentError(
        absl::StrCat("invalid-min-fencing-token: ", acquire->min_fencing_token,
                     " is not within 0 and ", kMaxMinFencingToken));
  }
  return absl::OkStatus();
}

Decision Decide(const LeaseTable& table, const LeaseRequest& request, uint64_t seed) {
  return std::visit([&](const auto& one) { return DecideOne(table, one, seed); }, request);
}

GroupDecision DecideGroup(LeaseTable table, const std::vector<SeededRequest>& requests) {
  GroupDecision group;
  group.decisions.reserve(requests.size());
  std::map<std::string, LeaseChange> changes;
  for (const SeededRequest& one : requests) {
    Decision decision = Decide(table, one.request, one.seed);
    if (decision.change) {
      Apply(*decision.change, table);
      const auto [folded, is_first] = changes.try_emplace(decision.change->key, *decision.change);
      if (!is_first) {
        folded->second.after = decision.change->after;
        if (decision.change->fence_after) folded->second.fence_after = decision.change->fence_after;
      }
    }
    group.decisions.push_back(std::move(decision));
  }
  for (auto& [key, change] : changes) {
    const bool is_changed = change.before != change.after || change.fence_after.has_value();
    if (is_changed) group.changes.push_back(std::move(change));
  }
  return group;
}

}  // namespace diego::locket
