// locket: leases on keys, that elect singletons and announce cells.
#include <iostream>

#include "libs/config/run_service.h"
#include "libs/sql/error.h"
#include "services/locket/config.h"
#include "services/locket/server.h"

namespace {

// A database that is away comes back; whatever else is wrong does not mend itself.
bool MayPass(const absl::Status& status) {
  return diego::sql::KindOf(status) == diego::sql::ErrorKind::kConnectionLost;
}

}  // namespace

int main(int argc, char** argv) {
  return diego::config::RunService("locket", diego::locket::LocketConfigTable(), argc, argv,
                                   std::cout, std::cerr, diego::locket::LocketServer::Start,
                                   MayPass);
}
