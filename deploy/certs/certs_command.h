// diego-certs: makes a certificate authority and the certificates that Diego's services show each
// other. What they say: docs/adr/0006-peer-identity-in-certificates.md.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace diego::certs {

// Runs `diego-certs <arguments…>` at the time `now` and returns its exit code: 0 done, 1 could not
// be done, 2 not understood. Results go to `out`, one path a line; faults to `err`.
int Run(const std::vector<std::string>& arguments, absl::Time now, std::ostream& out,
        std::ostream& err);

}  // namespace diego::certs
