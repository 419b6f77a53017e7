// Revisions: how far a BBS's history has come; they only grow.
#pragma once

#include <cstdint>

namespace diego {

// A BBS of the original has none. Its client counts by itself, from a number that no BBS of ours
// ever reaches: so one kind is not taken for the other when a BBS is replaced.
inline constexpr int64_t kFirstCountedByClient = 1'000'000'000'000'000;

// Whether the two come from one kind of count, and so can be compared.
inline bool CountedAlike(int64_t a, int64_t b) {
  return (a < kFirstCountedByClient) == (b < kFirstCountedByClient);
}

}  // namespace diego
