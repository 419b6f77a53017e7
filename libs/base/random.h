// Seeded randomness: a small generator whose whole state is a value, so that cores may draw from
// it, and the one door to unpredictable seeds for shells.
#pragma once

#include <cstdint>
#include <string>

namespace diego {

// SplitMix64. Deterministic: the same seed draws the same numbers on every machine.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t Next();
  // Uniform in [0, bound); bound > 0.
  uint64_t Below(uint64_t bound);
  // Uniform in [0, 1).
  double Fraction();
  // An RFC 4122 version 4 UUID, 36 characters.
  std::string Uuid();

 private:
  uint64_t state_;
};

// A seed from the operating system's entropy. Any thread.
uint64_t EntropySeed();
// A version 4 UUID from the operating system's entropy. Any thread.
std::string RandomUuid();

}  // namespace diego
