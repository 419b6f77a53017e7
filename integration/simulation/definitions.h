// Definitions that the operator desires and updates LRPs with. Their ids say how they fare: some
// never come up.
#pragma once

#include <string>

#include "libs/models/desired_lrp.h"

namespace diego::simulation {

enum class Fate {
  kGood,
  kCrashing,  // ends before it runs
  kHomeless,  // no cell offers what it needs
};

// A new id for each number.
std::string DefinitionId(Fate fate, int number);
Fate FateOf(const std::string& definition_id);
inline bool ComesUp(const std::string& definition_id) {
  return FateOf(definition_id) == Fate::kGood;
}

LrpDefinition MakeDefinition(const std::string& id);
// What a client that knows nothing of definitions sees of the LRP is one of them, and whole: the
// one that is said to be active.
bool ShowsItsDefinition(const DesiredLrp& lrp);
// As such a client sees it, it is the same.
bool LooksTheSame(const DesiredLrp& a, const DesiredLrp& b);

}  // namespace diego::simulation
