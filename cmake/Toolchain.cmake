# Language level, warnings, and the tools that keep the edit-build-test loop short.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

set(CMAKE_CXX_FLAGS_RELEASE "-O2")  # no NDEBUG: invariants stay checked in production
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g")
set(CMAKE_CXX_FLAGS_SANITIZE "-O1 -g1 -fno-omit-frame-pointer")
set(CMAKE_EXE_LINKER_FLAGS_SANITIZE "")

# Off: what GCC 12 reports of std::string where there is nothing (its PR 105329 and 105651), in ever
# other places as code changes.
set(DIEGO_WARNINGS -Wall -Wextra -Werror -Wswitch -Wnon-virtual-dtor -Wno-array-bounds -Wno-restrict)
# Tests are compiled faster than they run; what they test is compiled as it is shipped.
set(DIEGO_TEST_OPTIONS $<$<CONFIG:Release>:-O1>)

set(DIEGO_SANITIZER "" CACHE STRING "Value for -fsanitize=, or empty")
if(DIEGO_SANITIZER)
  add_compile_options(-fsanitize=${DIEGO_SANITIZER} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${DIEGO_SANITIZER})
  # GCC 12 reports false positives of these two through sanitizer instrumentation.
  add_compile_options(-Wno-maybe-uninitialized -Wno-tsan)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_SOURCE_DIR}/tools/compile)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_SOURCE_DIR}/tools/compile)
endif()
if(NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)  # for ccache
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()
