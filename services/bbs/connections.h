// What the configuration says of the BBS's neighbours, as their clients want it.
#pragma once

#include <string>

#include "libs/clients/locket_client.h"
#include "libs/rpc/channel.h"
#include "libs/sql/database.h"
#include "services/bbs/config.h"

namespace diego::bbs {

// The lock of the active BBS, at Locket.
inline constexpr char kLockKey[] = "bbs";

sql::DatabaseOptions DatabaseOptionsOf(const BbsConfig& config);

// The identity for one kind of peer; what is not given is that of the server.
rpc::TlsFiles TlsOf(const BbsConfig& config, const std::string& ca, const std::string& cert,
                    const std::string& key);

clients::ConnectionOptions LocketOptionsOf(const BbsConfig& config);

}  // namespace diego::bbs
