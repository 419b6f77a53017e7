// ActiveTerm: the term that serves at present, if any: where calls find the engine. Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "libs/sync/guarded.h"
#include "services/bbs/engine/term.h"

namespace diego::bbs {

class ActiveTerm {
 public:
  // Unavailable on a standby, with what Explain said last. The term may end, but not go, while it
  // is held.
  absl::StatusOr<std::shared_ptr<Term>> Get() const {
    return data_.With([](const Data& data) -> absl::StatusOr<std::shared_ptr<Term>> {
      if (data.term != nullptr) return data.term;
      if (data.why_not.empty()) return absl::UnavailableError("this BBS is not active");
      return absl::UnavailableError(absl::StrCat("this BBS is not active: ", data.why_not));
    });
  }
  // The term that is about to load, or nullptr: calls do not find it yet, but lost cells do. It
  // says which cells ought to be there before it serves, and what is found missing then is told
  // once.
  void Await(std::shared_ptr<Term> term) {
    data_.With([&](Data& data) { data.awaited.swap(term); });
  }
  // nullptr: none serves. Nobody is awaited any more.
  void Set(std::shared_ptr<Term> term) {
    std::shared_ptr<Term> awaited;  // let go after the lock
    data_.With([&](Data& data) {
      data.term.swap(term);
      data.awaited.swap(awaited);
    });
  }
  // Cells are lost: the term that serves, or will, is to converge.
  void ConvergeNow() const {
    const auto term =
        data_.With([](const Data& data) { return data.term ? data.term : data.awaited; });
    if (term != nullptr) term->ConvergeNow();
  }
  // What callers are told while none serves, beyond that; "" for no more.
  void Explain(std::string why_not) {
    data_.With([&](Data& data) { data.why_not = std::move(why_not); });
  }

 private:
  struct Data {
    std::shared_ptr<Term> term;
    std::shared_ptr<Term> awaited;
    std::string why_not;
  };
  Guarded<Data> data_;
};

}  // namespace diego::bbs
