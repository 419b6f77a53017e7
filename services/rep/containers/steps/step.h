// Step: one action being carried out. A tree of steps mirrors the tree of actions.
//
// Everything about steps happens on the event loop's thread; what blocks is handed to pools and
// comes back to the loop. Source: reference/behaviours.md section 10.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "services/rep/containers/app_log.h"
#include "services/rep/containers/event_loop.h"
#include "services/rep/containers/runtime.h"
#include "services/rep/containers/transfer/transfers.h"
#include "services/rep/containers/work_pool.h"

namespace diego::rep {

struct StepResult {
  enum class Kind { kDone, kFailed, kCancelled };
  Kind kind = Kind::kDone;
  std::string reason;  // for people, when failed; may be empty

  static StepResult Done() { return {}; }
  static StepResult Failed(std::string reason) { return {Kind::kFailed, std::move(reason)}; }
  static StepResult Cancelled() { return {Kind::kCancelled, ""}; }
  bool ok() const { return kind == Kind::kDone; }
};

// Held by shared_ptr; keeps itself alive while it works.
class Step {
 public:
  using Finished = std::function<void(StepResult)>;
  virtual ~Step() = default;
  // Called once. `finished` is called exactly once, possibly before Start returns.
  virtual void Start(Finished finished) = 0;
  // Asks a started step to end soon; it still calls `finished`. Repeatable.
  virtual void Cancel() = 0;
};
using StepPtr = std::shared_ptr<Step>;

// What the steps of one container share. The references outlive every step.
struct StepContext {
  std::string container_guid;
  std::string cell_ip;
  NetworkInfo network;
  std::shared_ptr<AppLog> log;
  absl::Duration graceful_shutdown_interval = absl::Seconds(10);

  Runtime* runtime = nullptr;
  EventLoop* loop = nullptr;
  WorkPool* pool = nullptr;  // for starting processes
  Transfers* transfers = nullptr;
};
using StepContextPtr = std::shared_ptr<const StepContext>;

}  // namespace diego::rep
