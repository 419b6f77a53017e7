// auctioneer: decides which cell runs what.
#include <iostream>

#include "libs/config/run_service.h"
#include "services/auctioneer/config.h"
#include "services/auctioneer/server.h"

int main(int argc, char** argv) {
  return diego::config::RunService("auctioneer", diego::auctioneer::AuctioneerConfigTable(), argc,
                                   argv, std::cout, std::cerr,
                                   [](const auto& config, const auto& log, const auto&) {
                                     return diego::auctioneer::AuctioneerServer::Start(config, log);
                                   });
}
