// Requests gather while a round runs; the next round takes all of them, each piece of work once, in
// the order in which they are decided.
// Source: reference/behaviours.md section 8 "batching", "order".
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/auctioneer/core/auction.h"

namespace diego::auctioneer {

// What is wrong with a request by itself, naming the field; "" when nothing is. Such a request can
// never be placed and is dropped. Source: reference/rep-auctioneer-http-api.md "dropped silently".
std::string FaultOf(const LrpStartRequest& request);
std::string FaultOf(const TaskStartRequest& request);

// A plain value; one thread at a time.
class PendingBatch {
 public:
  explicit PendingBatch(size_t capacity) : capacity_(capacity) {}

  // Adds what is not waiting already: the first of two equal ones (same process guid and index, or
  // task guid) stays, but one of another definition takes its place. False, and nothing added, when
  // the new ones do not fit.
  bool Add(const LrpStartRequest& request);
  bool Add(const TaskStartRequest& request);
  // Puts back what a cell did not take, unless it is waiting again already. Always fits: it was
  // counted before.
  void Return(LrpAuction auction);
  void Return(TaskAuction auction);

  // Everything that waits, in no particular order; nothing waits afterwards.
  Batch Take();
  bool empty() const { return batch_.empty(); }
  size_t size() const { return batch_.size(); }

 private:
  const size_t capacity_;
  Batch batch_;
  std::map<std::pair<ProcessGuid, int32_t>, size_t> lrps_;  // where in batch_.lrps
  std::set<TaskGuid> tasks_;
};

// The order of decision: LRPs by index ascending, then memory descending; of these first those of
// index 0, then tasks by memory descending, then the other LRPs. Ties, which the original leaves
// to chance, stay in order of arrival.
struct OrderedBatch {
  std::vector<LrpAuction> first_lrps;
  std::vector<TaskAuction> tasks;
  std::vector<LrpAuction> other_lrps;
};
OrderedBatch Order(Batch batch);

}  // namespace diego::auctioneer
