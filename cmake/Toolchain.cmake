# Language level, warnings, and the tools that keep the edit-build-test loop short.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

set(CMAKE_CXX_FLAGS_RELEASE "-O2")  # no NDEBUG: invariants stay checked in production
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g")
set(CMAKE_CXX_FLAGS_SANITIZE "-O1 -g1 -fno-omit-frame-pointer")
set(CMAKE_EXE_LINKER_FLAGS_SANITIZE "")

set(DIEGO_WARNINGS -Wall -Wextra -Werror -Wswitch -Wnon-virtual-dtor)
# Compiling a test costs more than running it; what it tests is compiled as it is shipped.
set(DIEGO_TEST_OPTIONS $<$<CONFIG:Release>:-O0>)

set(DIEGO_SANITIZER "" CACHE STRING "Value for -fsanitize=, or empty")
if(DIEGO_SANITIZER)
  add_compile_options(-fsanitize=${DIEGO_SANITIZER} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${DIEGO_SANITIZER})
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_SOURCE_DIR}/tools/compile)
endif()
if(NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)  # what ccache asks for with precompiled headers
  add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()
