// ActiveTerm: the term that serves at present, if any: where calls find the engine. Thread-safe.
#pragma once

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "libs/sync/guarded.h"
#include "services/bbs/engine/term.h"

namespace diego::bbs {

class ActiveTerm {
 public:
  // Unavailable on a standby. The term may end, but not go, while it is held.
  absl::StatusOr<std::shared_ptr<Term>> Get() const {
    std::shared_ptr<Term> term =
        term_.With([](const std::shared_ptr<Term>& serving) { return serving; });
    if (term == nullptr) return absl::UnavailableError("this BBS is not active");
    return term;
  }
  // nullptr: none serves.
  void Set(std::shared_ptr<Term> term) {
    term_.With([&](std::shared_ptr<Term>& serving) { serving.swap(term); });
  }

 private:
  Guarded<std::shared_ptr<Term>> term_;
};

}  // namespace diego::bbs
