#include "integration/simulation/world.h"

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace diego::simulation {
namespace {
constexpr size_t kNotesKept = 300;
}  // namespace

absl::Duration World::Between(absl::Duration least, absl::Duration most) {
  // Whole nanoseconds, as the clock counts them.
  const int64_t span = absl::ToInt64Nanoseconds(most - least);
  return least +
         absl::Nanoseconds(static_cast<int64_t>(static_cast<double>(span) * random_.Fraction()));
}

void World::After(absl::Duration delay, std::function<void()> what) {
  agenda_.emplace(std::pair(now() + delay, next_entry_++), std::move(what));
}

bool World::Step() {
  if (failure_ || agenda_.empty()) return false;
  auto entry = agenda_.extract(agenda_.begin());
  if (entry.key().first > now()) clock_.Advance(entry.key().first - now());
  ++steps_;
  entry.mapped()();
  return !failure_;
}

void World::Note(absl::string_view who, absl::string_view what) {
  std::string note =
      absl::StrFormat("%10.4fs #%d %s: %s", absl::ToDoubleSeconds(now()), steps_, who, what);
  for (const char c : note)
    fingerprint_ = fingerprint_ * 1099511628211ULL + static_cast<unsigned char>(c);
  if (verbose_) std::puts(note.c_str());
  notes_.push_back(std::move(note));
  if (notes_.size() > kNotesKept) notes_.pop_front();
}

void World::Fail(const std::string& what) {
  if (failure_) return;
  Note("FAILED", what);
  failure_ = what;
}

}  // namespace diego::simulation
