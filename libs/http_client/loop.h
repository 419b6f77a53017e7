// Loop: many requests at once on one thread. Keeps connections open between requests.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "absl/time/time.h"
#include "libs/http_client/request.h"

namespace diego::http_client {

// Belongs to one thread, but for Wake.
class Loop {
 public:
  using Done = std::function<void(Outcome)>;

  Loop();
  // Abandons what is under way, without calling back.
  ~Loop();

  // Begins a request; `done` is called once, from within Step. It may begin another.
  void Begin(Request request, Done done);
  size_t under_way() const;
  // Moves everything on; waits up to `patience` for something to happen.
  void Step(absl::Duration patience);
  // Ends the wait of the Step under way, or of the next one. Any thread.
  void Wake();
  // Ends everything under way with Cancelled.
  void CancelAll();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace diego::http_client
