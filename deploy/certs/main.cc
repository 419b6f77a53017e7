#include <iostream>
#include <string>
#include <vector>

#include "deploy/certs/certs_command.h"
#include "libs/base/clock.h"

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  return diego::certs::Run(arguments, diego::RealClock().Now(), std::cout, std::cerr);
}
