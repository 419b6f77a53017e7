// The configuration file of each member of a test deployment.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "libs/rpc/tls_files.h"

namespace diego::harness {

struct DeploymentFacts {
  std::string directory;
  std::string log_level;
  std::string database_driver;  // sqlite, mysql
  std::string bbs_database;     // connection strings
  std::string locket_database;
  int network_number = 0;  // 0..4095: tells the networks of deployments on one machine apart
  std::map<std::string, std::string> addresses;  // by member name
  std::map<std::string, std::string> metrics_addresses;
  std::map<std::string, std::string> http_addresses;    // of BBSs, auctioneer and cells
  std::map<std::string, std::string> health_addresses;  // of BBSs and route-emitter
  std::map<std::string, std::string> local_addresses;   // of cells: HTTP for their machine alone
  std::vector<std::string> bbs_addresses;
};

// JSON text for the member called `name` ("locket", "bbs-1", "cell-2", …), which shows `tls`.
std::string ConfigOf(const std::string& name, const DeploymentFacts& facts,
                     const rpc::TlsFiles& tls);

}  // namespace diego::harness
