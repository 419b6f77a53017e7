#include "services/bbs/store/migrations/additions.h"

namespace diego::bbs {

using Step = sql::MigrationStep;

std::vector<sql::MigrationStep> Additions() {
  return {
      Step::Both("ALTER TABLE desired_lrps ADD COLUMN crash_restart_policy TEXT"),
      Step::Both("ALTER TABLE domains ADD COLUMN crash_restart_policy TEXT"),
  };
}

}  // namespace diego::bbs
