// rep: runs the work of one cell in containers and keeps the BBS told what is true.
#include <iostream>

#include "libs/config/run_service.h"
#include "services/rep/config.h"
#include "services/rep/server.h"

int main(int argc, char** argv) {
  return diego::config::RunService("rep", diego::rep::RepConfigTable(), argc, argv, std::cout,
                                   std::cerr, diego::rep::RepServer::Start);
}
