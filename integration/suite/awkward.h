// What requests of all protocols are made awkward with: values that programs stumble over, and ways
// of spoiling bytes. Drawn from a seed, the same on every machine.
#pragma once

#include <cstdint>
#include <string>

#include "libs/base/random.h"

namespace diego::suite {

// A request as it is sent, and what was done to it: "truncated".
struct BadRequest {
  std::string bytes;
  std::string kind;
};

inline bool OneIn(Random* random, uint64_t n) { return random->Below(n) == 0; }

// Names that records go by, so that calls come further than the door, and texts that are none:
// empty, of other alphabets, with quotes and NULs, too long.
std::string AwkwardText(Random* random);
// Zero, small, and the ends of what integers hold.
int64_t AwkwardNumber(Random* random);

// Fewer than `most` bytes of any value.
std::string Noise(Random* random, size_t most);
// At least the last byte is missing.
std::string Truncated(Random* random, const std::string& bytes);
// A few bytes are others.
std::string Changed(Random* random, std::string bytes);

}  // namespace diego::suite
