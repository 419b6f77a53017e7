// Bodies in JSON as an enemy, or a broken peer, would send them to the rep and the auctioneer: the
// keys of reference/rep-auctioneer-http-api.md with values that are mostly of the right type, and
// what is no JSON. Drawn from a seed, the same on every machine.
#pragma once

#include <string>

#include "integration/suite/awkward.h"

namespace diego::suite {

// One thread.
class BadJson {
 public:
  explicit BadJson(uint64_t seed) : random_(seed) {}

  BadRequest Next();

  Random& random() { return random_; }

 private:
  enum class Type { kText, kNumber, kFlag, kTexts, kNumbers, kObject, kObjects };
  struct Key;
  static const Key kKeys[];

  std::string Value(Type type, int depth);
  std::string AnyValue(int depth);
  std::string Object(int depth);
  template <typename Element>
  std::string Array(Element element);

  Random random_;
};

}  // namespace diego::suite
