// Change: one row before and after. Changes are the only way state alters: on execution, on load
// and in the committed view alike. What is stored, published as events and shown to readers all
// follows from them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/models/actual_lrp.h"
#include "libs/models/desired_lrp.h"
#include "libs/models/ids.h"
#include "libs/models/task.h"

namespace diego::bbs {

// When a domain stops being fresh. Forever is absl::InfiniteFuture().
struct DomainRecord {
  Domain domain;
  absl::Time expire_time;
  CrashRestartPolicy crash_restart_policy = {};  // the default of its LRPs

  friend bool operator==(const DomainRecord&, const DomainRecord&) = default;
};

// Which call a client makes: the id it chose, and a digest of what it asks. Two calls with the same
// id are one call made twice when their digests are equal. See request_memory.h.
struct RequestIdentity {
  std::string id;      // at most 128 printable characters
  std::string digest;  // 64 hexadecimal digits

  friend bool operator==(const RequestIdentity&, const RequestIdentity&) = default;
};

// What a call with a request id was answered, kept so that its repetition is answered alike.
struct AnsweredCall {
  RequestIdentity request;
  absl::Time answered_at;
  absl::Status status;
  bool should_start = false;
  bool keep_container = false;

  friend bool operator==(const AnsweredCall&, const AnsweredCall&) = default;
};

// Records are immutable and shared between working state, committed view and readers: a change
// makes a new one.
template <typename R>
using Record = std::shared_ptr<const R>;

// before == nullptr: the row appears. after == nullptr: it disappears. Never both null; the primary
// key of both is the same.
template <typename R>
struct RowChange {
  Record<R> before;
  Record<R> after;
};

// The primary key of an actual LRP row. Source: reference/sql-schema.md, actual_lrps.
struct ActualLrpSlot {
  ProcessGuid process_guid;
  int32_t index = 0;
  Presence presence = Presence::kOrdinary;

  friend bool operator==(const ActualLrpSlot&, const ActualLrpSlot&) = default;
  friend auto operator<=>(const ActualLrpSlot&, const ActualLrpSlot&) = default;
};
inline ActualLrpSlot SlotOf(const ActualLrp& lrp) {
  return {lrp.key.process_guid, lrp.key.index, lrp.presence};
}

// Why an actual LRP row changed, where the rows alone do not tell the events apart.
struct ActualLrpChange : RowChange<ActualLrp> {
  enum class Cause {
    kPlain,
    kCrash,         // a crashed event goes with it; the row's crash_reason may be cut
    kPresenceMove,  // half of a move of one row from one presence to another: the removal of the
                    // old slot and the appearance of the new one are told as one "changed"
  };
  Cause cause = Cause::kPlain;
  std::string uncut_reason =
      {};  // crash reason or placement error as reported; events carry this text
};
using DesiredLrpChange = RowChange<DesiredLrp>;
using TaskChange = RowChange<Task>;
using DomainChange = RowChange<DomainRecord>;
using AnsweredCallChange = RowChange<AnsweredCall>;

using Change =
    std::variant<DesiredLrpChange, ActualLrpChange, TaskChange, DomainChange, AnsweredCallChange>;
using Changes = std::vector<Change>;

}  // namespace diego::bbs
