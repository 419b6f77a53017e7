#include "services/rep/containers/init/init_image.h"

// DIEGO_INIT_PATH is the freshly linked program; the build makes it before this file.
asm(".section .rodata\n"
    ".global diego_init_begin\n"
    ".global diego_init_end\n"
    "diego_init_begin:\n"
    ".incbin \"" DIEGO_INIT_PATH
    "\"\n"
    "diego_init_end:\n"
    ".byte 0\n"
    ".previous\n");

extern "C" const char diego_init_begin[];
extern "C" const char diego_init_end[];

namespace diego::rep {

absl::string_view InitImage() {
  return absl::string_view(diego_init_begin, diego_init_end - diego_init_begin);
}

}  // namespace diego::rep
