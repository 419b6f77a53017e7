#include "libs/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace diego::check_internal {

Failure::Failure(const char* file, int line, const char* condition) {
  text_ << file << ":" << line << ": check failed: " << condition << " ";
}

Failure::~Failure() {
  std::fprintf(stderr, "%s\n", text_.str().c_str());
  std::fflush(stderr);
  std::abort();
}

}  // namespace diego::check_internal
