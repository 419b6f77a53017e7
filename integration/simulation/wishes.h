// Wishes: what the operator wants of its LRPs next, drawn by chance. In two of three runs it also
// updates them with definitions, of which some never come up, cancels and rolls back.
#pragma once

#include <optional>
#include <string>

#include "integration/simulation/world.h"
#include "libs/models/error.h"
#include "services/bbs/core/command.h"
#include "services/bbs/core/state.h"

namespace diego::simulation {

// What is to be known of an LRP that is desired.
struct LrpPicture {
  int32_t instances = 0;
  std::string definition;  // the active one's id; "" = nobody can know before it is answered

  friend bool operator==(const LrpPicture&, const LrpPicture&) = default;
};
using Picture = std::optional<LrpPicture>;  // none: not desired

std::string Text(const Picture& picture);

struct LrpWish {
  std::string text;
  bbs::Command command;
  Picture expected;                         // once it is acknowledged
  std::optional<ErrorType> may_be_refused;  // even though nobody else has wishes
};

class Wishes {
 public:
  explicit Wishes(World* world) : world_(world), rolls_(world->Below(3) != 0) {}

  // `stored`: the LRP as the database has it, nullptr when nobody desires it.
  LrpWish Next(const ProcessGuid& guid, const bbs::Record<DesiredLrp>& stored);
  // To make an LRP well whose active definition does not come up; half of them are left as they
  // are.
  std::optional<LrpWish> Mend(const bbs::Record<DesiredLrp>& stored);

 private:
  LrpWish Desire(const ProcessGuid& guid, int32_t instances);
  LrpWish Update(const DesiredLrp& stored, const std::string& definition,
                 std::optional<int32_t> instances);
  LrpWish Cancel(const DesiredLrp& stored);
  LrpWish RollBack(const DesiredLrp& stored);

  World* const world_;
  const bool rolls_;
  int definitions_ = 0;
};

}  // namespace diego::simulation
