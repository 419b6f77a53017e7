#include "libs/base/random.h"

#include <sys/random.h>

#include <cstdio>

#include "libs/base/check.h"

namespace diego {
namespace {

__extension__ using Wide = unsigned __int128;

std::string FormatUuid(uint64_t high, uint64_t low) {
  high = (high & 0xffffffffffff0fffULL) | 0x0000000000004000ULL;  // version 4
  low = (low & 0x3fffffffffffffffULL) | 0x8000000000000000ULL;    // RFC 4122 variant
  char text[37];
  std::snprintf(text, sizeof(text), "%08x-%04x-%04x-%04x-%012llx",
                static_cast<unsigned>(high >> 32), static_cast<unsigned>((high >> 16) & 0xffff),
                static_cast<unsigned>(high & 0xffff), static_cast<unsigned>(low >> 48),
                static_cast<unsigned long long>(low & 0xffffffffffffULL));
  return text;
}

}  // namespace

uint64_t Random::Next() {
  state_ += 0x9e3779b97f4a7c15ULL;
  uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

uint64_t Random::Below(uint64_t bound) {
  DIEGO_CHECK(bound > 0);
  return static_cast<uint64_t>((static_cast<Wide>(Next()) * bound) >> 64);
}

double Random::Fraction() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }

std::string Random::Uuid() {
  const uint64_t high = Next();
  return FormatUuid(high, Next());
}

uint64_t EntropySeed() {
  uint64_t seed = 0;
  DIEGO_CHECK(getrandom(&seed, sizeof(seed), 0) == sizeof(seed));
  return seed;
}

std::string RandomUuid() {
  const uint64_t high = EntropySeed();
  return FormatUuid(high, EntropySeed());
}

}  // namespace diego
