// Options of connections from the configuration blocks that services share.
#pragma once

#include "absl/time/time.h"
#include "libs/clients/connection.h"
#include "libs/config/shared_blocks.h"
#include "libs/rpc/tls_files.h"

namespace diego::clients {

// `timeout`: of a call.
ConnectionOptions LocketOptions(const config::LocketConfig& config, absl::Duration timeout);

// The block does not say who we are towards the BBS: `tls` does. `log`: see ConnectionOptions.
ConnectionOptions BbsOptions(const config::BbsAddressConfig& config, const rpc::TlsFiles& tls,
                             absl::Duration timeout, const log::Logger& log);

}  // namespace diego::clients
