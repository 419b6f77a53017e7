// route-emitter: tells routers where the instances of LRPs answer.
#include <iostream>

#include "libs/config/run_service.h"
#include "services/route-emitter/config.h"
#include "services/route-emitter/server.h"

int main(int argc, char** argv) {
  return diego::config::RunService("route-emitter", diego::route_emitter::RouteEmitterConfigTable(),
                                   argc, argv, std::cout, std::cerr,
                                   diego::route_emitter::RouteEmitterServer::Start);
}
