// What the engine of one term is set to. All bounds are counts unless named otherwise.
#pragma once

#include <cstddef>

#include "absl/time/time.h"
#include "services/bbs/core/command.h"

namespace diego::bbs {

struct EngineSettings {
  RuleSettings rules;
  ConvergeSettings converge;
  absl::Duration converge_interval = absl::Seconds(30);
  // A slice of convergence looks at so many rows that it takes about this long, and at no more.
  absl::Duration converge_slice_time = absl::Milliseconds(2);
  int converge_rows_per_slice = 2000;

  // Calls that may wait for the sequencer; one more is refused with ResourceExhausted.
  size_t queue_calls = 16384;
  // A group takes no further call once it holds this many calls or changes. One call with many
  // changes may exceed the second.
  size_t group_calls = 1024;
  size_t group_changes = 4096;
  // Committed groups that may wait to be published while later ones commit.
  size_t unpublished_groups = 16;

  // Reads are answered for this long after the database was last known to hold our epoch.
  absl::Duration confirmation_good_for = absl::Seconds(3);
  // The term ends when the database has not confirmed the epoch for this long.
  absl::Duration give_up_after = absl::Seconds(15);
  absl::Duration resend_pause = absl::Milliseconds(50);

  // Events kept for subscribers that resume, and how far one may fall behind.
  size_t history_events = 131072;
  size_t subscriber_lag_events = 65536;
  size_t subscribers = 10000;
  // How often a subscriber without news is told how far it is.
  absl::Duration subscriber_beat = absl::Seconds(10);
};

}  // namespace diego::bbs
